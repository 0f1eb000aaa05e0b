package stream_test

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestFaultLeadersMove: under load the leaders of all partitions move between three brokers, and the coordinators of groups and
// transactions with them, again and again.
func TestFaultLeadersMove(t *testing.T) {
	seed, want := undisturbed(t)
	hurt(t, seed, want, 3, func(w *world) {
		m := w.start(w.as("netsu", w.net.DialContext), t.TempDir())
		w.until("running", time.Minute, func() bool { return m.running(12) })
		rng := rand.New(rand.NewPCG(seed, 2))
		wait := w.begin()
		moves := 0
		for range 12 {
			time.Sleep(5 * time.Second)
			for _, topic := range w.root.Topics.All() {
				for p := range int32(4) {
					if topic == w.root.Topics.Catalog && p > 0 {
						continue
					}
					if err := w.fake.MoveTopicPartition(topic, p, rng.Int32N(3)); err != nil {
						t.Fatal(err)
					}
					moves++
				}
			}
			w.fake.RehashCoordinators()
		}
		back := w.until("fresh", time.Minute, func() bool { return m.running(12) && m.fresh() })
		t.Logf("%d moves; fresh %v after the last", moves, back)
		wait()
	})
}
