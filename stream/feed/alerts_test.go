package feed

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Feed processes read the partitions of the alerts in any interleaving, and list the same.
func TestAlertsAreListedAlikeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := make([]AlertView, rapid.SampledFrom([]int{3, maxAlerts - 1, maxAlerts + 1, maxAlerts + 200, toldMax + 200}).Draw(t, "alerts"))
		latest := int64(len(all) / rapid.IntRange(1, 4).Draw(t, "at the same time"))
		for i := range all {
			all[i] = AlertView{ID: fmt.Sprint(i), ShowID: fmt.Sprint(i % 7), Kind: []string{"hot", "no_order", "cold_brand"}[i%3],
				timeMS: int64(i*7919) % (latest + 1)}
		}
		var first *alerts
		for range 2 {
			l := newAlerts()
			for _, i := range rapid.Permutation(numbers(len(all))).Draw(t, "order") {
				at := place{origin{"show", 0}, parsed(int64(i))}
				if !l.add(at, all[i]) {
					t.Fatalf("alert %d is no news", i)
				}
				if l.add(at, all[i]) {
					t.Fatalf("alert %d is news again", i)
				}
			}
			want := slices.SortedFunc(slices.Values(all), compareAlerts)
			want = want[max(0, len(want)-maxAlerts):]
			same := func(a, b AlertView) bool { return a.ID == b.ID }
			if !slices.EqualFunc(l.latest, want, same) || len(l.places) != min(len(all), toldMax) || len(l.came) != len(l.places) {
				t.Fatalf("%d are listed, %d known", len(l.latest), len(l.places))
			}
			if first == nil {
				first = &l
			} else if !maps.EqualFunc(first.diagnoses, l.diagnoses, same) {
				t.Fatalf("attention is asked for %v, and in another order for %v", first.diagnoses, l.diagnoses)
			}
		}
	})
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
