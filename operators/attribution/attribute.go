package attribution

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/stream/event"
)

// MaxTouches is how many touches are considered for an order, the latest (MODEL §5).
const MaxTouches = 16

// Rule is what a contract says about attribution.
type Rule struct {
	Model   Model
	Windows Windows
	Organic bool // touches without an ESOL take their share, which is nobody's; else they do not count
	Closes  bool // an order spends the touches before it that were about it: one order a click
}

// Order is what is attributed: one brand's part of an order.
type Order struct {
	ID       string
	TimeMS   int64
	Brand    string
	Products []string
}

// Share is what one ESOL has of an order through one show (Show "": otherwise). Shares mean something only beside
// each other: Weight over the sum of all weights.
type Share struct {
	Esol, Show string
	Weight     int64
	InLive     bool       // the order was placed while a show that the ESOL's touch was in was on air
	Touches    []event.ID // in order of (time, id)
}

// about tells whether a touch was about the order: it named no product, one that was bought, or another of the brand.
func (o *Order) about(t *Touch) bool {
	return t.Product == "" || slices.Contains(o.Products, t.Product) || o.Brand != "" && t.Brand == o.Brand
}

func (o *Order) earlier(than *Order) bool {
	return cmp.Or(cmp.Compare(o.TimeMS, than.TimeMS), cmp.Compare(o.ID, than.ID)) < 0
}

// Attribute shares the order among the touches of its buyer, in order of the least touch id of each share, which is the
// order in which ties of a split are decided. others are the orders of the same person that close; those that are not
// earlier do not matter. No share: nobody is to be credited.
func Attribute(touches []Touch, o Order, others []Order, r Rule) []Share {
	considered := consider(touches, &o, others, r)
	weights := r.Model.weigh(considered, o.TimeMS)
	var shares []Share
	for i := range considered {
		if weights[i] > 0 {
			shares = give(shares, &considered[i], weights[i], o.TimeMS)
		}
	}
	slices.SortFunc(shares, func(a, b Share) int {
		return cmp.Or(compareID(least(a.Touches), least(b.Touches)), cmp.Compare(a.Esol, b.Esol), cmp.Compare(a.Show, b.Show))
	})
	return shares
}

// Under is an order under one model.
type Under struct {
	Model  Model
	Shares []Share
}

// All is the order under every model, side by side, in order of model. The model of r does not matter.
func All(touches []Touch, o Order, others []Order, r Rule) []Under {
	all := make([]Under, 0, models-1)
	for r.Model = Last; r.Model < models; r.Model++ {
		all = append(all, Under{r.Model, Attribute(touches, o, others, r)})
	}
	return all
}

// consider picks the touches that count, in order of (time, id).
func consider(touches []Touch, o *Order, others []Order, r Rule) []Touch {
	closing := closingBefore(o, others, r)
	var out []Touch
	for i := range touches {
		if why, _ := r.judge(&touches[i], o, closing); why == Counts {
			out = append(out, touches[i])
		}
	}
	slices.SortFunc(out, before)
	out = slices.CompactFunc(out, func(a, b Touch) bool { return before(a, b) == 0 })
	return out[max(0, len(out)-MaxTouches):]
}

func give(shares []Share, t *Touch, weight, orderedMS int64) []Share {
	i := slices.IndexFunc(shares, func(s Share) bool { return s.Esol == t.Esol && s.Show == t.Show })
	if i < 0 {
		i = len(shares)
		shares = append(shares, Share{Esol: t.Esol, Show: t.Show})
	}
	s := &shares[i]
	s.Weight += weight
	s.InLive = s.InLive || t.inLive(orderedMS)
	s.Touches = append(s.Touches, t.ID)
	return shares
}

func least(ids []event.ID) event.ID { return slices.MinFunc(ids, compareID) }

func compareID(a, b event.ID) int {
	if a == b {
		return 0
	}
	return compare(a.Less(b))
}
