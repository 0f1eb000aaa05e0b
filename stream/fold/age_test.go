package fold_test

import (
	"testing"
	"time"

	"github.com/netsu/netsu/stream/fold"
)

// A task that stands still grows old, wherever the clocks of this machine and of the broker stand to each other.
func TestATaskThatStandsStillGrowsOld(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		broker, since time.Duration // the broker's clock, ahead of ours; since the last record was folded, and appended
		want          time.Duration
	}{
		{0, 3 * time.Second, 3 * time.Second},
		{time.Hour, 3 * time.Second, 3 * time.Second},
		{-time.Hour, 3 * time.Second, time.Hour + 3*time.Second},
	} {
		s := fold.TaskStatus{AppendMS: now.Add(c.broker - c.since).UnixMilli(), Folded: now.Add(-c.since)}
		if got := s.Age(now).Round(time.Second); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	restored := fold.TaskStatus{AppendMS: now.Add(-time.Minute).UnixMilli(), Folded: now} // and nothing folded yet
	if got := restored.Age(now).Round(time.Second); got != time.Minute {
		t.Errorf("restored: %v", got)
	}
}
