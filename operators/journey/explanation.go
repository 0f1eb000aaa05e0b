package journey

import (
	"errors"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// ErrUnknownOrder says that no version of an order has been seen.
var ErrUnknownOrder = errors.New("the order is not known")

// Explanation is one order, with what led to what is credited for it. Its JSON is stable: fields are added, and none
// changes its meaning. Times are UTC text, amounts decimal text in Currency, people pseudonyms in hex.
type Explanation struct {
	Order string `json:"order"`
	// Status is created, paid, cancelled, refunded, partially_refunded or, while nobody has told it, unspecified.
	Status    string `json:"status"`
	Uncounted string `json:"uncounted,omitempty"` // why it counts nowhere; then there are no parts, credits and models
	Currency  string `json:"currency"`
	OrderedAt Time   `json:"ordered_at"`        // the earliest that any version says
	PaidAt    Time   `json:"paid_at,omitempty"` // likewise

	// People are the buyer's pseudonym, the one that this is joined to, and so on: the last has the touches of all. None:
	// the buyer is not known.
	People []string `json:"people"`
	Names  Names    `json:"names"`
	Sale   Sale     `json:"sale"`
	Amounts
	Refunds []Back `json:"refunds"` // in order of id
	Holds   []Hold `json:"holds"`   // why a review should come before a payout; they take no money away

	Parts   []PartOf   `json:"parts"`   // by brand, in order; they sum to the order
	Credits []Credited `json:"credits"` // what each scope has of it, in order of scope
	// Models are the whole order under each, side by side: the sums of what the first verdict of each part has. A part
	// that nobody may be asked about is as it is under every model. None where the buyer is not known. Each sums to the
	// order.
	Models []Modelled `json:"models"`
}

// Amounts are layers: net = paid - refunded - cancelled.
type Amounts struct {
	Created   Amount `json:"created"`
	Paid      Amount `json:"paid"`
	Refunded  Amount `json:"refunded"`
	Cancelled Amount `json:"cancelled"`
	Net       Amount `json:"net"`
}

// Names are what the order's versions name, the newest of each.
type Names struct {
	Show     string `json:"show,omitempty"`
	Esol     string `json:"esol,omitempty"`
	Code     string `json:"code,omitempty"`
	Campaign string `json:"campaign,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Payment  string `json:"payment,omitempty"`
}

// Sale is what the catalog makes of the names.
type Sale struct {
	Esol      string   `json:"esol,omitempty"` // whose the order is by itself
	InLive    bool     `json:"in_live"`        // its show was on air
	Campaigns []string `json:"campaigns"`      // that it counts for by itself, in order
}

// Back is a refund transaction.
type Back struct {
	ID       string `json:"id"`
	Amount   Amount `json:"amount"`
	Currency string `json:"currency"`
	Counted  bool   `json:"counted"` // false: in another currency than the order's
	Lines    int    `json:"lines"`   // that it names
}

// Hold is a reason for a review.
type Hold struct {
	Name  string   `json:"name"`
	Why   string   `json:"why"`
	Esols []string `json:"esols"` // whose credits it holds, in order
}

// PartOf is a brand's part of the order.
type PartOf struct {
	Brand    string   `json:"brand"` // empty: of no known brand, which nobody is credited for by brand
	Products []string `json:"products"`
	Amounts
	// Verdicts are by campaign. The first governs what ESOLs are credited; the others decide about their own deals.
	Verdicts []Verdict `json:"verdicts"`
}

// Verdict is who has a part under a campaign, and why.
type Verdict struct {
	Campaign string   `json:"campaign,omitempty"` // empty: none covers the part, and models are by the default windows
	Model    string   `json:"model,omitempty"`    // in force; empty: none, the order's own ESOL has it whole
	Rounding string   `json:"rounding"`
	Organic  bool     `json:"organic_counts"`
	Closes   bool     `json:"closes_on_order"`
	Shares   []Shared `json:"shares"` // in force; they sum to the part
	// Current tells whether the model in force would say the same of the touches that are kept now. If not, its answer is
	// under way, or it stands from when other touches were kept (they are, for 45 days).
	Current bool       `json:"current"`
	Touches []Touched  `json:"touches"` // of the buyer, in order of time, and last what the order itself names
	Models  []Modelled `json:"models"`  // side by side; none where the buyer is not known or nobody may be asked
}

// Modelled is what a model says. Shares sum to what is divided.
type Modelled struct {
	Model  string   `json:"model"`
	Shares []Shared `json:"shares"`
}

// Shared is what one ESOL has. Without an ESOL it is nobody's.
type Shared struct {
	Esol string `json:"esol"`
	Amounts
	InLive  bool     `json:"in_live"`
	Touches []string `json:"touches,omitempty"` // that it is for, as ids; "order" is the order itself
}

// Touched is a touch, and whether it counts for the order.
type Touched struct {
	ID       string `json:"id"` // of its event; "order": the order itself, for what it names
	Time     Time   `json:"time"`
	Kind     string `json:"kind"`
	Surface  string `json:"surface"`
	Esol     string `json:"esol,omitempty"` // as the catalog has it
	Show     string `json:"show,omitempty"`
	Product  string `json:"product,omitempty"`
	Brand    string `json:"brand,omitempty"`
	Campaign string `json:"campaign,omitempty"`
	Counts   bool   `json:"counts"`
	// Why it does not: after_order, outside_window, organic (it has no ESOL), other_product, spent, beyond_16 (of those
	// that count, only so many are looked at, the latest), other_contract (its ESOL is none of the campaign's).
	Why      string `json:"why,omitempty"`
	SpentBy  string `json:"spent_by,omitempty"` // the order
	WindowMS int64  `json:"window_ms"`          // of its surface
}

// Credited is what a scope has of the order.
type Credited struct {
	Scope    string `json:"scope"` // esol/ID, show/ID, brand/ID, campaign/ID; deal/… is an ESOL under a campaign
	Campaign string `json:"campaign,omitempty"`
	Esol     string `json:"esol,omitempty"`
	Model    string `json:"model,omitempty"` // that shared it; empty: it is whole
	Amounts
	Units     int64    `json:"units"`
	InLive    bool     `json:"in_live"`
	SettlesAt Time     `json:"settles_at,omitempty"` // when the return window is over
	Touches   []string `json:"touches,omitempty"`
	Holds     []string `json:"holds,omitempty"`
	Said      bool     `json:"said"` // false: not yet, a change of the catalog is being gone through
}

// Time is milliseconds since 1970, as text; zero is not known where it may be left out.
type Time int64

// MarshalText implements encoding.TextMarshaler.
func (t Time) MarshalText() ([]byte, error) {
	return []byte(time.UnixMilli(int64(t)).UTC().Format("2006-01-02T15:04:05.000Z")), nil
}

// Amount is money, as decimal text without its currency.
type Amount struct {
	Minor    int64
	Currency string
}

// String is exact.
func (a Amount) String() string { return event.FormatMinor(a.Minor, a.Currency) }

// MarshalText implements encoding.TextMarshaler.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }
