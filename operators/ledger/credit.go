package ledger

import (
	"fmt"
	"strings"

	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// credit puts what a scope is owed for an order in the place of what it was owed before. One without a currency takes
// it away.
func (f *Fold) credit(c *eventpb.Credit) error {
	if c == nil || c.Scope == "" {
		return nil // no journey fold writes that
	}
	switch kind, id, _ := event.SplitScope(c.Scope); kind {
	case event.ScopeDeal:
		if err := f.dealCredit(c); err != nil {
			return fmt.Errorf("crediting %q for order %q: %w", c.Scope, c.OrderId, err)
		}
		return nil
	case event.ScopeArm:
		if err := f.armCredit(c); err != nil {
			return fmt.Errorf("counting order %q in %q: %w", c.OrderId, c.Scope, err)
		}
		return nil
	case event.ScopeCampaign:
		if err := f.own(id); err != nil {
			return err
		}
	}
	scope, order := strings.Clone(c.Scope), strings.Clone(c.OrderId)
	key := scoped(scope, order)
	was, had, err := f.credits.Get(key)
	if err != nil {
		return err
	}
	var is *eventpb.Credit
	if c.Currency != "" {
		is = slim(c)
		is.Unsaid = was.GetUnsaid()
	}
	if is == nil && !had || is != nil && had && is.EqualVT(was) {
		return nil
	}
	if err := f.replace(scope, order, was, is); err != nil {
		return fmt.Errorf("crediting %q for order %q: %w", scope, order, err)
	}
	reason := f.reasonOf(was, is, c.Cause)
	f.markUnsaid(was, is, reason)
	if err := f.restate(scope, order, was, is, f.reasonOfMoney(was, is, reason)); err != nil {
		return fmt.Errorf("crediting %q for order %q: %w", scope, order, err)
	}
	if strings.HasPrefix(scope, campaignPrefix) {
		if err := f.countReturns(scope, was, is); err != nil {
			return fmt.Errorf("what %q returned with order %q: %w", scope, order, err)
		}
	}
	if is == nil {
		f.credits.Delete(key)
	} else {
		f.credits.Put(key, is)
	}
	f.changed(scope)
	return nil
}

// slim is what the ledger keeps of a credit: what it must know to take it back.
func slim(c *eventpb.Credit) *eventpb.Credit {
	var kept []*eventpb.Kept
	for _, k := range c.Kept {
		kept = append(kept, &eventpb.Kept{ReturnRatePpm: k.ReturnRatePpm, NetMinor: k.NetMinor})
	}
	return &eventpb.Credit{
		PersonHi: c.PersonHi, PersonLo: c.PersonLo, Currency: strings.Clone(c.Currency),
		CreatedMinor: c.CreatedMinor, PaidMinor: c.PaidMinor, RefundedMinor: c.RefundedMinor,
		CancelledMinor: c.CancelledMinor, NetMinor: c.NetMinor, Units: c.Units,
		Paid: c.Paid, Cancelled: c.Cancelled, RefundOnly: c.RefundOnly, OrderedMs: c.OrderedMs, SettlesMs: c.SettlesMs,
		PaidMs: c.PaidMs, Kept: kept,
	}
}

// replace takes was (nil: none) out of the scope's sums and indexes, and puts is (nil: none) in.
func (f *Fold) replace(scope, order string, was, is *eventpb.Credit) error {
	m, ok, err := f.scopes.Get(scope)
	if err != nil {
		return err
	}
	if !ok {
		m = &eventpb.Money{}
	}
	if was != nil {
		if err := post(m, was, -1, f.settled(was)); err != nil {
			return err
		}
	}
	if is != nil {
		if err := post(m, is, +1, f.settled(is)); err != nil {
			return err
		}
	}
	if err := f.countBuyer(m, scope, was, is); err != nil {
		return err
	}
	f.indexDue(scope, order, was, is)
	if err := f.indexLatest(m, scope, order, was, is); err != nil {
		return err
	}
	prune(m, was.GetCurrency()) // last: buyers are counted in there too
	if len(m.Gmv) == 0 {
		f.scopes.Delete(scope)
	} else {
		f.scopes.Put(scope, m)
	}
	return nil
}

// countBuyer moves the order from one person's count to another's, as far as either makes a buyer.
func (f *Fold) countBuyer(m *eventpb.Money, scope string, was, is *eventpb.Credit) error {
	before, after := buyer(was), buyer(is)
	if before == after {
		return nil
	}
	if err := f.countOrder(m, scope, before, -1); err != nil {
		return err
	}
	return f.countOrder(m, scope, after, +1)
}

// bought is a person's order in a currency. The zero value: nobody bought, or it is not known who.
type bought struct {
	person   event.ID
	currency string
}

func buyer(c *eventpb.Credit) bought {
	person := event.ID{Hi: c.GetPersonHi(), Lo: c.GetPersonLo()}
	if person.IsZero() || !c.Paid || c.Cancelled {
		return bought{}
	}
	return bought{person, c.Currency}
}

func (f *Fold) countOrder(m *eventpb.Money, scope string, b bought, by int64) error {
	if b == (bought{}) {
		return nil
	}
	key := scoped(scope, b.person.String())
	have, ok, err := f.buyers.Get(key)
	if err != nil {
		return err
	}
	if !ok {
		have = &ledgerpb.Buyer{}
	}
	count := countOf(have, b.currency)
	count.Orders += by
	switch {
	case by > 0 && count.Orders == 1: // the person's first in this currency
		gmv(m, b.currency).Buyers++
		if len(have.Counts) == 1 {
			m.Buyers++
		}
	case count.Orders == 0:
		dropCount(have, b.currency)
		gmv(m, b.currency).Buyers--
		if len(have.Counts) == 0 {
			m.Buyers--
		}
	}
	if len(have.Counts) == 0 {
		f.buyers.Delete(key)
	} else {
		f.buyers.Put(key, have)
	}
	return nil
}
