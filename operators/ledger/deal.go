package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

const dealPrefix = event.ScopeDeal + "/"

// What open… returns is marked as changed there and then, so that it stays in memory until the next cut and may be
// changed in place for the rest of the record, by whoever opens it.

// dealCredit puts what a deal has of an order in the place of what it had before. It only places the order in its
// month; rating follows with the emission.
func (f *Fold) dealCredit(c *eventpb.Credit) error {
	deal := strings.Clone(c.Scope[len(dealPrefix):])
	campaign, esol, ok := event.SplitDealID(deal)
	if !ok || c.OrderId == "" {
		return nil // no journey fold writes that
	}
	key := scoped(deal, c.OrderId)
	o, had, err := f.owed.Get(key)
	if err != nil {
		return err
	}
	var is *eventpb.Credit
	if c.Currency != "" {
		is = slimDeal(c)
		is.Unsaid = o.GetCredit().GetUnsaid()
	}
	was := o.GetCredit()
	if is == nil && was == nil || is != nil && was != nil && is.EqualVT(was) {
		return nil
	}
	d, err := f.openDeal(deal, campaign, esol)
	if err != nil {
		return err
	}
	if !had {
		o = &ledgerpb.Owed{}
	}
	f.owed.Put(key, o)
	order := strings.Clone(c.OrderId)
	reason := f.reasonOf(was, is, c.Cause)
	f.markUnsaid(was, is, reason)
	if err := f.restate(dealPrefix+deal, order, was, is, f.reasonOfMoney(was, is, reason)); err != nil {
		return err
	}
	if err := f.place(deal, d, order, o, is); err != nil {
		return err
	}
	if is == nil || was != nil && was.Currency != is.Currency {
		// Taken back before the new credit is rated: in another currency, or in no month at all.
		o.Why = whyCorrection
		if err := f.share(deal, d, order, o, contract.Share{}, nil, reason); err != nil {
			return err
		}
		if err := f.post(deal, d, order, "", o); err != nil {
			return err
		}
	}
	if err := count(d, was, -1); err != nil {
		return err
	}
	if err := count(d, is, +1); err != nil {
		return err
	}
	if err := f.countReturns(dealPrefix+deal, was, is); err != nil {
		return err
	}
	o.Credit, o.Why, o.Restates = is, whyOf(was, is), int32(reason)
	f.keepGone(key, o)
	if is == nil && o.Revision == 0 {
		f.owed.Delete(key) // nothing has ever been said of it
	}
	f.changed(dealPrefix + deal)
	return nil
}

// slimDeal is what the ledger keeps of a deal's credit: what rating and statements need.
func slimDeal(c *eventpb.Credit) *eventpb.Credit {
	is := slim(c)
	is.PersonHi, is.PersonLo = 0, 0
	is.ShowId, is.InLive, is.Model = strings.Clone(c.ShowId), c.InLive, strings.Clone(c.Model)
	is.Holds, is.Touches = operators.OwnedList(c.Holds), operators.OwnedList(c.Touches)
	for _, l := range c.Lines {
		is.Lines = append(is.Lines, &eventpb.CreditLine{
			ProductId: strings.Clone(l.ProductId), Units: l.Units, PaidMinor: l.PaidMinor, NetMinor: l.NetMinor,
		})
	}
	return is
}

// Reasons of entries.
const (
	whySale         = "sale"
	whyRefund       = "refund"
	whyCancellation = "cancellation"
	whyCorrection   = "correction"
	whyTerms        = "terms, or the month's brackets and caps" // of an order of which nothing new is known
	whyApproved     = "return window over"
	whyPayable      = "on the statement"
	whyPaid         = "payout"
	whyRecouped     = "set off against the payout"
	whyBack         = "held again, or not due after all"
	whyHeld         = "held: "
)

// whyOf says what has happened between two credits.
func whyOf(was, is *eventpb.Credit) string {
	switch {
	case was == nil:
		return whySale
	case is == nil:
		return whyCorrection
	case is.RefundedMinor > was.RefundedMinor:
		return whyRefund
	case is.CancelledMinor > was.CancelledMinor || is.Cancelled && !was.Cancelled:
		return whyCancellation
	case is.Paid && !was.Paid:
		return whySale
	}
	return whyCorrection
}

// openDeal returns the deal, and makes it with its campaign's and its ESOL's note of it where there is none.
func (f *Fold) openDeal(deal, campaign, esol string) (*ledgerpb.Deal, error) {
	d, ok, err := f.deals.Get(deal)
	if err != nil {
		return nil, err
	}
	if !ok {
		d = &ledgerpb.Deal{Campaign: strings.Clone(campaign), Esol: strings.Clone(esol)}
		row, err := f.openCampaign(campaign)
		if err != nil {
			return nil, err
		}
		row.Esols, row.Mine = with(row.Esols, d.Esol), true
		e, err := f.openEsol(esol)
		if err != nil {
			return nil, err
		}
		e.Campaigns = with(e.Campaigns, d.Campaign)
	}
	f.deals.Put(deal, d)
	return d, nil
}

// with is the sorted list and id.
func with(list []string, id string) []string {
	if i, found := slices.BinarySearch(list, id); !found {
		list = slices.Insert(list, i, id)
	}
	return list
}

// totalIn is the deal's total in a currency; it makes it where there is none.
func totalIn(d *ledgerpb.Deal, currency string) *ledgerpb.Total {
	i, found := slices.BinarySearchFunc(d.Totals, currency, func(t *ledgerpb.Total, c string) int {
		return cmp.Compare(t.Currency, c)
	})
	if !found {
		d.Totals = slices.Insert(d.Totals, i, &ledgerpb.Total{Currency: currency})
	}
	return d.Totals[i]
}

// count adds (sign 1) or takes out (sign -1) a credit of the deal's totals.
func count(d *ledgerpb.Deal, c *eventpb.Credit, sign int64) error {
	if c == nil {
		return nil
	}
	t := totalIn(d, c.Currency)
	t.Orders += when(!c.RefundOnly, sign)
	if len(c.Holds) > 0 {
		t.Held += sign
	}
	if err := add(&t.Net, sign, c.NetMinor); err != nil {
		return fmt.Errorf("the deal's net: %w", err)
	}
	return nil
}
