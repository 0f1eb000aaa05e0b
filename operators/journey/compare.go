package journey

import (
	"slices"

	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// comparison is the work on an order under all models: r as it is, beside what it would be.
type comparison struct {
	fold     *Fold
	books    books
	person   *journeypb.Person // with all that is lent
	question *eventpb.Purchase
	touches  []contact // in the order of the person's, and the order itself
	others   []attribution.Order
	whole    [][]portion // by model: what each ESOL has, part after part
}

// compare fills in the parts, with all models side by side, and the whole.
func (f *Fold) compare(e *Explanation, o *journeypb.Order, r *reading, p *journeypb.Person) error {
	c := comparison{
		fold: f, books: books{order: o, reading: r, own: r.sale.own()}, person: p, question: r.question(e.Order, o),
	}
	c.others = otherOrders(p, c.question)
	touches, err := f.contacts(p)
	if err != nil {
		return err
	}
	if c.touches, err = f.withOwn(touches, c.question); err != nil {
		return err
	}
	all := attribution.All(nil, attribution.Order{}, nil, attribution.Rule{})
	c.whole = make([][]portion, len(all))
	var total part
	for i := range r.shares {
		if err := total.add(r.parts[i]); err != nil {
			return err
		}
		part, err := c.part(i)
		if err != nil {
			return err
		}
		e.Parts = append(e.Parts, part)
	}
	e.Amounts = total.amounts(e.Currency)
	if !r.asks() {
		return nil
	}
	for i, m := range all {
		sum, err := summed(c.whole[i])
		if err != nil {
			return err
		}
		e.Models = append(e.Models, Modelled{m.Model.String(), c.shares(sum)})
	}
	return nil
}

// part is the brand's part i, under each campaign that decides about it.
func (c *comparison) part(i int) (PartOf, error) {
	s, r := &c.books.shares[i], c.books.reading
	out := PartOf{Brand: s.brand, Products: []string{}, Amounts: r.parts[i].amounts(r.currency)}
	for _, g := range s.goods {
		if g.product != "" {
			out.Products = append(out.Products, g.product)
		}
	}
	for n, by := range c.deciding(i) {
		v, models, err := c.verdict(i, by)
		if err != nil {
			return out, err
		}
		out.Verdicts = append(out.Verdicts, v)
		for m := range c.whole {
			if n == 0 {
				c.whole[m] = append(c.whole[m], models[m]...)
			}
		}
	}
	return out, nil
}

// deciding are the campaigns of part i that have a model; where none has, the one that would decide if it had, or one
// that says nothing.
func (c *comparison) deciding(i int) []campaign {
	if all := c.books.models[i]; len(all) > 0 {
		return all
	}
	var covering []campaign
	for _, d := range c.books.sale.campaigns {
		if d.covers(c.books.shares[i].brand) {
			covering = append(covering, d)
		}
	}
	if len(covering) == 0 {
		return []campaign{{"", &eventpb.Campaign{}}}
	}
	return []campaign{slices.MinFunc(covering, precedence)}
}

// verdict is part i under a campaign; models are what each ESOL would have of it, by model.
func (c *comparison) verdict(i int, by campaign) (v Verdict, models [][]portion, err error) {
	rule, rounding, whole := ruleOf(by.Campaign), attribution.ParseRounding(by.Rounding), c.books.parts[i]
	asked := c.books.asks() && i < len(c.question.Parts)
	v = Verdict{
		Campaign: by.id, Rounding: rounding.String(), Organic: rule.Organic, Closes: rule.Closes, Current: true,
		Touches: []Touched{}, Models: []Modelled{},
	}
	inForce := c.books.own
	if slices.ContainsFunc(c.books.models[i], func(d campaign) bool { return d.id == by.id }) {
		inForce, v.Model = c.books.claims(i, by), rule.Model.String()
	}
	now, err := inForce.all(whole)
	if err != nil {
		return v, nil, err
	}
	v.Shares = c.shares(now)
	if !asked {
		models = slices.Repeat([][]portion{now}, len(c.whole))
		return v, models, nil
	}
	part := c.question.Parts[i]
	o := attribution.Order{
		ID: c.question.OrderId, TimeMS: c.question.OrderedMs, Brand: part.BrandId, Products: part.ProductIds,
	}
	v.Touches = c.judged(by, o, rule)
	for _, under := range attribution.All(countingFor(c.touches, by.id, by.Campaign), o, c.others, rule) {
		would := claims{model: under.Model.String(), rounding: rounding}
		for _, s := range under.Shares {
			would.list = append(would.list, claim(s))
		}
		if under.Model == rule.Model && v.Model != "" {
			v.Current = slices.EqualFunc(would.list, inForce.list, (*eventpb.Claim).EqualVT)
		}
		portions, err := would.all(whole)
		if err != nil {
			return v, nil, err
		}
		models = append(models, portions)
		v.Models = append(v.Models, Modelled{would.model, c.shares(portions)})
	}
	return v, models, nil
}

// judged are all touches with whether they count.
func (c *comparison) judged(by campaign, o attribution.Order, rule attribution.Rule) []Touched {
	ours := countingFor(c.touches, by.id, by.Campaign)
	judgements := attribution.Judge(ours, o, c.others, rule)
	out := make([]Touched, len(c.touches))
	for i := range c.touches {
		t := &c.touches[i]
		out[i] = Touched{
			ID: touchID(t.ID), Time: Time(t.TimeMS), Kind: "order", Surface: t.Surface.String(), Esol: t.Esol, Show: t.Show,
			Product: t.Product, Brand: t.Brand, Campaign: t.campaign, WindowMS: rule.Windows[t.Surface],
			Why: "other_contract",
		}
		if !t.own {
			out[i].Kind = word(c.person.Touches[i].Kind.String(), "KIND_")
		}
		if t.countsFor(by.id, by.Campaign) {
			j := judgements[0]
			judgements = judgements[1:]
			out[i].Counts, out[i].Why, out[i].SpentBy = j.Why == attribution.Counts, j.Why.String(), j.SpentBy
		}
	}
	return out
}

// all divides p over the ESOLs of the claims; where there are none, it is nobody's.
func (c *claims) all(p part) ([]portion, error) {
	if len(c.list) == 0 {
		return []portion{{part: p}}, nil
	}
	return c.portions(p, byEsol)
}

// summed adds up the portions of each ESOL.
func summed(portions []portion) ([]portion, error) {
	var by holdings
	for _, p := range portions {
		if err := by.at(p.name).add(p); err != nil {
			return nil, err
		}
	}
	out := make([]portion, len(by))
	for i, h := range by {
		out[i] = h.portion
	}
	return out, nil
}

func (c *comparison) shares(portions []portion) []Shared {
	out := []Shared{}
	for _, p := range portions {
		s := Shared{Esol: p.name, Amounts: p.part.amounts(c.books.currency), InLive: p.inLive}
		for i := 0; i+1 < len(p.touches); i += 2 {
			s.Touches = append(s.Touches, touchID(event.ID{Hi: p.touches[i], Lo: p.touches[i+1]}))
		}
		out = append(out, s)
	}
	return out
}
