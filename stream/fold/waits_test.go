package fold_test

import (
	"slices"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/fold"
)

// A checkpoint that does not come to its end says what it waits for, and what has ended says nothing.
func TestCheckpointsSayWhatTheyWaitFor(t *testing.T) {
	for step, want := range map[fold.Step]string{
		fold.StepCut:             "what was written before it to be acknowledged",
		fold.StepFlushed:         "netsu.show.changelog to be acknowledged",
		fold.StepTransactionOpen: "its transaction to be committed",
	} {
		t.Run(string(step), func(t *testing.T) {
			alone(t, func(t *testing.T, w *world, m *machine) {
				p := w.start(m, func(c *fold.Config) { c.CheckpointEvery = time.Second })
				w.say(0, 5)
				w.caughtUp(p)
				waits := func() (all []string) {
					for _, s := range p.runner.Status().Tasks {
						if s.Waits != "" && time.Since(s.WaitsSince) > time.Second {
							all = append(all, s.Waits)
						}
					}
					return all
				}
				if got := waits(); len(got) > 0 {
					t.Errorf("before: %q", got)
				}
				p.mu.Lock()
				p.stopAt = step // nothing is sent from then on
				p.mu.Unlock()
				for i := range 5 {
					w.say(i%3, 5)
					time.Sleep(time.Second)
				}
				if got := waits(); !slices.Contains(got, want) {
					t.Errorf("while nothing is acknowledged: %q, want %q", got, want)
				}
				p.thaw()
				w.caughtUp(p)
				time.Sleep(2 * time.Second)
				if got := waits(); len(got) > 0 {
					t.Errorf("after: %q", got)
				}
				p.shutdown()
			})
		})
	}
}
