package journey

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// An explanation is made from outside, of state that was read: the order's row and the catalog, of its partition, and
// the rows of its buyer, of theirs. Those may be of different moments. It works out anew what the fold would say, by
// the same code, so it cannot differ from it but where the fold is behind; and that it shows.

// InExplanation tells whether a row of an order's own partition is needed to explain it.
func InExplanation(key, orderID string) bool {
	table, rest, _ := strings.Cut(key, "/")
	switch table {
	case "order":
		return rest == orderID
	case "show", "product", "brand", "campaign", "seller", "esol", "model", "trial", "code":
		return true
	}
	return false
}

// PersonRow is the key of a person's row, in the partition of event.JourneyKey of the person.
func PersonRow(id event.ID) string { return "person/" + id.String() }

// People are whose rows an explanation needs, as far as the rows that are there tell: the buyer, the pseudonym that it
// is joined to, and so on. So a caller reads the last one's row, and asks again, until no new one comes.
func People(backing state.Backing, orderID string) ([]event.ID, error) {
	f, o, err := explained(backing, orderID)
	if err != nil {
		return nil, err
	}
	ids, _, err := f.people(o)
	return ids, err
}

// Explain says what led to what is credited for an order. It changes nothing. ErrUnknownOrder: no version of it has
// been seen.
func Explain(backing state.Backing, orderID string) (*Explanation, error) {
	f, o, err := explained(backing, orderID)
	if err != nil {
		return nil, err
	}
	e, err := f.explain(orderID, o)
	if err != nil {
		return nil, fmt.Errorf("explaining order %q: %w", orderID, err)
	}
	return e, nil
}

func explained(backing state.Backing, orderID string) (*Fold, *journeypb.Order, error) {
	fold, err := New(state.NewStore(backing, 0), 0)
	if err != nil {
		return nil, nil, err
	}
	f := fold.(*Fold)
	o, ok, err := f.orders.Get(orderID)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, fmt.Errorf("%w: %q", ErrUnknownOrder, orderID)
	}
	return f, o, nil
}

// people follows the identities from an order's buyer to who answers for it, whose row it returns. Ties go to lesser
// pseudonyms only, so they end.
func (f *Fold) people(o *journeypb.Order) (ids []event.ID, last *journeypb.Person, err error) {
	last = &journeypb.Person{}
	for id := (event.ID{Hi: o.PersonHi, Lo: o.PersonLo}); !id.IsZero(); id = joinedTo(last) {
		ids = append(ids, id)
		if _, last, err = f.person(id.Hi, id.Lo); err != nil {
			return nil, nil, err
		}
	}
	return ids, last, nil
}

func (f *Fold) explain(id string, o *journeypb.Order) (*Explanation, error) {
	e := &Explanation{
		Order: id, Status: word(o.Status.String(), "ORDER_STATUS_"), Currency: currencyOf(o),
		OrderedAt: Time(o.OrderedMs), PaidAt: Time(o.PaidMs),
		Names: Names{
			Show: value(o.Show), Esol: value(o.Esol), Code: value(o.Code), Campaign: value(o.Campaign),
			Channel: value(o.Channel), Payment: value(o.Payment),
		},
		People: []string{}, Sale: Sale{Campaigns: []string{}}, Holds: []Hold{}, Parts: []PartOf{}, Credits: []Credited{},
		Models: []Modelled{}, Refunds: refundsOf(o),
	}
	ids, person, err := f.people(o)
	if err != nil {
		return nil, err
	}
	for _, p := range ids {
		e.People = append(e.People, p.String())
	}
	r, err := f.read(o)
	if err != nil {
		return nil, err
	}
	if r == nil {
		e.Uncounted, e.Amounts = uncounted(o), layers{}.amounts(e.Currency)
		return e, nil
	}
	e.Sale.Esol, e.Sale.InLive = r.sale.esol, r.sale.inLive
	for _, c := range r.sale.campaigns {
		e.Sale.Campaigns = append(e.Sale.Campaigns, c.id)
	}
	if err := f.explainCredits(e, o, r); err != nil {
		return nil, err
	}
	return e, f.compare(e, o, r, together(person))
}

func uncounted(o *journeypb.Order) string {
	if o.Test {
		return "a test order"
	}
	return "no version has told an amount in a currency yet"
}

func refundsOf(o *journeypb.Order) []Back {
	all := []Back{}
	for _, r := range o.Refunds {
		b := Back{ID: r.RefundId, Currency: currencyOf(o), Counted: !foreign(o, r), Lines: len(r.Lines)}
		if r.Currency != "" {
			b.Currency = r.Currency
		}
		b.Amount = Amount{r.AmountMinor, b.Currency}
		all = append(all, b)
	}
	return all
}

// explainCredits fills in what each scope has, and the holds.
func (f *Fold) explainCredits(e *Explanation, o *journeypb.Order, r *reading) error {
	credits, err := f.credits(e.Order, o, r)
	if err != nil {
		return err
	}
	for _, c := range credits {
		if kind, _, _ := event.SplitScope(c.Scope); kind == event.ScopeArm {
			continue // nobody is credited with it
		}
		of := layers{c.CreatedMinor, c.PaidMinor, c.RefundedMinor, c.CancelledMinor, c.NetMinor}
		v := Credited{
			Scope: c.Scope, Model: c.Model, Amounts: of.amounts(e.Currency), Units: c.Units, InLive: c.InLive,
			SettlesAt: Time(c.SettlesMs), Touches: c.Touches, Holds: c.Holds, Said: f.hasSaid(o, c),
		}
		switch kind, id, _ := event.SplitScope(c.Scope); kind {
		case event.ScopeEsol:
			v.Esol = id
			e.hold(id, c.Holds)
		case event.ScopeDeal:
			v.Campaign, v.Esol, _ = event.SplitDealID(id)
			e.hold(v.Esol, c.Holds)
		case event.ScopeCampaign:
			v.Campaign = id
		}
		e.Credits = append(e.Credits, v)
	}
	return nil
}

func (f *Fold) hasSaid(o *journeypb.Order, c *eventpb.Credit) bool {
	return slices.ContainsFunc(o.Said, func(s *journeypb.Said) bool {
		return s.Scope == c.Scope && bytes.Equal(s.Digest, f.digest(c))
	})
}

// hold adds the holds of an ESOL's credit.
func (e *Explanation) hold(esol string, names []string) {
	for _, name := range names {
		i := slices.IndexFunc(e.Holds, func(h Hold) bool { return h.Name == name })
		if i < 0 {
			i = len(e.Holds)
			e.Holds = append(e.Holds, Hold{Name: name, Why: holdReasons[name]})
		}
		if at, found := slices.BinarySearch(e.Holds[i].Esols, esol); !found {
			e.Holds[i].Esols = slices.Insert(e.Holds[i].Esols, at, esol)
		}
	}
}

func (l layers) amounts(currency string) Amounts {
	a := func(minor int64) Amount { return Amount{minor, currency} }
	return Amounts{a(l.created), a(l.paid), a(l.refunded), a(l.cancelled), a(l.net)}
}

// word is the name of an enum's value without what they all begin with.
func word(name, prefix string) string { return strings.ToLower(strings.TrimPrefix(name, prefix)) }
