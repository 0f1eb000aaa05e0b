package ingest

import (
	"testing"
	"time"
)

// TestRunTicksOfSeveralMembers lets two members share a steady stream: what ticks claim follows, though at no moment the other
// has committed all that is there.
func TestRunTicksOfSeveralMembers(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, r *rig) {
		first, second := r.start(r.config), r.start(r.config)
		time.Sleep(10 * time.Second)
		begin := time.Now()
		for n := range 3000 {
			r.put(r.config.Topics.Comments, int32(n%4), "", comment(n, "S", time.Now()))
			time.Sleep(10 * time.Millisecond)
		}
		if err := first(); err != nil {
			t.Fatal(err)
		}
		if err := second(); err != nil {
			t.Fatal(err)
		}
		var worst int64
		for _, e := range r.ticks(r.config.Topics.Journal, 0) {
			if e.TimeMs > begin.UnixMilli() {
				worst = max(worst, e.TimeMs-e.Tick.IngestedMs)
			}
		}
		if worst > 3000 {
			t.Errorf("a tick says what was %d ms ago", worst)
		}
	})
}
