package fold_test

import (
	"testing"
	"time"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/fold"
)

// slow is a fold that takes a minute for each record.
type slow struct{ operators.Fold }

// Apply implements operators.Fold.
func (s slow) Apply(r *operators.Record, out *operators.Outputs) error {
	time.Sleep(time.Minute)
	return s.Fold.Apply(r, out)
}

// A fold that does not keep up is seen to fall behind while it folds what it fetched long ago.
func TestASlowFoldIsSeenToFallBehind(t *testing.T) {
	alone(t, func(t *testing.T, w *world, m *machine) {
		p := w.start(m, func(c *fold.Config) {
			made := c.Stage.New
			c.Stage.New = func(s *state.Store, n int32) (operators.Fold, error) {
				f, err := made(s, n)
				return slow{f}, err
			}
		})
		lag := func() (n int64) {
			for _, s := range p.runner.Status().Tasks {
				n += s.End - s.Offset
			}
			return n
		}
		var lags []int64
		for range 5 {
			for range 30 { // a record a second and more, to one fold or the other
				w.say(0, 9)
				time.Sleep(time.Second)
			}
			time.Sleep(6 * time.Second)
			lags = append(lags, lag())
		}
		for i := 1; i < len(lags); i++ {
			if lags[i] <= lags[i-1] {
				t.Errorf("records behind: %v", lags)
			}
		}
		p.stop()
		<-p.ended
	})
}
