package attribution

import "slices"

// Reason is why a touch does not count for an order.
type Reason uint8

// The reasons, in the order in which they are looked for. Counts is none.
const (
	Counts  Reason = iota
	After          // it came after the order
	Outside        // it is longer ago than the window of its surface
	Organic        // it has no ESOL, and the contract does not count those
	About          // it was about a product of another brand, which was not bought
	Spent          // an earlier order has used it up
	Beyond         // MaxTouches later ones count
	reasons
)

var reasonNames = [reasons]string{"", "after_order", "outside_window", "organic", "other_product", "spent", "beyond_16"}

func (r Reason) String() string { return reasonNames[r] }

// Judgement is whether a touch counts for an order.
type Judgement struct {
	Why     Reason
	SpentBy string // the earliest order that has used it up, if that is why
}

// Judge says of each touch, in the order given, whether Attribute considers it. A touch given twice is judged alike.
func Judge(touches []Touch, o Order, others []Order, r Rule) []Judgement {
	closing := closingBefore(&o, others, r)
	counting := consider(touches, &o, others, r)
	out := make([]Judgement, len(touches))
	for i := range touches {
		t := &touches[i]
		out[i].Why, out[i].SpentBy = r.judge(t, &o, closing)
		kept := slices.ContainsFunc(counting, func(c Touch) bool { return before(c, *t) == 0 })
		if out[i].Why == Counts && !kept {
			out[i].Why = Beyond
		}
	}
	return out
}

// judge judges a touch by itself: without regard to how many others count.
func (r *Rule) judge(t *Touch, o *Order, closing []Order) (why Reason, spentBy string) {
	age := o.TimeMS - t.TimeMS
	switch {
	case age < 0:
		return After, ""
	case age > r.Windows[t.Surface]:
		return Outside, ""
	case t.Esol == "" && !r.Organic:
		return Organic, ""
	case !o.about(t):
		return About, ""
	}
	first := o
	for i := range closing {
		if e := &closing[i]; t.TimeMS <= e.TimeMS && e.about(t) && e.earlier(first) {
			why, spentBy, first = Spent, e.ID, e
		}
	}
	return why, spentBy
}

// closingBefore are those of the others that may have spent touches before the order was placed.
func closingBefore(o *Order, others []Order, r Rule) (closing []Order) {
	for i := range others {
		if r.Closes && others[i].earlier(o) {
			closing = append(closing, others[i])
		}
	}
	return closing
}
