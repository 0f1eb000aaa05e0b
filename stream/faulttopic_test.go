package stream_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/netsu/netsu/stream/source"
)

// drop deletes a topic; remake makes it anew, as `netsu topics create` does.
func (w *world) drop(topic string) {
	w.t.Helper()
	if _, err := kadm.NewClient(w.root.Client(w.t)).DeleteTopic(w.ctx, topic); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) remake() { w.root.Create(w.t, 4) }

// says waits until a process says all of the texts, in its log or as why its tasks fail.
func (w *world) says(m *member, texts ...string) time.Duration {
	w.t.Helper()
	return w.until("saying "+strings.Join(texts, ", "), 2*time.Minute, func() bool {
		all := m.said.String() + m.reasons()
		for _, text := range texts {
			if !strings.Contains(all, text) {
				return false
			}
		}
		return true
	})
}

// halves plays the scenario with a pause in its middle, when all that was sent is ingested, for fn.
func (w *world) halves(fn func()) {
	w.t.Helper()
	all := w.sc.records
	middle := len(all) / 2
	play := func(records []source.Record) {
		part := *w
		part.sc.records = records
		part.begin()()
	}
	play(all[:middle])
	ingested(w.ctx, w.t, w.root.Cluster, w.root.Topics)
	fn()
	play(all[middle:])
}

// TestDeletedRawTopic: a raw topic that is deleted while the program runs, and made anew under its name, is named; the new one is
// taken up by itself, from its beginning.
func TestDeletedRawTopic(t *testing.T) {
	seed, want := undisturbed(t)

	hurt(t, seed, want, 1, func(w *world) {
		m := w.start(w.as("netsu", w.net.DialContext), t.TempDir())
		w.until("running", time.Minute, func() bool { return m.running(12) })
		w.halves(func() {
			w.drop("netsu.orders")
			gone := w.says(m, "topic netsu.orders is gone")
			w.remake()
			back := w.until("running again", time.Minute, func() bool { return m.running(12) && m.fresh() })
			t.Logf("said to be gone after %v; at work %v after it was made anew", gone, back)
		})
	})
}
