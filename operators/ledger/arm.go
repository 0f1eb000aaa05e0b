package ledger

import (
	"fmt"
	"strings"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/holdout"
	"github.com/netsu/netsu/operators/roims"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// What did a campaign cause? What its treated people bought beyond what the held-out did (operators/holdout). One amount a
// person and currency is summed, of all their orders: orders of one person come and stay away together, so taken one by one
// they would look like more chances than they are, and the interval would be too narrow.

const armPrefix = event.ScopeArm + "/"

// newArmed is what each person of an arm has bought, so that it can be replaced.
func newArmed(store *state.Store) *state.Table[roims.Order] {
	return state.NewTable(store, "armed", state.Codec[roims.Order]{Encode: encodeArmed, Decode: decodeArmed})
}

// armCredit puts what an arm bought with an order in the place of what it bought before. It is in no money meter and
// nobody is owed it.
func (f *Fold) armCredit(c *eventpb.Credit) error {
	scope, order := strings.Clone(c.Scope), strings.Clone(c.OrderId)
	campaign, arm, ok := event.SplitDealID(scope[len(armPrefix):])
	known := arm == string(holdout.Treated) || arm == string(holdout.Control)
	if !ok || !known || order == "" {
		return nil // no journey fold writes that
	}
	key := scoped(scope, order)
	was, had, err := f.credits.Get(key)
	if err != nil {
		return err
	}
	var is *eventpb.Credit
	if c.Currency != "" {
		is = &eventpb.Credit{
			PersonHi: c.PersonHi, PersonLo: c.PersonLo, Currency: strings.Clone(c.Currency), PaidMinor: c.PaidMinor,
			NetMinor: c.NetMinor,
		}
	}
	if is == nil && !had || is != nil && had && is.EqualVT(was) {
		return nil
	}
	if err := f.own(campaign); err != nil {
		return err
	}
	if err := f.countArm(campaign, arm, scope, was, is); err != nil {
		return err
	}
	if is == nil {
		f.credits.Delete(key)
	} else {
		f.credits.Put(key, is)
	}
	f.changed(event.Scope(event.ScopeCampaign, campaign))
	return nil
}

// countArm takes was (nil: none) out of the sums of an arm, and puts is (nil: none) in.
func (f *Fold) countArm(campaign, arm, scope string, was, is *eventpb.Credit) error {
	of := event.Scope(event.ScopeCampaign, campaign)
	r, ok, err := f.returns.Get(of)
	if err != nil {
		return err
	}
	if !ok {
		r = &returns{}
	}
	if was != nil {
		if err := f.countArmed(r, arm, scope, was, -1); err != nil {
			return err
		}
	}
	if is != nil {
		if err := f.countArmed(r, arm, scope, is, +1); err != nil {
			return err
		}
	}
	r.prune()
	f.returns.Put(of, r)
	return nil
}

// countArmed adds (sign 1) an order to what its buyer has bought, or takes it out.
func (f *Fold) countArmed(r *returns, arm, scope string, c *eventpb.Credit, sign int64) error {
	key := scoped(scope, event.ID{Hi: c.PersonHi, Lo: c.PersonLo}.String()+c.Currency)
	former, _, err := f.armed.Get(key)
	if err != nil {
		return err
	}
	order, next := orderOf(c), former
	if err := add(&next.PaidMinor, sign, order.PaidMinor); err != nil {
		return err
	}
	if err := add(&next.BackMinor, sign, order.BackMinor); err != nil {
		return err
	}
	in := r.at(c.Currency, true)
	sums := &in.treated
	if arm == string(holdout.Control) {
		sums = &in.control
	}
	if err := sums.Replace(former, next); err != nil {
		return err
	}
	if next == (roims.Order{}) {
		f.armed.Delete(key)
	} else {
		f.armed.Put(key, next)
	}
	return nil
}

// holdout is the experiment of a campaign that holds out ppm parts per million of all people; nil of one that holds out
// nobody, and of a deal. Its persons are in the ratio of those odds.
func (in *returnsIn) holdout(ppm uint32) *roims.Holdout {
	if ppm == 0 || in.pace == nil {
		return nil
	}
	return &roims.Holdout{
		Randomised: true, TreatedPersons: 1_000_000 - int64(ppm), ControlPersons: int64(ppm),
		Treated: in.treated, Control: in.control,
	}
}

const armedVersion = 1

func encodeArmed(o roims.Order) []byte {
	w := codec.NewWriter(armedVersion)
	w.Int(o.PaidMinor)
	w.Int(o.BackMinor)
	return w.Done()
}

func decodeArmed(b []byte) (roims.Order, error) {
	r := codec.NewReader(b, armedVersion)
	o := roims.Order{PaidMinor: r.Int(), BackMinor: r.Int()}
	if err := r.End(); err != nil {
		return roims.Order{}, fmt.Errorf("reading what a person bought: %w", err)
	}
	return o, nil
}
