package ledger

import (
	"fmt"
	"slices"

	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// rateLater remembers that a month has orders to be rated.
func (f *Fold) rateLater(key string) {
	if i, found := slices.BinarySearch(f.clock.Months, key); !found {
		f.clock.Months = slices.Insert(f.clock.Months, i, key)
		f.pendingBytes += len(key)
	}
}

// rate rates what is to be rated, month by month. Orders that turn out to be in the wrong month go to the right one,
// which is then rated too.
func (f *Fold) rate() error {
	for len(f.clock.Months) > 0 {
		months := f.clock.Months
		f.clock.Months = nil
		for _, key := range months {
			f.pendingBytes -= len(key)
		}
		for _, key := range months {
			if err := f.rateMonth(key); err != nil {
				return fmt.Errorf("rating the month %q: %w", key, err)
			}
		}
	}
	return nil
}

// rating is the work on one month.
type rating struct {
	*Fold
	deal, month string
	d           *ledgerpb.Deal
	terms       *contract.Terms
	tier        string
	at          contract.Place // what the orders so far have used up
	strays      []string       // orders that belong in another month
}

func (f *Fold) rateMonth(key string) error {
	deal, month, err := unscope(key)
	if err != nil {
		return err
	}
	m, ok, err := f.months.Get(key)
	if err != nil || !ok {
		return err // its last order has gone
	}
	f.months.Put(key, m)
	r := rating{Fold: f, deal: deal, month: month}
	if r.d, ok, err = f.deals.Get(deal); err != nil || !ok {
		return fmt.Errorf("deal %q of a month is not there (%w)", deal, err)
	}
	f.deals.Put(deal, r.d)
	if r.terms, err = f.terms(r.d.Campaign); err != nil {
		return err
	}
	if r.tier, err = f.tier(r.d.Esol); err != nil {
		return err
	}
	for _, c := range m.Chunks {
		if err := r.chunk(c); err != nil {
			return err
		}
	}
	f.changed(dealPrefix + deal)
	return r.moveStrays()
}

// chunk rates what is to be rated of a chunk, and moves on behind it.
func (r *rating) chunk(c *ledgerpb.Chunk) (err error) {
	was := contract.Place{GMVMinor: c.GmvBefore, FullMinor: c.FullBefore}
	c.GmvBefore, c.FullBefore = r.at.GMVMinor, r.at.FullMinor
	if !c.Dirty && !c.All && (!r.terms.ByMonth() || r.terms.Alike(was, r.at, c.Gmv, c.Full)) {
		r.at, err = r.at.Then(contract.Share{GMVMinor: c.Gmv, FullMinor: c.Full})
		return err
	}
	l, err := r.openLeaf(r.deal, r.month, c.Id)
	if err != nil {
		return err
	}
	for _, item := range l.Items {
		used := contract.Share{GMVMinor: item.Gmv, FullMinor: item.Full}
		if item.Dirty || c.All || r.terms.ByMonth() && !r.terms.Alike(was, r.at, item.Gmv, item.Full) {
			if err := r.order(item, c.All); err != nil {
				return fmt.Errorf("order %q: %w", item.Order, err)
			}
		}
		if was, err = was.Then(used); err != nil {
			return err
		}
		if r.at, err = r.at.Then(contract.Share{GMVMinor: item.Gmv, FullMinor: item.Full}); err != nil {
			return err
		}
	}
	c.Gmv, c.Full = r.at.GMVMinor-c.GmvBefore, r.at.FullMinor-c.FullBefore
	c.Dirty, c.All = false, false
	return nil
}

// order rates one order where the month stands, and posts what has changed. all: the terms of all have.
func (r *rating) order(item *ledgerpb.Item, all bool) error {
	item.Dirty = false
	key := scoped(r.deal, item.Order)
	o, ok, err := r.owed.Get(key)
	if err == nil && (!ok || o.Credit == nil) {
		err = fmt.Errorf("state key %q is placed in a month, and not there", key)
	}
	if err != nil {
		return err
	}
	if monthKey(r.terms, o.Credit) != r.month {
		r.strays = append(r.strays, item.Order)
		return nil
	}
	r.owed.Put(key, o)
	c := o.Credit
	versions, err := r.terms.InForce(c.OrderedMs, func(s contract.Span) (bool, error) {
		return r.sold(r.deal, r.d, r.terms, s)
	})
	if err != nil {
		return err
	}
	s := r.terms.Rate(asked(c), r.tier, versions, r.at)
	item.Gmv, item.Full = s.GMVMinor, s.FullMinor
	if err := r.share(r.deal, r.d, item.Order, o, s, r.terms.Divide(s.Minor), r.reason(o, all)); err != nil {
		return err
	}
	return r.post(r.deal, r.d, item.Order, "", o)
}

// reason is why a commission that was said before is another now.
func (r *rating) reason(o *ledgerpb.Owed, all bool) why {
	switch {
	case o.Why != "": // its credit has changed
		return why(o.Restates)
	case r.unsaid(o.Credit):
		return noReason
	case all:
		return eventpb.Restatement_TERMS_CHANGED
	}
	return eventpb.Restatement_RATED_AGAIN
}

func asked(c *eventpb.Credit) *contract.Order {
	o := &contract.Order{Currency: c.Currency, NetMinor: c.NetMinor, Units: c.Units}
	for _, l := range c.Lines {
		o.Lines = append(o.Lines, contract.Line{ProductID: l.ProductId, Units: l.Units, NetMinor: l.NetMinor})
	}
	return o
}

// moveStrays puts orders into the month where the contract's calendar now has them.
func (r *rating) moveStrays() error {
	for _, order := range r.strays {
		o, err := r.openOwed(scoped(r.deal, order))
		if err != nil {
			return err
		}
		if err := r.takeOut(r.deal, r.d, order, o); err != nil {
			return err
		}
		o.Month = monthKey(r.terms, o.Credit)
		if err := r.putIn(r.deal, r.d, order, o.Month, o.Credit.OrderedMs); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fold) openOwed(key string) (*ledgerpb.Owed, error) {
	o, ok, err := f.owed.Get(key)
	if err != nil {
		return nil, err
	}
	if !ok {
		o = &ledgerpb.Owed{}
	}
	f.owed.Put(key, o)
	return o, nil
}

// share takes down what an order is worth now, and moves the totals by the difference.
func (f *Fold) share(
	deal string, d *ledgerpb.Deal, order string, o *ledgerpb.Owed, s contract.Share, parts []contract.Part, reason why,
) error {
	was, all := minors(o.Parts)
	o.Parts = o.Parts[:0]
	for _, p := range parts {
		if p.Minor != 0 {
			o.Parts = append(o.Parts, &ledgerpb.Part{Party: p.Party, Minor: p.Minor})
		}
	}
	is, now := minors(o.Parts)
	t := totalIn(d, o.Credit.Currency)
	if err := add(&t.Base, +1, s.BaseMinor-o.Base); err != nil {
		return fmt.Errorf("the deal's base: %w", err)
	}
	if err := add(&t.Variable, +1, is-was); err != nil {
		return fmt.Errorf("the deal's commission: %w", err)
	}
	o.Currency, o.Base, o.Capped = o.Credit.Currency, s.BaseMinor, s.Capped
	if err := f.restateCommission(deal, d, order, o, is-was, now-all, reason); err != nil {
		return err
	}
	return f.countFee(d.Campaign, feeVariable, o.Currency, now-all)
}

// minors is what the ESOL has of parts, and what all have. Parts of an order are at most its net in all.
func minors(parts []*ledgerpb.Part) (esol, all int64) {
	for _, p := range parts {
		if p.Party == contract.Esol {
			esol = p.Minor
		}
		all += p.Minor
	}
	return esol, all
}
