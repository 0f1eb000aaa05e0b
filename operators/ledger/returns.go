package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/pacing"
	"github.com/netsu/netsu/operators/returncurve"
	"github.com/netsu/netsu/operators/roims"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// What did the brand's money return, what of it will stay, and will the commitment be reached? Sums of a campaign's and
// of a deal's orders with what an interval needs, exact, each order's latest credit in them once (operators/roims,
// operators/returncurve, operators/pacing).
type returns struct {
	in []returnsIn // in order of currency
}

type returnsIn struct {
	currency string
	sums     roims.Sums
	// Of net GMV; nil of a deal.
	pace *pacing.State
	open *returncurve.Open
	// Of the people whom a campaign was shown to, and of those who were held out: arm.go.
	treated, control roims.Sums
}

func newReturns(store *state.Store) *state.Table[*returns] {
	return state.NewTable(store, "returns", state.Codec[*returns]{Encode: encodeReturns, Decode: decodeReturns})
}

func (r *returns) at(currency string, campaign bool) *returnsIn {
	i, found := slices.BinarySearchFunc(r.in, currency, func(in returnsIn, c string) int {
		return cmp.Compare(in.currency, c)
	})
	if !found {
		in := returnsIn{currency: strings.Clone(currency)}
		if campaign {
			in.pace, in.open = &pacing.State{}, &returncurve.Open{}
		}
		r.in = slices.Insert(r.in, i, in)
	}
	return &r.in[i]
}

// prune drops the currencies of which nothing is left.
func (r *returns) prune() {
	none := roims.Sums{}
	r.in = slices.DeleteFunc(r.in, func(in returnsIn) bool {
		return in.sums == none && in.treated == none && in.control == none
	})
}

// sold is the currencies in which the scope is credited with an order: of others only arms have bought.
func (r *returns) sold() []returnsIn {
	return slices.DeleteFunc(slices.Clone(r.in), func(in returnsIn) bool { return in.sums == (roims.Sums{}) })
}

// countReturns takes was (nil: none) out of the scope's sums, and puts is (nil: none) in.
func (f *Fold) countReturns(scope string, was, is *eventpb.Credit) error {
	r, ok, err := f.returns.Get(scope)
	if err != nil {
		return err
	}
	if !ok {
		r = &returns{}
	}
	campaign := strings.HasPrefix(scope, campaignPrefix)
	for _, one := range []struct {
		c    *eventpb.Credit
		gone bool
	}{{was, true}, {is, false}} {
		if one.c == nil {
			continue
		}
		former, next, before, after, sign := roims.Order{}, orderOf(one.c), int64(0), one.c.NetMinor, int64(1)
		if one.gone {
			former, next, before, after, sign = next, former, after, before, -1
		}
		in := r.at(one.c.Currency, campaign)
		if err := in.sums.Replace(former, next); err != nil {
			return err
		}
		if in.pace == nil {
			continue
		}
		if err := in.pace.Replace(one.c.OrderedMs, before, after); err != nil {
			return err
		}
		if err := f.countOpen(in.open, one.c, sign); err != nil {
			return err
		}
	}
	r.prune()
	f.returns.Put(scope, r) // if nothing is left, sayReturns takes back what it said
	return nil
}

// orderOf is a credit as ROIMS has it: of an order that was not paid (yet) there is nothing, and of a refund whose order
// is not known only what went back.
func orderOf(c *eventpb.Credit) roims.Order {
	return roims.Order{PaidMinor: c.PaidMinor, BackMinor: c.PaidMinor - c.NetMinor}
}

// sayReturns says what the money of a campaign or a deal returned, against what that costs in the same currency.
func (f *Fold) sayReturns(scope, campaign string, costs map[string]int64, out *operators.Outputs) error {
	r, ok, err := f.returns.Get(scope)
	if err != nil || !ok {
		return err
	}
	inAll, err := f.inAll(scope, r)
	if err != nil {
		return err
	}
	if len(r.in) == 0 {
		f.returns.Delete(scope)
		out.DropMeter(scope, "returns")
		return nil
	}
	terms, err := f.terms(campaign)
	if err != nil {
		return err
	}
	row, _, err := f.campaigns.Get(campaign)
	if err != nil {
		return err
	}
	var plan pacing.Plan // of a campaign: what pace a deal has, nobody asks
	shows := false
	if strings.HasPrefix(scope, campaignPrefix) {
		if plan, shows, err = f.plan(campaign, row.GetCampaign()); err != nil {
			return err
		}
		if row != nil {
			f.sayLater(campaign, row, plan, r)
		}
	}
	ppm := row.GetCampaign().GetHoldoutPpm()
	m := &eventpb.Returns{CampaignId: campaign, Total: inAll}
	if strings.HasPrefix(scope, campaignPrefix) {
		m.HoldoutPpm = ppm
	}
	for i := range r.in {
		in := &r.in[i]
		digits, _ := event.Exponent(in.currency)
		c := roims.Campaign{Currency: in.currency, Sums: in.sums, CostMinor: costs[in.currency]}
		if in.currency == terms.Currency() {
			c.MarginPPM = int64(row.GetCampaign().GetMarginPpm())
		}
		var pace pacing.View
		if in.pace != nil {
			pace = in.pace.View(plan, f.clock.SettledMs)
		}
		if shows {
			// Against the dates of a campaign whose shows are not planned, orders that all come in its shows would look far
			// more over-dispersed than they are.
			c.Phi = pace.Phi
		}
		said := &eventpb.ReturnsIn{Currency: in.currency, Exponent: uint32(digits)}
		for _, v := range []roims.Result{c.Net(), c.Gross(), c.Profit(), c.Incremental(in.holdout(ppm)), c.BreakEven()} {
			said.Variants = append(said.Variants, variant(v))
		}
		if in.pace != nil && in.currency == terms.Currency() {
			said.Pace = paceOf(pace)
		}
		if said.Expected, err = f.expected(in); err != nil {
			return err
		}
		said.NetSquaresHi, said.NetSquaresLo, said.Phi = in.sums.Net.Squares.Hi, in.sums.Net.Squares.Lo, c.Phi
		m.Returns = append(m.Returns, said)
	}
	said, err := f.meter(scope, "returns")
	if err != nil {
		return err
	}
	said.Returns = m
	out.Meter(said)
	return nil
}

func variant(r roims.Result) *eventpb.Variant {
	return &eventpb.Variant{
		Name: r.Name, Claim: string(r.Claim), Basis: string(r.Basis), NumeratorMinor: r.NumeratorMinor,
		DenominatorMinor: r.DenominatorMinor, Value: r.Value, Lo: r.Lo, Hi: r.Hi, Grade: string(r.Grade), Orders: r.Orders,
		Insufficient: r.Insufficient,
	}
}

func paceOf(v pacing.View) *eventpb.Pace {
	return &eventpb.Pace{
		TargetMinor: v.TargetMinor, CurrentMinor: v.CurrentMinor, Orders: v.Orders, Hit: v.Hit,
		ElapsedSeconds: v.ElapsedSeconds, LeftSeconds: v.LeftSeconds, RunRatePerHour: v.RunRate,
		NeededRatePerHour: finite(v.NeededRate), Probability: v.P, Final: v.Final, FinalLo: v.FinalLo,
		FinalHi: v.FinalHi, Calibration: v.Calibration, Insufficient: v.Insufficient,
	}
}

// finite is x, or -1 for what no rate can reach any more.
func finite(x float64) float64 {
	if x-x != 0 {
		return -1
	}
	return x
}

const returnsVersion = 3

func encodeReturns(r *returns) []byte {
	w := codec.NewWriter(returnsVersion)
	w.Uint(uint64(len(r.in)))
	for i := range r.in {
		in := &r.in[i]
		w.Str(in.currency)
		in.sums.Encode(w)
		w.Bool(in.pace != nil)
		if in.pace != nil {
			in.pace.Encode(w)
			in.open.Encode(w)
			in.treated.Encode(w)
			in.control.Encode(w)
		}
	}
	return w.Done()
}

func decodeReturns(b []byte) (*returns, error) {
	r := codec.NewReader(b, returnsVersion)
	out := &returns{}
	for range r.Count(4) {
		in := returnsIn{currency: r.Str(), sums: roims.Decode(r)}
		if r.Bool() {
			in.pace, in.open = pacing.Decode(r), returncurve.DecodeOpen(r)
			in.treated, in.control = roims.Decode(r), roims.Decode(r)
		}
		out.in = append(out.in, in)
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("reading returns: %w", err)
	}
	return out, nil
}
