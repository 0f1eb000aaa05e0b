package feed

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What a client has missed is what a look at everything finds, whichever partitions it lies in.
func TestMissedEventsAreThoseAfterTheCursor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const partitions = 3
		l := newPastEvents(partitions)
		var all []pastEvent
		next := make([]int64, partitions)
		for i := range rapid.IntRange(0, 30).Draw(t, "events") {
			p := rapid.IntRange(0, partitions-1).Draw(t, "partition")
			next[p] += rapid.Int64Range(1, 3).Draw(t, "gap")
			e := pastEvent{int32(p), next[p], []string{rapid.SampledFrom([]string{"show/S1", "show/S2"}).Draw(t, "topic")}, exampleMoment(i)}
			all = append(all, e)
			l.add(e)
		}
		from := make([]int64, partitions)
		for p := range from {
			from[p] = rapid.Int64Range(0, next[p]+2).Draw(t, "from")
		}
		var want []string
		for _, e := range all {
			if e.topics[0] == "show/S1" && e.offset >= from[e.partition] {
				want = append(want, e.data.ID)
			}
		}
		found, _ := l.since(&view{topic: &topic{name: "show/S1"}}, from)
		var got []string
		for _, e := range found {
			got = append(got, e.data.ID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("from %v of %s: %v, want %v", from, fmt.Sprint(all), got, want)
		}
	})
}
