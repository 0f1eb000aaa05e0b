package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/netsu/netsu/stream/event"
)

// ga4 reads what a site tells Google Analytics: requests of the Measurement Protocol, as a tagging server can copy them
// to us too ({"client_id", "events": [{"name", "params"}]}), and rows of the export to BigQuery, as JSON
// ({"event_name", "event_timestamp", "event_params": [{"key", "value"}], "items": […]}).
//
//		view_item       product_click, one for each item      purchase  a paid order
//		add_to_cart     add_to_cart, one for each item        refund    a refund of it
//		begin_checkout  checkout                              session_start, page_view with a campaign: link_visit
//
//	  - Analytics sees who lets it. Where a shop's own system sends orders under the same ids, those count: a purchase has
//	    the least version, which fills in what nobody else says. Refunds have ids of their own, so they must come from one
//	    of the two.
//	  - value is what the items cost; tax and shipping are beside it and are not in it, so that the buyer paid all three.
//	    It is written as a binary fraction: the digits count as they stand, but for what such a fraction adds behind them
//	    (29.990000000000002). Prices of items are after discount, and taken to the nearest unit.
//	  - A refund's value has either sign. One without a value is of the whole order; so is one without items, by the
//	    documentation, and value then says how much. In a row of the export, money may also stand in "ecommerce".
//	  - People are user_id, or else the pseudonym of the browser (client_id, user_pseudo_id).
//	  - Other events say nothing that a raw event could hold.
type ga4 struct{ Payloads }

// ga4Event is one event of either shape, with its parameters as they stand.
type ga4Event struct {
	name   string
	micros loose
	person string
	params map[string]loose
	items  []ga4Item
	number string // which of the file's events it is
	raw    []byte
}

type ga4Item struct {
	ID       loose  `json:"item_id"`
	Name     string `json:"item_name"`
	Price    loose
	Quantity loose
	Coupon   string
}

func (g ga4) payload(raw json.RawMessage, n int, yield func(Record)) error {
	var p struct {
		ClientID loose `json:"client_id"`
		UserID   loose `json:"user_id"`
		Pseudo   loose `json:"user_pseudo_id"`
		Micros   loose `json:"timestamp_micros"`
		Events   []json.RawMessage
		Name     string `json:"event_name"`
		At       loose  `json:"event_timestamp"`
		Params   []struct {
			Key   string
			Value map[string]json.RawMessage
		} `json:"event_params"`
		Items     []ga4Item
		Ecommerce map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	person := string(cmp.Or(p.UserID, p.ClientID, p.Pseudo))
	if p.Name != "" {
		e := ga4Event{name: p.Name, micros: p.At, person: person, params: map[string]loose{}, items: p.Items,
			number: strconv.Itoa(n), raw: raw}
		e.ecommerce(p.Ecommerce)
		for _, param := range p.Params {
			for _, kind := range slices.Sorted(maps.Keys(param.Value)) { // the one that is not null
				e.param(param.Key, param.Value[kind])
			}
		}
		return g.event(&e, yield)
	}
	if p.Events == nil {
		return errors.New("neither a request of the Measurement Protocol nor a row of the export")
	}
	for i, text := range p.Events {
		var one struct {
			Name   string
			Micros loose `json:"timestamp_micros"`
			Params map[string]json.RawMessage
		}
		if err := json.Unmarshal(text, &one); err != nil {
			return err
		}
		e := ga4Event{name: one.Name, micros: cmp.Or(one.Micros, p.Micros), person: person, params: map[string]loose{},
			number: strconv.Itoa(n) + "." + strconv.Itoa(i), raw: text}
		for name, value := range one.Params {
			e.param(name, value)
		}
		if items := one.Params["items"]; items != nil {
			if err := json.Unmarshal(items, &e.items); err != nil {
				return err
			}
		}
		if err := g.event(&e, yield); err != nil {
			return err
		}
	}
	return nil
}

func (e *ga4Event) param(name string, value json.RawMessage) {
	var v loose
	if len(value) > 0 && value[0] != '[' && value[0] != '{' && json.Unmarshal(value, &v) == nil && v != "" {
		e.params[name] = v
	}
}

// ecommerce is what the export has beside the parameters, under other names; the parameters count.
func (e *ga4Event) ecommerce(m map[string]json.RawMessage) {
	for name, as := range map[string]string{"transaction_id": "transaction_id", "shipping_value": "shipping", "tax_value": "tax"} {
		e.param(as, m[name])
	}
}

func (g ga4) event(e *ga4Event, yield func(Record)) error {
	switch e.name {
	case "purchase", "refund":
		return g.order(e, yield)
	case "view_item", "add_to_cart", "begin_checkout", "session_start", "page_view":
	default:
		return nil
	}
	c, err := g.common(e)
	if err != nil {
		return err
	}
	link := e.link()
	r := Reaction{Common: c, CampaignID: named(link, "campaign_id", "utm_campaign"), Code: codeOf(link), Channel: channelOf(link)}
	switch e.name {
	case "begin_checkout":
		r.Kind = "checkout"
		yield(r.Record())
	case "session_start", "page_view":
		if r.Kind = "link_visit"; r.Code != "" || r.Channel != "" || r.CampaignID != "" {
			yield(r.Record())
		}
	default:
		r.Kind = map[string]string{"view_item": "product_click", "add_to_cart": "add_to_cart"}[e.name]
		id := r.EventID
		for i, item := range e.items {
			r.EventID, r.ProductID = id+"/"+strconv.Itoa(i), item.product(i)
			yield(r.Record())
		}
	}
	return nil
}

// common has the event's id: its content, where that says when it was, else its place in the delivery.
func (g ga4) common(e *ga4Event) (Common, error) {
	c := Common{TimeMS: e.micros.whole() / 1000, ShowID: string(cmp.Or(e.params["show_id"], loose(g.ShowID))),
		EsolID: string(cmp.Or(e.params["esol_id"], loose(g.EsolID))), Platform: "ga4", PersonID: e.person}
	c.EventID = "ga4/" + digest(e.person, string(e.micros), string(e.raw))
	if c.TimeMS == 0 {
		c.TimeMS, c.EventID = g.AtMS, "ga4/"+digest(g.Name, e.number)
	}
	if c.TimeMS == 0 {
		return c, errors.New("an event without timestamp_micros or event_timestamp")
	}
	return c, nil
}

// link is what the parameters say of the way somebody came by, in the names of a link's.
func (e *ga4Event) link() map[string]string {
	link := lowered(e.params)
	for as, from := range map[string]string{"utm_source": "source", "utm_medium": "medium", "utm_campaign": "campaign"} {
		if link[as] == "" {
			link[as] = link[from]
		}
	}
	return link
}

func (i *ga4Item) product(n int) string {
	return cmp.Or(string(i.ID), i.Name, "item-"+strconv.Itoa(n+1))
}

// count is one where the item does not say; the export may write 2 as 2.0.
func (i *ga4Item) count() int64 {
	whole, _, _ := strings.Cut(string(i.Quantity), ".")
	return max(1, loose(whole).whole())
}

const (
	ga4Purchased = 1 // versions: below any that is a time
	ga4Refunded  = 2
)

func (g ga4) order(e *ga4Event, yield func(Record)) error {
	c, err := g.common(e)
	if err != nil {
		return err
	}
	currency := strings.ToUpper(string(e.params["currency"]))
	v := Order{Common: c, OrderID: string(e.params["transaction_id"]), Currency: currency}
	if v.OrderID == "" {
		return errors.New("a purchase or refund without transaction_id")
	}
	if e.name == "refund" {
		return g.refund(e, &v, yield)
	}
	if _, ok := event.Exponent(currency); !ok {
		return event.ErrCurrency
	}
	if e.params["value"] == "" {
		return errors.New("a purchase without value")
	}
	m := purse{currency: currency}
	tax, shipping := m.binary(e.params["tax"]), m.binary(e.params["shipping"])
	v.Amount = m.text(m.add(m.binary(e.params["value"]), m.add(tax, shipping)))
	v.Tax, v.Shipping = m.text(tax), m.text(shipping)
	for i, item := range e.items {
		v.Lines = append(v.Lines, Line{LineID: strconv.Itoa(i + 1), ProductID: item.product(i),
			Quantity: item.count(), UnitPrice: m.text(m.near(item.Price))})
	}
	link := e.link()
	v.Status, v.Version, v.Channel, v.Code = "paid", ga4Purchased, cmp.Or(channelOf(link), "web"), string(e.params["coupon"])
	v.CampaignID, v.AffiliateCode = named(link, "campaign_id", "utm_campaign"), codeOf(link)
	if m.err != nil {
		return m.err
	}
	yield(v.Record())
	return nil
}

// refund says how much came back where the event does. Of one that does not, the order's amount is not known here.
func (g ga4) refund(e *ga4Event, v *Order, yield func(Record)) error {
	v.Version, v.Status = ga4Refunded, "refunded"
	if e.params["value"] == "" {
		v.Currency = ""
		yield(v.Record())
		return nil
	}
	if _, ok := event.Exponent(v.Currency); !ok {
		return event.ErrCurrency
	}
	m := purse{currency: v.Currency}
	sum := int64(0)
	for _, part := range []loose{"value", "tax", "shipping"} {
		sum = m.add(sum, m.binary(loose(strings.TrimPrefix(string(e.params[string(part)]), "-"))))
	}
	if len(e.items) > 0 {
		v.Status = "partially_refunded"
	}
	v.Refunds = []RefundPart{{RefundID: v.EventID, Amount: m.text(sum), TimeMS: v.TimeMS}}
	for i, item := range e.items {
		v.Refunds[0].Lines = append(v.Refunds[0].Lines, Line{ProductID: item.product(i), Quantity: item.count()})
	}
	if m.err != nil {
		return m.err
	}
	yield(v.Record())
	return nil
}
