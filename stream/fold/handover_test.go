package fold_test

import (
	"testing"
	"time"

	"github.com/netsu/netsu/stream/fold"
)

// A partition that moves in order, because a member comes or is told to stop, stands still for as long as the group takes
// to agree, which is some heartbeats. In virtual time that is all there is to it: no session runs out, nobody is fenced.
func TestHandoverIsShort(t *testing.T) {
	town(t, func(t *testing.T, w *world, a, b *machine) {
		named := func(name string) func(*fold.Config) { return func(c *fold.Config) { c.InstanceID = name } }
		watch := &watch{last: map[int32]int64{}, at: map[int32]time.Time{}, owner: map[int32]int{}}
		first := w.start(a, named("first"))
		w.talk(10)
		second := w.start(b, named("second"))
		watch.pauses(t, w, "a member comes", first, second)
		second.stop()
		watch.pauses(t, w, "a member is told to stop", first, second)
		if err := <-second.ended; err != nil {
			t.Error(err)
		}
		w.caughtUp(first)
		first.shutdown()
		w.verify()
	})
}

// handoverMax is the most that a partition may stand still: some heartbeats, for the two rounds that a member's coming takes.
const handoverMax = time.Second

// watch is where each partition was when last looked at, and who had it.
type watch struct {
	last  map[int32]int64
	at    map[int32]time.Time
	owner map[int32]int
}

// pauses looks for 12 s how long each partition stands still while events arrive all the time.
func (n *watch) pauses(t *testing.T, w *world, what string, ps ...*process) {
	t.Helper()
	longest, moved := time.Duration(0), false
	for i := range 1200 {
		if i%5 == 0 {
			w.say(i%3, 5)
		}
		time.Sleep(10 * time.Millisecond)
		for who, p := range ps {
			for _, s := range p.runner.Status().Tasks {
				if s.State == fold.Failed {
					t.Errorf("%s: task %d failed: %s", what, s.Partition, s.Reason)
				}
				if s.State != fold.Running || s.Offset <= n.last[s.Partition] {
					continue
				}
				if was, ok := n.at[s.Partition]; ok {
					longest = max(longest, time.Since(was))
					moved = moved || n.owner[s.Partition] != who
				}
				n.last[s.Partition], n.at[s.Partition], n.owner[s.Partition] = s.Offset, time.Now(), who
			}
		}
	}
	t.Logf("%s: a partition stood still for %v at most", what, longest)
	if !moved || longest > handoverMax {
		t.Errorf("%s: moved %v, stood still for %v, want at most %v", what, moved, longest, handoverMax)
	}
}
