package fold_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream/fold"
)

// An owner that was frozen in the middle of a checkpoint, and has a successor when it wakes, must not commit, and what
// it still says must change nothing.
func TestZombie(t *testing.T) {
	for _, step := range []fold.Step{
		fold.StepCut, fold.StepFlushed, fold.StepTransactionOpen, fold.StepCommitted, fold.StepMarkWritten,
	} {
		t.Run("frozen at "+string(step), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { zombieAt(t, step) })
		})
	}
}

func zombieAt(t *testing.T, step fold.Step) {
	w := newWorld(t)
	defer w.close()
	machines := []*machine{newMachine(t, "a"), newMachine(t, "b")}
	defer func() {
		for _, m := range machines {
			w.must(m.db.Close())
		}
	}()
	talk := func(pause time.Duration) {
		for i := range 12 {
			w.say(i%3, 1+i%4)
			time.Sleep(pause)
		}
	}
	zombie := w.start(machines[0], nil)
	talk(time.Second)
	w.caughtUp(zombie)
	zombie.mu.Lock()
	zombie.stopAt = step
	zombie.mu.Unlock()
	talk(time.Second)
	if !zombie.isFrozen() {
		t.Fatal("it did not freeze")
	}
	next := w.start(machines[1], nil)
	talk(2 * time.Second)
	w.caughtUp(next)
	talk(2 * time.Second)
	zombie.thaw()
	var fenced bool
	for range 100 {
		time.Sleep(50 * time.Millisecond)
		for _, s := range zombie.runner.Status().Tasks {
			fenced = fenced || s.State == fold.Failed && strings.Contains(s.Reason, "fenced")
		}
	}
	t.Logf("fenced: %v", fenced) // or it heard from the group first that it had lost the partitions
	talk(2 * time.Second)
	w.caughtUp(zombie, next)
	zombie.shutdown()
	next.shutdown()
	w.verify()
}

// A second member takes its share and gives it back; nothing is said otherwise for it.
func TestRebalance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		machines := []*machine{newMachine(t, "a"), newMachine(t, "b")}
		defer func() {
			for _, m := range machines {
				w.must(m.db.Close())
			}
		}()
		a := w.start(machines[0], nil)
		for round := range 3 {
			b := w.start(machines[1], nil)
			shared := false
			for i := range 40 {
				w.say(i%3, 1+i%4)
				time.Sleep(500 * time.Millisecond)
				shared = shared || len(a.runner.Status().Tasks) == 1 && len(b.runner.Status().Tasks) == 1
			}
			if !shared {
				t.Errorf("round %d: the members did not share: %+v, %+v", round, a.runner.Status(), b.runner.Status())
			}
			w.caughtUp(a, b)
			b.shutdown()
			w.say(0, 5)
			w.caughtUp(a)
		}
		a.shutdown()
		w.verify()
	})
}
