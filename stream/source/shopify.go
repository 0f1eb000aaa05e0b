package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/netsu/netsu/stream/event"
)

// shopify reads what Shopify's REST API and webhooks send: an order or a refund, bare or wrapped ({"order": …},
// {"orders": […]}, {"refund": …}, {"refunds": […]}).
//
//	order ──▶ created, at the order's time ──▶ paid or (partially) refunded, when it was paid ──▶ cancelled
//	refund ─▶ the order's version that adds it
//
// An order is said as it is now, once for each of those steps that it has taken, since whoever sees only its last state
// must know that it was paid before it was cancelled. All have updated_at as their version.
//
//   - The amount is total_price, what was ordered, tax and shipping included: refunds come off it by themselves, and
//     current_total_price has them off already. Only of an order that was edited and never refunded is
//     current_total_price the amount. One that was both keeps the total of its making [JUDG].
//   - Money is the shop's (shop_money), whatever the buyer saw (presentment_money): all orders of a shop sum up.
//   - A refund's money are its transactions of kind refund that succeeded; pending and failed ones count once they have.
//     Its units are its lines. The two need not agree, and order_adjustments only say why they do not.
//   - Not paid are pending, authorized and partially_paid; voided and expired orders are cancelled. So cash on delivery
//     and convenience store orders are not paid until Shopify says that they are.
//   - Transactions by themselves say nothing here: a capture can be of a part, and only the order knows.
type shopify struct{ Payloads }

// shopifyMoney is an amount in the shop's currency and in the buyer's.
type shopifyMoney struct {
	Shop        shopifyAmount `json:"shop_money"`
	Presentment shopifyAmount `json:"presentment_money"`
}

type shopifyAmount struct {
	Amount   loose
	Currency string `json:"currency_code"`
}

type shopifyOrder struct {
	ID            loose
	CreatedAt     instant `json:"created_at"`
	ProcessedAt   instant `json:"processed_at"`
	UpdatedAt     instant `json:"updated_at"`
	CancelledAt   instant `json:"cancelled_at"`
	Currency      string
	Total         loose         `json:"total_price"`
	TotalSet      *shopifyMoney `json:"total_price_set"`
	Current       loose         `json:"current_total_price"`
	CurrentSet    *shopifyMoney `json:"current_total_price_set"`
	Tax           loose         `json:"total_tax"`
	TaxSet        *shopifyMoney `json:"total_tax_set"`
	Discounts     loose         `json:"total_discounts"`
	DiscountsSet  *shopifyMoney `json:"total_discounts_set"`
	ShippingSet   *shopifyMoney `json:"total_shipping_price_set"`
	ShippingLines []struct {
		Price    loose
		PriceSet *shopifyMoney `json:"price_set"`
	} `json:"shipping_lines"`
	TaxesIncluded   bool `json:"taxes_included"`
	Test            bool
	FinancialStatus string `json:"financial_status"`
	Gateway         string
	Gateways        []string                `json:"payment_gateway_names"`
	SourceName      string                  `json:"source_name"`
	LandingSite     string                  `json:"landing_site"`
	LandingSiteRef  string                  `json:"landing_site_ref"`
	DiscountCodes   []struct{ Code string } `json:"discount_codes"`
	NoteAttributes  []struct {
		Name  string
		Value loose
	} `json:"note_attributes"`
	Customer     *struct{ ID loose }
	Lines        []shopifyLine `json:"line_items"`
	Refunds      []shopifyRefund
	Transactions []shopifyTransaction
}

type shopifyLine struct {
	ID              loose
	ProductID       loose `json:"product_id"`
	VariantID       loose `json:"variant_id"`
	SKU             string
	Quantity        int64
	CurrentQuantity *int64 `json:"current_quantity"`
	Price           loose
	PriceSet        *shopifyMoney `json:"price_set"`
	Discount        loose         `json:"total_discount"`
	DiscountSet     *shopifyMoney `json:"total_discount_set"`
	Allocations     []struct {
		Amount    loose
		AmountSet *shopifyMoney `json:"amount_set"`
	} `json:"discount_allocations"`
}

type shopifyTransaction struct {
	Amount      loose
	Currency    string
	Kind        string
	Status      string
	Test        bool
	CreatedAt   instant `json:"created_at"`
	ProcessedAt instant `json:"processed_at"`
}

type shopifyRefund struct {
	ID          loose
	OrderID     loose   `json:"order_id"`
	CreatedAt   instant `json:"created_at"`
	ProcessedAt instant `json:"processed_at"`
	Lines       []struct {
		LineID   loose `json:"line_item_id"`
		Quantity int64
		Line     *shopifyLine  `json:"line_item"`
		Subtotal *shopifyMoney `json:"subtotal_set"`
	} `json:"refund_line_items"`
	Transactions []shopifyTransaction // nil: the payload does not say
}

// payload reads one payload.
func (s shopify) payload(raw json.RawMessage, n int, yield func(Record)) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return errors.New("expected an object")
	}
	for _, wrapper := range []string{"order", "refund", "orders", "refunds"} {
		inner, ok := members[wrapper]
		if !ok || members["id"] != nil { // an order has refunds too
			continue
		}
		list := []json.RawMessage{inner}
		if strings.HasSuffix(wrapper, "s") {
			if err := json.Unmarshal(inner, &list); err != nil {
				return err
			}
		}
		for _, one := range list {
			if err := s.one(one, strings.HasPrefix(wrapper, "refund"), yield); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case members["transaction"] != nil, members["transactions"] != nil && members["id"] == nil,
		members["kind"] != nil && members["gateway"] != nil:
		return nil
	case members["refund_line_items"] != nil && members["order_id"] != nil:
		return s.one(raw, true, yield)
	case members["financial_status"] != nil || members["line_items"] != nil && members["total_price"] != nil:
		return s.one(raw, false, yield)
	}
	return errors.New("neither an order nor a refund")
}

func (s shopify) one(raw json.RawMessage, refund bool, yield func(Record)) error {
	if refund {
		var r shopifyRefund
		if err := json.Unmarshal(raw, &r); err != nil {
			return err
		}
		return s.refund(&r, yield)
	}
	var o shopifyOrder
	if err := json.Unmarshal(raw, &o); err != nil {
		return err
	}
	return s.order(&o, yield)
}

// Within one updated_at, versions follow the order's life; times of Shopify are whole seconds, so there is room.
const (
	rankRefund = iota
	rankCreated
	rankPaid
	rankRefunded
	rankCancelled
)

func (s shopify) order(o *shopifyOrder, yield func(Record)) error {
	v, err := s.content(o)
	if err != nil {
		return err
	}
	ordered := firstOf(o.ProcessedAt, o.CreatedAt)
	version := firstOf(o.UpdatedAt, o.CancelledAt, o.CreatedAt, o.ProcessedAt)
	if ordered == 0 || o.ID == "" {
		return errors.New("an order without id or created_at")
	}
	step := func(status string, at, rank int64) {
		e := *v
		e.Status, e.TimeMS, e.Version = status, at, version+rank
		s.seal(&e, yield)
	}
	paid, cancelled, err := financial(o.FinancialStatus)
	if err != nil {
		return err
	}
	at := o.paidAt(ordered)
	if paid == "" || at > ordered {
		step("created", ordered, rankCreated)
	}
	switch paid {
	case "":
	case "paid":
		step(paid, at, rankPaid)
	default:
		step(paid, at, rankRefunded)
	}
	if cancelled || o.CancelledAt != 0 {
		step("cancelled", max(firstOf(o.CancelledAt, o.UpdatedAt), ordered), rankCancelled)
	}
	return nil
}

// financial says what a financial_status is in the words of orders: how it was paid, if it was, and whether it is void.
func financial(status string) (paid string, cancelled bool, err error) {
	switch status {
	case "paid", "partially_refunded", "refunded":
		return status, false, nil
	case "", "pending", "authorized", "partially_paid", "unpaid":
		return "", false, nil
	case "voided", "expired":
		return "", true, nil
	}
	return "", false, errors.New("a financial_status that Shopify's documentation does not name")
}

// paidAt is when an order was paid: at its first sale or capture that succeeded; where the payload has none, with the
// order, or for ways of payment that come later, when it was updated last, which is at the latest.
func (o *shopifyOrder) paidAt(ordered int64) int64 {
	at := int64(0)
	for _, t := range o.Transactions {
		if t.Status == "success" && (t.Kind == "sale" || t.Kind == "capture") {
			if ms := firstOf(t.ProcessedAt, t.CreatedAt); at == 0 || ms < at {
				at = ms
			}
		}
	}
	if at == 0 {
		if _, deferred := methodOf(append([]string{o.Gateway}, o.Gateways...)...); deferred {
			at = firstOf(o.UpdatedAt)
		}
	}
	return max(at, ordered)
}

// content is what all steps of an order have in common.
func (s shopify) content(o *shopifyOrder) (*Order, error) {
	m := purse{currency: o.Currency}
	if o.TotalSet != nil && o.TotalSet.Shop.Currency != "" {
		m.currency = o.TotalSet.Shop.Currency
	}
	edited := len(o.Refunds) == 0 && o.CancelledAt == 0 && (o.Current != "" || o.CurrentSet != nil)
	amount := m.read(o.Total, o.TotalSet)
	if edited {
		amount = m.read(o.Current, o.CurrentSet)
	}
	lines := s.lines(o, edited, &m)
	v := Order{OrderID: string(o.ID), Currency: m.currency, Amount: m.text(amount), Lines: lines,
		Tax: m.text(m.read(o.Tax, o.TaxSet)), Shipping: m.text(o.shipping(&m)), TaxIncluded: o.TaxesIncluded, Test: o.Test}
	for i := range o.Refunds {
		part, test, err := s.part(&o.Refunds[i], m.currency, o.TotalSet)
		if err != nil {
			return nil, err
		}
		v.Refunds, v.Test = append(v.Refunds, part), v.Test || test
	}
	v.PaymentMethod, _ = methodOf(append([]string{o.Gateway}, o.Gateways...)...)
	s.origin(o, &v)
	return &v, m.err
}

func (o *shopifyOrder) shipping(m *purse) int64 {
	if o.ShippingSet != nil {
		return m.read("", o.ShippingSet)
	}
	sum := int64(0)
	for _, l := range o.ShippingLines {
		sum = m.add(sum, m.read(l.Price, l.PriceSet))
	}
	return sum
}

// lines are an order's lines with their discounts: as Shopify has allocated them, else the line's own and its part of
// the rest of the order's by largest remainder. A discount on shipping is not a line's: no line goes below zero for it.
func (s shopify) lines(o *shopifyOrder, edited bool, m *purse) []Line {
	lines := make([]Line, 0, len(o.Lines))
	discounts, gross := make([]int64, len(o.Lines)), make([]int64, len(o.Lines))
	allocated, known := false, int64(0)
	for i, l := range o.Lines {
		quantity := l.Quantity
		if edited && l.CurrentQuantity != nil {
			quantity = *l.CurrentQuantity
		}
		price := m.read(l.Price, l.PriceSet)
		gross[i] = m.times(price, quantity)
		for _, a := range l.Allocations {
			discounts[i], allocated = m.add(discounts[i], m.read(a.Amount, a.AmountSet)), true
		}
		if len(l.Allocations) == 0 {
			discounts[i] = m.read(l.Discount, l.DiscountSet)
		}
		known = m.add(known, discounts[i])
		lines = append(lines, Line{LineID: string(l.ID), ProductID: s.product(&l), Quantity: quantity,
			UnitPrice: m.text(price)})
	}
	if rest := m.read(o.Discounts, o.DiscountsSet) - known; !allocated && rest > 0 {
		spread(discounts, gross, rest)
	}
	for i, d := range discounts {
		if d > 0 {
			lines[i].Discount = m.text(d)
		}
	}
	return lines
}

// spread adds rest to discounts, by what each line costs after those that it has, and never more than that.
func spread(discounts, gross []int64, rest int64) {
	left, room := make([]int64, len(gross)), int64(0)
	for i := range gross {
		left[i] = max(0, gross[i]-discounts[i])
		room += left[i] // amounts are far from the bounds: ingest takes 10^15 minor units at most
	}
	for i, part := range event.Alloc(min(rest, room), left) {
		discounts[i] += part
	}
}

// product is the catalog's id of what a line sells. A line that somebody typed in has none but its own.
func (s shopify) product(l *shopifyLine) string {
	switch {
	case s.SKU && l.SKU != "":
		return l.SKU
	case l.ProductID != "":
		return string(l.ProductID)
	case l.SKU != "":
		return l.SKU
	case l.VariantID != "":
		return string(l.VariantID)
	}
	return "line-" + string(l.ID)
}

// refund is a refund that came by itself, as refunds/create does. It says that the order was paid, as money came back;
// without money it must not, and then its version is the least, so that it takes no state back either. One of units only
// and one that is told in the buyer's currency are left to the order's next version, which has them and what the order
// cost in both currencies.
func (s shopify) refund(r *shopifyRefund, yield func(Record)) error {
	at := firstOf(r.ProcessedAt, r.CreatedAt)
	if r.ID == "" || r.OrderID == "" || at == 0 {
		return errors.New("a refund without id, order_id or created_at")
	}
	currency := ""
	for _, t := range r.Transactions {
		if t.Currency != "" {
			currency = t.Currency
		}
	}
	for _, l := range r.Lines {
		if l.Subtotal != nil && l.Subtotal.Shop.Currency != currency {
			return nil
		}
	}
	if currency == "" {
		if r.Transactions != nil && len(r.Transactions) == 0 {
			return nil
		}
		return errors.New("a refund without transactions, or without their currency")
	}
	part, test, err := s.part(r, currency, nil)
	if err != nil {
		return err
	}
	v := Order{OrderID: string(r.OrderID), Currency: currency, Refunds: []RefundPart{part}, Test: test,
		Status: "partially_refunded", Version: firstOf(r.CreatedAt, r.ProcessedAt) + rankRefund}
	v.TimeMS, v.Platform = at, "shopify"
	if zero(part.Amount) {
		v.Status, v.Version = "created", 1
	}
	s.seal(&v, yield)
	return nil
}

func zero(amount string) bool { return strings.Trim(amount, "0.") == "" }

// part is a refund in the currency of its order, and whether its money is only a test's. total is what the order's
// amount is in both currencies: where the buyer's is another, the refund is the part of the shop's amount that it is of
// the buyer's, to the nearest unit.
func (s shopify) part(r *shopifyRefund, currency string, total *shopifyMoney) (p RefundPart, test bool, err error) {
	if r.Transactions == nil {
		return p, false, errors.New("a refund without its transactions: how much money it was is not known")
	}
	sum := int64(0)
	for _, t := range r.Transactions {
		if t.Kind != "refund" || t.Status != "success" {
			continue
		}
		test = test || t.Test
		m := purse{currency: t.Currency}
		if t.Currency == "" {
			m.currency = currency
		}
		amount := m.read(t.Amount, nil)
		if m.currency != currency {
			amount = m.exchange(amount, currency, total)
		}
		if sum = m.add(sum, amount); m.err != nil {
			return p, false, m.err
		}
	}
	p = RefundPart{RefundID: string(r.ID), Amount: event.FormatMinor(sum, currency),
		TimeMS: firstOf(r.ProcessedAt, r.CreatedAt)}
	for _, l := range r.Lines {
		line := Line{LineID: string(l.LineID), Quantity: l.Quantity}
		if l.Line != nil {
			line.ProductID = s.product(l.Line)
		}
		p.Lines = append(p.Lines, line)
	}
	return p, test, nil
}

// origin says by whom and from where an order came: note attributes first, which the shop sets itself, then the page
// that the buyer landed on.
func (s shopify) origin(o *shopifyOrder, v *Order) {
	v.Platform = "shopify"
	if o.Customer != nil {
		v.PersonID = string(o.Customer.ID)
	}
	notes := map[string]string{}
	for _, a := range o.NoteAttributes {
		notes[strings.ToLower(a.Name)] = string(a.Value)
	}
	link := map[string]string{}
	if page, err := url.Parse(o.LandingSite); err == nil {
		for name, values := range page.Query() {
			link[strings.ToLower(name)] = values[0]
		}
	}
	v.ShowID, v.EsolID, v.CampaignID = notes["show_id"], notes["esol_id"], named(notes, "campaign_id", "utm_campaign")
	if v.CampaignID == "" {
		v.CampaignID = link["utm_campaign"]
	}
	for _, code := range []string{codeOf(notes), codeOf(link), o.LandingSiteRef} {
		if v.AffiliateCode == "" {
			v.AffiliateCode = code
		}
	}
	if len(o.DiscountCodes) > 0 {
		v.Code = o.DiscountCodes[0].Code
	}
	v.Channel = shorten(o.channel(notes, link), maxWord)
	s.settle(v)
}

// channel is as the link says, else as the shop's channel does: the till, the telephone (an order that the staff typed
// in), or the web.
func (o *shopifyOrder) channel(notes, link map[string]string) string {
	for _, c := range []string{notes["channel"], channelOf(notes), channelOf(link)} {
		if c != "" {
			return c
		}
	}
	switch o.SourceName {
	case "shopify_draft_order":
		return "phone"
	case "iphone", "android", "":
		return "web"
	}
	if _, err := strconv.ParseInt(o.SourceName, 10, 64); err == nil {
		return "web" // the number of an app that sells on the web
	}
	return o.SourceName
}

// settle fills in the show and the ESOL that the reader was told, where an order names none. Only versions that would
// name them may have them: the newest holds, so a refund's would hide the order's own.
func (p Payloads) settle(v *Order) {
	if v.ShowID == "" {
		v.ShowID = p.ShowID
	}
	if v.EsolID == "" {
		v.EsolID = p.EsolID
	}
}

// seal gives a version an id that is the same whenever the same content is sent again.
func (p Payloads) seal(v *Order, yield func(Record)) {
	if v.EventID == "" {
		v.EventID = v.Platform + "/" + v.OrderID + "/" + digest(string(v.Append(nil)))
	}
	yield(v.Record())
}

// purse reads amounts of one currency. The first error stays, and everything after it is void.
type purse struct {
	currency string
	err      error
}

// read is an amount in the shop's currency: that of the set, if there is one.
func (m *purse) read(plain loose, set *shopifyMoney) int64 {
	if set != nil && set.Shop.Amount != "" {
		plain = set.Shop.Amount
		if c := set.Shop.Currency; c != "" && c != m.currency && m.err == nil {
			m.err = errors.New("shop_money in two currencies")
		}
	}
	if plain == "" {
		return 0
	}
	minor, err := event.ParseMinor([]byte(plain), m.currency)
	if err != nil && m.err == nil {
		m.err = fmt.Errorf("an amount: %w", err)
	}
	return minor
}

func (m *purse) text(minor int64) string { return event.FormatMinor(minor, m.currency) }

func (m *purse) add(a, b int64) int64 {
	sum, err := event.Add(a, b)
	if err != nil && m.err == nil {
		m.err = err
	}
	return sum
}

// times is price × quantity.
func (m *purse) times(price, quantity int64) int64 {
	if quantity != 0 && (price*quantity/quantity != price) && m.err == nil {
		m.err = event.ErrOverflow
	}
	return price * quantity
}

// exchange is the part of an order's amount in the shop's currency that amount is of it in the buyer's.
func (m *purse) exchange(amount int64, to string, total *shopifyMoney) int64 {
	if total == nil || total.Shop.Currency != to || total.Presentment.Currency != m.currency {
		if m.err == nil {
			m.err = errors.New("a refund in another currency than its order's, of an order that does not say its amount in both")
		}
		return 0
	}
	shop := purse{currency: to}
	ours, theirs := shop.read(total.Shop.Amount, nil), m.read(total.Presentment.Amount, nil)
	if shop.err != nil || amount < 0 || amount > theirs {
		m.err = errors.New("a refund in the buyer's currency of more than the order's amount")
		return 0
	}
	return event.Alloc(ours, []int64{amount, theirs - amount})[0]
}
