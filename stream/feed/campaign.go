package feed

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// maxDeals bounds the deals of a campaign's document; those that return most stay.
const maxDeals = 200

func (m *meters) campaign(topic, id, currency string) *Campaign {
	d := &Campaign{Scope: topic, Kind: event.ScopeCampaign, ID: id, Returns: []Return{}, Deals: []Deal{}}
	var asOf int64
	if s := m.scopes[topic]; s != nil {
		d.BrandID, d.Model, d.Money, asOf = nonEmpty(s.brand), nonEmpty(s.model), moneyDocument(s.money).in(currency), s.asOf
		if s.cost != nil {
			d.Costs = []Cost{} // known, and maybe none in this currency
		}
		for _, c := range s.cost.GetCosts() {
			if is(currency, c.Currency) {
				d.Costs = append(d.Costs, costDocument(c))
			}
		}
		d.HoldoutPPM = s.returns.GetHoldoutPpm()
		for _, r := range s.returns.GetReturns() {
			if !is(currency, r.Currency) {
				continue
			}
			at := len(d.Returns)
			if r.Pace != nil { // the campaign's own currency, which money is spent in; of the others only orders are
				at = 0
			}
			d.Returns = slices.Insert(d.Returns, at, returnDocument(r))
		}
		if t := s.returns.GetTotal(); is(currency, t.GetCurrency()) {
			d.Total = totalDocument(t)
		}
	}
	var earned []earning
	for _, s := range m.deals[id] {
		asOf = max(asOf, s.asOf)
		if e, ok := earningOf(s, currency); ok {
			earned = append(earned, e)
		}
	}
	slices.SortFunc(earned, byReturn)
	for _, e := range earned[:min(len(earned), maxDeals)] {
		d.Deals = append(d.Deals, m.deal(e))
	}
	d.Age = age(asOf, 0)
	return d
}

func campaignRow(s *scope, currency string) CampaignRow {
	_, id, _ := event.SplitScope(s.name)
	row := CampaignRow{ID: id, BrandID: nonEmpty(s.brand), GMVNet: []Money{}}
	for _, g := range s.money.GetGmv() {
		if is(currency, g.Currency) {
			row.GMVNet = append(row.GMVNet, amounts(g.Currency, g.Exponent)(g.NetMinor))
		}
	}
	for _, r := range s.returns.GetReturns() {
		if r.Pace == nil || !is(currency, r.Currency) { // of the currency that is spent there is one
			continue
		}
		row.Hit = r.Pace.Hit
		if r.Pace.Insufficient == "" {
			row.Probability = finite(r.Pace.Probability)
		}
		for _, v := range r.Variants {
			if v.Name == "net" {
				row.Roims = ptr(variantDocument(v, amounts(r.Currency, r.Exponent)))
			}
		}
	}
	return row
}

// earning is a deal in one currency: that of the document, or else the one that most of its orders are in.
type earning struct {
	esol string
	lead *eventpb.Earned
	net  *eventpb.Variant // the ROIMS of net GMV in that currency; nil: nothing is said of it
}

// earningOf is false where nothing was sold or promised (in the currency, where it is not "").
func earningOf(s *scope, currency string) (earning, bool) {
	e := earning{esol: s.earnings.GetEsolId()}
	for _, in := range s.earnings.GetEarned() {
		if is(currency, in.Currency) && (e.lead == nil || in.Orders > e.lead.Orders) {
			e.lead = in
		}
	}
	if e.lead == nil {
		return e, false
	}
	for _, in := range s.returns.GetReturns() {
		for _, v := range in.Variants {
			if in.Currency == e.lead.Currency && v.Name == "net" {
				e.net = v
			}
		}
	}
	return e, true
}

// byReturn is the order of deals: known ROIMS first and the greatest of them, then net GMV, then the id. Amounts of
// different currencies cannot be compared, so where they would be, those of one currency stand together.
func byReturn(a, b earning) int {
	value := func(e earning) float64 {
		if e.net == nil || e.net.Insufficient != "" {
			return math.Inf(-1)
		}
		return e.net.Value
	}
	return cmp.Or(cmp.Compare(value(b), value(a)), cmp.Compare(a.lead.Currency, b.lead.Currency),
		cmp.Compare(b.lead.NetMinor, a.lead.NetMinor), cmp.Compare(a.esol, b.esol))
}

// deal is what a deal has earned.
func (m *meters) deal(e earning) Deal {
	lead := e.lead
	amount := amounts(lead.Currency, lead.Exponent)
	d := Deal{
		EsolID: e.esol, Orders: lead.Orders, OrdersHeld: lead.OrdersHeld, Net: amount(lead.NetMinor),
		Owed: statesDocument(lead.Esol, amount), Cost: amount(inAll(lead.Esol) + inAll(lead.Others)),
	}
	if lead.CommitmentMinor > 0 {
		d.Commitment, d.Shortfall = ptr(amount(lead.CommitmentMinor)), ptr(amount(lead.ShortfallMinor))
	}
	if e.net != nil {
		d.Roims = ptr(variantDocument(e.net, amount))
	}
	for _, show := range m.esols[d.EsolID] {
		if show.room.OnAir() {
			d.ActiveHeads += show.room.Newest().GetHeat().GetActiveHeads()
		}
	}
	return d
}

// amounts makes money of a currency.
func amounts(currency string, exponent uint32) func(minor int64) Money {
	return func(minor int64) Money { return Money{strconv.FormatInt(minor, 10), currency, exponent} }
}

func costDocument(c *eventpb.CostIn) Cost {
	amount := amounts(c.Currency, c.Exponent)
	return Cost{
		Currency: c.Currency, Total: amount(c.TotalMinor), Spend: amount(c.SpendMinor),
		Commission: statesDocument(c.Commission, amount),
	}
}

func statesDocument(s *eventpb.States, amount func(int64) Money) States {
	return States{
		Estimated: amount(s.GetEstimatedMinor()), Approved: amount(s.GetApprovedMinor()), Payable: amount(s.GetPayableMinor()),
		Paid: amount(s.GetPaidMinor()), ClawedBack: amount(s.GetClawedBackMinor()),
	}
}

func inAll(s *eventpb.States) int64 {
	return s.GetEstimatedMinor() + s.GetApprovedMinor() + s.GetPayableMinor() + s.GetPaidMinor() - s.GetClawedBackMinor()
}

func returnDocument(r *eventpb.ReturnsIn) Return {
	amount := amounts(r.Currency, r.Exponent)
	d := Return{Currency: r.Currency, Variants: []Variant{}}
	for _, v := range r.Variants {
		d.Variants = append(d.Variants, variantDocument(v, amount))
	}
	if p := r.Pace; p != nil && p.TargetMinor > 0 {
		d.Pace = ptr(paceDocument(p, amount))
	}
	if e := r.Expected; e != nil {
		d.Expected = &Expected{amount(e.NetMinor), amount(e.ComingMinor), e.Curve}
	}
	return d
}

func totalDocument(t *eventpb.Total) *Total {
	if t == nil {
		return nil
	}
	d := &Total{
		Rates: nonEmpty(t.Version), RatesFrom: timestamp(t.AsOfMs), LeftOut: append([]string{}, t.LeftOut...),
		Insufficient: nonEmpty(t.Insufficient),
	}
	if t.Insufficient == "" {
		amount := amounts(t.Currency, t.Exponent)
		d.Net, d.Paid = ptr(amount(t.NetMinor)), ptr(amount(t.PaidMinor))
	}
	return d
}

func variantDocument(v *eventpb.Variant, amount func(int64) Money) Variant {
	d := Variant{
		Name: v.Name, Claim: v.Claim, Basis: v.Basis, Orders: v.Orders, Insufficient: nonEmpty(v.Insufficient),
	}
	if v.Name != "break_even" { // that is parts per million, not money
		d.Numerator, d.Denominator = ptr(amount(v.NumeratorMinor)), ptr(amount(v.DenominatorMinor))
	}
	if v.Insufficient == "" {
		d.Value, d.Lo, d.Hi, d.Grade = finite(v.Value), finite(v.Lo), finite(v.Hi), nonEmpty(v.Grade)
	}
	return d
}

func paceDocument(p *eventpb.Pace, amount func(int64) Money) Pace {
	about := func(minor float64) *Money { return ptr(amount(int64(math.Round(min(max(minor, -1e18), 1e18))))) }
	d := Pace{
		Target: amount(p.TargetMinor), Current: amount(p.CurrentMinor), Hit: p.Hit, ElapsedSeconds: p.ElapsedSeconds,
		LeftSeconds: p.LeftSeconds, Insufficient: nonEmpty(p.Insufficient),
	}
	if p.ElapsedSeconds > 0 {
		d.RunRate = about(p.RunRatePerHour)
	}
	if p.NeededRatePerHour >= 0 {
		d.NeededRate = about(p.NeededRatePerHour)
	}
	if p.Insufficient == "" {
		d.Probability, d.Calibration = finite(p.Probability), nonEmpty(p.Calibration)
		d.Final, d.FinalLo, d.FinalHi = about(p.Final), about(p.FinalLo), about(p.FinalHi)
	}
	return d
}
