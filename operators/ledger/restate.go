package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Why is the money of a scope not what it had been? Whoever has been told an amount is told what takes it back: the
// restatements of a scope are gathered, one for each reason, until its meters are next said, and are said with them.

type why = eventpb.Restatement_Reason

// noReason: nothing that was said before is said otherwise now.
const noReason = eventpb.Restatement_REASON_UNSPECIFIED

// maxEvidence is how many orders a restatement names, the first; the others are counted.
const maxEvidence = 8

// restatingBytes is what a restatement counts for in what waits, beside its names; and so does each of its currencies.
const restatingBytes = 128

// restating is what the scope has to say for the reason with the next emission.
func (f *Fold) restating(scope string, reason why) *eventpb.Restatement {
	list := f.clock.Restating
	i, found := slices.BinarySearchFunc(list, reason, func(r *ledgerpb.Restating, reason why) int {
		return cmp.Or(strings.Compare(r.Scope, scope), cmp.Compare(r.Of.Reason, reason))
	})
	if !found {
		r := &ledgerpb.Restating{Scope: scope, Of: &eventpb.Restatement{Reason: reason}}
		f.clock.Restating = slices.Insert(list, i, r)
		f.pendingBytes += weight(r)
		f.changed(scope)
	}
	return f.clock.Restating[i].Of
}

// weight is what a restatement counts for in pendingBytes.
func weight(r *ledgerpb.Restating) int {
	n := len(r.Scope) + restatingBytes*(1+len(r.Of.Amounts))
	for _, order := range r.Of.OrderIds {
		n += len(order)
	}
	return n
}

// concerns notes that the restatement is about an order, as of a credit for it.
func (f *Fold) concerns(r *eventpb.Restatement, order string, c *eventpb.Credit) {
	if r.Orders == 0 {
		r.FromMs, r.ToMs = c.OrderedMs, c.OrderedMs
	}
	r.FromMs, r.ToMs = min(r.FromMs, c.OrderedMs), max(r.ToMs, c.OrderedMs)
	if slices.Contains(r.OrderIds, order) {
		return
	}
	if r.Orders++; len(r.OrderIds) < maxEvidence {
		r.OrderIds = append(r.OrderIds, order)
		f.pendingBytes += len(order)
	}
}

// restated is the restatement's amounts in a currency; it makes them where there are none.
func (f *Fold) restated(r *eventpb.Restatement, currency string) *eventpb.Restated {
	i, found := slices.BinarySearchFunc(r.Amounts, currency, func(a *eventpb.Restated, c string) int {
		return cmp.Compare(a.Money.Currency, c)
	})
	if !found {
		digits, _ := event.Exponent(currency)
		r.Amounts = slices.Insert(r.Amounts, i, &eventpb.Restated{
			Money: &eventpb.Gmv{Currency: currency, Exponent: uint32(digits)},
		})
		f.pendingBytes += restatingBytes
	}
	return r.Amounts[i]
}

// restate notes what a scope is credited with for an order otherwise than before, for a reason.
func (f *Fold) restate(scope, order string, was, is *eventpb.Credit, reason why) error {
	if reason == noReason {
		return nil
	}
	r := f.restating(scope, reason)
	f.concerns(r, order, cmp.Or(is, was))
	for _, c := range []struct {
		credit *eventpb.Credit
		sign   int64
	}{{was, -1}, {is, +1}} {
		if c.credit == nil {
			continue
		}
		a := f.restated(r, c.credit.Currency)
		if err := postIn(a.Money, c.credit, c.sign, f.settled(c.credit)); err != nil {
			return fmt.Errorf("restating: %w", err)
		}
		a.OrdersHeld += c.sign * when(len(c.credit.Holds) > 0, 1)
	}
	r.Amounts = slices.DeleteFunc(r.Amounts, func(a *eventpb.Restated) bool {
		nothing := &eventpb.Restated{Money: &eventpb.Gmv{Currency: a.Money.Currency, Exponent: a.Money.Exponent}}
		if !a.EqualVT(nothing) {
			return false
		}
		f.pendingBytes -= restatingBytes
		return true
	})
	return nil
}

// restateCommission notes that an order is worth another commission than before: to the deal's ESOL, and to all.
func (f *Fold) restateCommission(
	deal string, d *ledgerpb.Deal, order string, o *ledgerpb.Owed, esol, all int64, reason why,
) error {
	for _, one := range []struct {
		scope string
		minor int64
	}{{dealPrefix + deal, esol}, {campaignPrefix + d.Campaign, all}} {
		if one.minor == 0 || reason == noReason {
			continue
		}
		r := f.restating(one.scope, reason)
		f.concerns(r, order, o.Credit)
		if err := add(&f.restated(r, o.Credit.Currency).CommissionMinor, +1, one.minor); err != nil {
			return fmt.Errorf("restating a commission: %w", err)
		}
	}
	return nil
}

// sayRestated says what there is to say of what was said before, in order of scope and reason.
func (f *Fold) sayRestated(out *operators.Outputs) error {
	f.clock.Emissions++
	for _, r := range f.clock.Restating {
		has, ok, err := f.restatedTo.Get(r.Scope)
		if err != nil {
			return err
		}
		if !ok {
			has = &ledgerpb.Restated{}
		}
		has.Revision++
		f.restatedTo.Put(r.Scope, has)
		r.Of.Revision = has.Revision
		a := &eventpb.Alert{
			Id: fmt.Sprintf("%s/restate/%d", r.Scope, has.Revision), Scope: r.Scope, Kind: operators.Restate,
			TimeMs: f.nowMS, Restatement: r.Of,
		}
		switch kind, id, _ := event.SplitScope(r.Scope); kind {
		case event.ScopeShow:
			a.ShowId = id
		case event.ScopeEsol:
			a.EsolId = id
		case event.ScopeDeal:
			_, a.EsolId, _ = event.SplitDealID(id)
		}
		out.Alert(a)
	}
	f.clock.Restating = nil
	return nil
}
