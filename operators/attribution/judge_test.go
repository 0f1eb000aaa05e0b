package attribution_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/stream/event"
)

// What is judged to count is what shares are made of, and nothing else is.
func TestJudgementsAreThoseOfShares(t *testing.T) {
	seen := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		touches, r := drawTouches(t), rule(attribution.Linear)
		r.Organic, r.Closes = rapid.Bool().Draw(t, "organic"), rapid.Bool().Draw(t, "closes")
		r.Windows = r.Windows.Capped(rapid.SampledFrom([]int64{0, 5 * day}).Draw(t, "cap"))
		if rapid.Bool().Draw(t, "many") {
			for n := range uint64(attribution.MaxTouches) {
				touches = append(touches, touch(100+n, int64(n), "a"))
			}
		}
		var others []attribution.Order
		for _, id := range []string{"m", "n"} {
			others = append(others, attribution.Order{
				ID: id, TimeMS: now - rapid.Int64Range(-1, 9).Draw(t, "before")*day, Products: []string{"p"},
			})
		}
		var counting []event.ID
		for _, s := range attribution.Attribute(touches, order, others, r) {
			counting = append(counting, s.Touches...)
		}
		for i, j := range attribution.Judge(touches, order, others, r) {
			if (j.Why == attribution.Counts) != slices.Contains(counting, touches[i].ID) {
				t.Fatalf("%+v is judged %v", touches[i], j)
			}
			if (j.SpentBy != "") != (j.Why == attribution.Spent) {
				t.Fatalf("%+v", j)
			}
			if both := others[0].TimeMS == others[1].TimeMS; both && j.SpentBy == "n" {
				t.Fatalf("%+v, and m was earlier", j)
			}
			seen[j.Why.String()] = true
		}
	})
	if len(seen) != 7 {
		t.Errorf("reasons are %v", seen)
	}
}
