package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/source"
)

// Event is one event as the oracle sees it. Ids are only compared, so they may be the producer's or hashes.
type Event struct {
	Topic, Kind, ID string
	TimeMS          int64
	AppendMS        int64 // of its record in the journal; 0: unknown, and then no event is from the future
	Show, Esol      string
	Campaign        string
	Person          string // "": unknown
	Text, Role, Ref string
	Count           int64
	Minor           int64 // of a gift or of spend
	Currency        string
	AccountMS       int64 // when the person's account was made; 0: unknown
	Order           *Version
	Catalog         *eventpb.Catalog
}

// Version is one version of an order.
type Version struct {
	OrderID, Status           string
	Version                   int64
	HasAmount                 bool
	Minor                     int64
	Currency, Channel, Method string
	Lines                     []Line
	Refunds                   []Refund
	Code                      string // coupon
	Test                      bool
}

// Line is one line of an order or a refund.
type Line struct {
	ID, Product, Brand        string
	Quantity, Price, Discount int64
}

// Refund is one refund transaction.
type Refund struct {
	ID            string
	Minor, TimeMS int64
	Lines         []Line
}

// raw is the JSON of all four topics together, as the brief of the raw format has it.
type raw struct {
	EventID  *string         `json:"event_id"`
	Time     json.RawMessage `json:"time"`
	Show     string          `json:"show_id"`
	Esol     string          `json:"esol_id"`
	Campaign string          `json:"campaign_id"`
	Platform string          `json:"platform"`
	Person   string          `json:"person_id"`
	Other    string          `json:"other_person_id"`
	Kind     string          `json:"kind"`
	Retracts string          `json:"retracts"`
	Text     string          `json:"text"`
	Role     string          `json:"role"`
	ReplyTo  string          `json:"reply_to"`
	Count    *int64          `json:"count"`
	Product  string          `json:"product_id"`
	Amount   json.RawMessage `json:"amount"`
	Currency string          `json:"currency"`

	OrderID string          `json:"order_id"`
	Version *int64          `json:"version"`
	Updated json.RawMessage `json:"updated_at"`
	Status  string          `json:"status"`
	Lines   []rawLine       `json:"lines"`
	Refunds []struct {
		ID     string          `json:"refund_id"`
		Amount json.RawMessage `json:"amount"`
		Time   json.RawMessage `json:"time"`
		Lines  []rawLine       `json:"lines"`
	} `json:"refunds"`
	Channel string `json:"channel"`
	Code    string `json:"code"`
	Method  string `json:"payment_method"`
	Test    bool   `json:"test"`

	CatalogID   string          `json:"id"`
	Campaigns   []string        `json:"campaign_ids"`
	Brand       string          `json:"brand_id"`
	Esols       []string        `json:"esol_ids"`
	Start       json.RawMessage `json:"start"`
	End         json.RawMessage `json:"end"`
	ReturnAfter int64           `json:"return_window_ms"`
	Lexicon     []rawTerm       `json:"lexicon"`
	Facts       []rawTerm       `json:"facts"`
	Beats       []rawTerm       `json:"beats"`
	Negative    []rawTerm       `json:"negative"`
	Brands      []string        `json:"brand_ids"`
	Codes       []string        `json:"codes"`
	Name        string          `json:"name"`
	Aliases     []string        `json:"aliases"`
	Action      string          `json:"action"`
	Created     json.RawMessage `json:"account_created"`
}

// rawTerm is a string, or an object with forms.
type rawTerm struct {
	ID             string   `json:"id"`
	Forms          []string `json:"forms"`
	ContradictedBy []string `json:"contradicted_by"`
}

func (t *rawTerm) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &t.ID) != nil {
		type plain rawTerm
		if err := json.Unmarshal(b, (*plain)(t)); err != nil {
			return err
		}
	}
	if len(t.Forms) == 0 {
		t.Forms = []string{t.ID}
	}
	return nil
}

func terms(list []rawTerm) (all []*eventpb.Term) {
	for _, t := range list {
		all = append(all, &eventpb.Term{Id: t.ID, Forms: t.Forms, ContradictedBy: t.ContradictedBy})
	}
	return all
}

type rawLine struct {
	ID       string          `json:"line_id"`
	Product  string          `json:"product_id"`
	Brand    string          `json:"brand_id"`
	Quantity int64           `json:"quantity"`
	Price    json.RawMessage `json:"unit_price"`
	Discount json.RawMessage `json:"discount"`
}

// Decode reads a raw record as ingest must. place is what stands in for a missing event id. reason is that of a dead
// letter; with one, e says nothing. Future times are judged against nowMS.
func Decode(r source.Record, place string, nowMS, minMS int64) (e Event, reason string) {
	switch {
	case len(r.Value) > event.MaxRecordBytes:
		return e, "too_large"
	case r.Value == nil && r.Topic == source.Catalog:
		kind, id, _ := bytes.Cut(r.Key, []byte("/"))
		return Event{Topic: r.Topic, Kind: "catalog",
			Catalog: &eventpb.Catalog{Kind: string(kind), Id: string(id), Deleted: true}}, ""
	case !utf8.Valid(r.Value):
		return e, "invalid_utf8"
	case !json.Valid(r.Value):
		return e, "malformed_json"
	}
	var v raw
	if err := json.Unmarshal(r.Value, &v); err != nil {
		return e, "bad_field"
	}
	if r.Topic == source.Catalog {
		return catalogEntry(v)
	}
	e = Event{Topic: r.Topic, ID: place, Show: v.Show, Esol: v.Esol, Campaign: v.Campaign,
		Text: v.Text, Role: v.Role, Count: 1}
	if v.EventID != nil && *v.EventID != "" {
		e.ID = *v.EventID
	}
	if v.Created != nil && r.Topic != source.Orders {
		if e.AccountMS, _ = readTime(v.Created); e.AccountMS == 0 {
			return e, "bad_time"
		}
	}
	if v.Person != "" {
		e.Person = v.Platform + "\x00" + v.Person
	}
	if v.Time == nil {
		return e, "missing_field"
	}
	var ok bool
	if e.TimeMS, ok = readTime(v.Time); !ok {
		return e, "bad_time"
	}
	switch {
	case e.TimeMS > nowMS+5*60*1000:
		return e, "time_future"
	case e.TimeMS < minMS:
		return e, "time_past"
	}
	switch r.Topic {
	case source.Comments:
		return comment(e, v)
	case source.Reactions:
		return reaction(e, v)
	case source.Orders:
		return order(e, v)
	}
	return e, fmt.Sprintf("no such topic %q", r.Topic)
}

func comment(e Event, v raw) (Event, string) {
	switch v.Kind {
	case "", "comment":
		e.Kind, e.Ref = "comment", v.ReplyTo
	case "retract":
		e.Kind, e.Ref = "retract", v.Retracts
		if v.Retracts == "" {
			return e, "missing_field"
		}
	default:
		return e, "unknown_kind"
	}
	return e, ""
}

var reactionKinds = map[string]bool{"like": true, "gift": true, "share": true, "follow": true, "join": true,
	"leave":         true,
	"product_click": true, "add_to_cart": true, "checkout": true,
	"inquiry": true, "coupon_claim": true, "link_visit": true,
	"pin": true, "call": true, "viewers": true, "spend": true, "touch": true, "identity": true}

func reaction(e Event, v raw) (Event, string) {
	e.Kind = v.Kind
	switch {
	case v.Kind == "":
		return e, "missing_field"
	case !reactionKinds[v.Kind]:
		return e, "unknown_kind"
	}
	if v.Kind == "identity" { // of no show
		if e.Show = ""; v.Person == "" || v.Other == "" {
			return e, "missing_field"
		}
	}
	if v.Count != nil {
		if e.Count = *v.Count; e.Count < 0 {
			return e, "bad_field"
		}
	}
	if v.Amount != nil {
		var reason string
		if e.Minor, reason = money(v.Amount, v.Currency); reason != "" {
			return e, reason
		}
		e.Currency = v.Currency
	}
	return e, ""
}

func order(e Event, v raw) (Event, string) {
	e.Kind = "order"
	o := &Version{OrderID: v.OrderID, Status: v.Status, Currency: v.Currency, Channel: v.Channel, Method: v.Method,
		Code: v.Code, Test: v.Test, Version: e.TimeMS}
	e.Order = o
	if v.OrderID == "" || v.Status == "" {
		return e, "missing_field"
	}
	if v.Updated != nil {
		var ok bool
		if o.Version, ok = readTime(v.Updated); !ok {
			return e, "bad_time"
		}
	}
	if v.Version != nil {
		o.Version = *v.Version
	}
	var reason string
	if v.Amount != nil {
		o.HasAmount = true
		if o.Minor, reason = money(v.Amount, v.Currency); reason != "" {
			return e, reason
		}
	}
	if o.Lines, reason = lines(v.Lines, v.Currency); reason != "" {
		return e, reason
	}
	for _, f := range v.Refunds {
		r := Refund{ID: f.ID}
		if r.Minor, reason = money(f.Amount, v.Currency); reason != "" {
			return e, reason
		}
		if f.Time != nil {
			r.TimeMS, _ = readTime(f.Time)
		}
		if r.Lines, reason = lines(f.Lines, v.Currency); reason != "" {
			return e, reason
		}
		o.Refunds = append(o.Refunds, r)
	}
	return e, ""
}

func lines(in []rawLine, currency string) (out []Line, reason string) {
	for _, l := range in {
		n := Line{ID: l.ID, Product: l.Product, Brand: l.Brand, Quantity: l.Quantity}
		if l.Price != nil {
			if n.Price, reason = money(l.Price, currency); reason != "" {
				return nil, reason
			}
		}
		if l.Discount != nil {
			if n.Discount, reason = money(l.Discount, currency); reason != "" {
				return nil, reason
			}
		}
		out = append(out, n)
	}
	return out, ""
}

// money reads a JSON string or number of decimal text, by whole numbers only.
func money(text json.RawMessage, currency string) (minor int64, reason string) {
	digits, ok := event.Exponent(currency)
	if !ok {
		return 0, "unknown_currency"
	}
	s := bytes.Trim(text, `"`)
	negative := bytes.HasPrefix(s, []byte("-"))
	s = bytes.TrimPrefix(s, []byte("-"))
	whole, fraction, _ := bytes.Cut(s, []byte("."))
	for len(fraction) > digits && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if len(whole) == 0 || len(fraction) > digits {
		return 0, "bad_amount"
	}
	all := append(bytes.Clone(whole), fraction...)
	for range digits - len(fraction) {
		all = append(all, '0')
	}
	for _, c := range all {
		if c < '0' || c > '9' || minor > (math.MaxInt64-9)/10 {
			return 0, "bad_amount"
		}
		minor = 10*minor + int64(c-'0')
	}
	if negative {
		minor = -minor
	}
	return minor, ""
}

func readTime(b json.RawMessage) (ms int64, ok bool) {
	var s string
	if json.Unmarshal(b, &s) == nil {
		t, err := time.Parse(time.RFC3339Nano, s)
		return t.UnixMilli(), err == nil
	}
	return ms, json.Unmarshal(b, &ms) == nil
}

func catalogEntry(v raw) (Event, string) {
	c := &eventpb.Catalog{Kind: v.Kind, Id: v.CatalogID}
	start, _ := readTime(v.Start)
	end, _ := readTime(v.End)
	switch v.Kind {
	case "brand":
		c.Brand = &eventpb.Brand{ReturnWindowMs: v.ReturnAfter, Lexicon: terms(v.Lexicon), Facts: terms(v.Facts),
			Beats: terms(v.Beats), Negative: terms(v.Negative)}
	case "esol":
		c.Esol = &eventpb.Esol{Codes: v.Codes}
	case "show":
		c.Show = &eventpb.Show{EsolId: v.Esol, CampaignIds: v.Campaigns, BrandIds: v.Brands, Platform: v.Platform, StartMs: start,
			EndMs: end}
	case "product":
		c.Product = &eventpb.Product{BrandId: v.Brand, Name: v.Name, Aliases: v.Aliases}
	case "campaign":
		c.Campaign = &eventpb.Campaign{BrandId: v.Brand, EsolIds: v.Esols, StartMs: start, EndMs: end}
	case "fx":
		c.Fx = &eventpb.Fx{}
	default:
		return Event{}, "unknown_kind"
	}
	return Event{Topic: source.Catalog, Kind: "catalog", Catalog: c}, ""
}
