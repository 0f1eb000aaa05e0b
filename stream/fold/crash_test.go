package fold_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/fold"
)

func TestUndisturbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		m := newMachine(t, "a")
		defer func() { w.must(m.db.Close()) }()
		p := w.start(m, nil)
		for i := range 30 {
			w.say(i%3, 1+i%4)
			time.Sleep(700 * time.Millisecond)
		}
		w.caughtUp(p)
		p.shutdown()
		w.verify()
	})
}

// An orderly end leaves nothing that the disk lacks, though it may be long until it would have been written.
func TestTheLastCheckpointIsOnTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		m := newMachine(t, "a")
		defer func() { w.must(m.db.Close()) }()
		for i := range 4 {
			p := w.start(m, func(c *fold.Config) { c.DiskEvery = time.Hour })
			if i < 2 { // then nothing comes any more
				w.say(i%3, 4)
				time.Sleep(7 * time.Second)
				w.say(i%3, 2)
			}
			w.caughtUp(p)
			p.shutdown()
			for partition := range int32(partitions) {
				mark, ok, err := m.db.Task("show", partition).Mark()
				if end := w.end(w.topics.Journal, partition); err != nil || mark.Marker.InputOffset != end {
					t.Errorf("the disk's mark of partition %d: %d, %v, %v; its log ends at %d", partition, mark.Marker.InputOffset, ok, err, end)
				}
			}
		}
		w.verify()
	})
}

// A process that dies at any step of a checkpoint, with its disk kept or lost, must leave no trace in the end.
func TestCrashAtEveryStep(t *testing.T) {
	for _, keepDisk := range []bool{true, false} {
		for _, step := range fold.Steps() {
			for _, every := range []time.Duration{-1, 8 * time.Second} { // the disk is behind the changelog by a checkpoint or more
				name := fmt.Sprintf("%s, disk kept %v, written each %v", step, keepDisk, every)
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { crashAt(t, step, keepDisk, every) })
				})
			}
		}
	}
}

func crashAt(t *testing.T, step fold.Step, keepDisk bool, diskEvery time.Duration) {
	w := newWorld(t)
	defer w.close()
	m := newMachine(t, "a")
	defer func() { w.must(m.db.Close()) }()
	behind := func(c *fold.Config) { c.DiskEvery = diskEvery }
	p := w.start(m, behind)
	talk := func() {
		for i := range 12 {
			w.say(i%3, 1+i%4)
			time.Sleep(900 * time.Millisecond)
		}
	}
	talk()
	w.caughtUp(p)
	p.mu.Lock()
	p.crashAt = step
	p.mu.Unlock()
	talk()
	if !p.isDead() {
		t.Fatal("it did not die")
	}
	p.bury()
	if !keepDisk {
		w.must(m.db.Close())
		*m = *newMachine(t, "a")
	}
	p = w.start(m, behind)
	talk()
	w.caughtUp(p)
	p.shutdown()
	w.verify()
}

// Two machines; processes come, stop, die at some step or at any time, disks get lost, input is sent again: what is
// said and remembered is always the same.
func TestAnyHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(bubbled{t}, func(t *rapid.T) { anyHistory(t) })
	})
}

func anyHistory(t *rapid.T) {
	w := newWorld(t)
	defer w.close()
	machines := []*machine{newMachine(t, "a"), newMachine(t, "b")}
	defer func() {
		for _, m := range machines {
			_ = m.db.Close()
		}
	}()
	standbys := rapid.IntRange(0, 1).Draw(t, "standbys")
	diskEvery := rapid.SampledFrom([]time.Duration{-1, 7 * time.Second, 0}).Draw(t, "disk every")
	copies := func(c *fold.Config) { c.Standbys, c.DiskEvery = standbys, diskEvery }
	running := make([]*process, len(machines))
	defer func() {
		for _, p := range running {
			if p != nil {
				p.kill()
				p.bury()
			}
		}
	}()
	bury := func(i int) {
		if running[i] != nil && running[i].isDead() {
			running[i].bury()
			running[i] = nil
		}
	}
	for range rapid.IntRange(1, 12).Draw(t, "phases") {
		i := rapid.IntRange(0, 1).Draw(t, "machine")
		bury(i)
		switch what := rapid.SampledFrom([]string{"start", "stop", "kill", "crash", "lose disk"}).Draw(t, "what"); {
		case what == "lose disk" && running[i] == nil:
			w.must(machines[i].db.Close())
			machines[i] = newMachine(t, machines[i].name)
		case running[i] == nil:
			running[i] = w.start(machines[i], copies)
		case what == "stop":
			running[i].shutdown()
			running[i] = nil
		case what == "kill":
			running[i].kill()
			bury(i)
		case what == "crash":
			running[i].mu.Lock()
			running[i].crashAt = rapid.SampledFrom(fold.Steps()).Draw(t, "step")
			running[i].mu.Unlock()
		}
		for range rapid.IntRange(0, 10).Draw(t, "blocks") {
			source := rapid.IntRange(0, 2).Draw(t, "source")
			if rapid.IntRange(0, 4).Draw(t, "again") == 0 {
				w.sayAgain(source, rapid.IntRange(0, 20).Draw(t, "events"))
			} else {
				w.say(source, rapid.IntRange(0, 9).Draw(t, "events"))
			}
			time.Sleep(time.Duration(rapid.IntRange(0, 3000).Draw(t, "pause ms")) * time.Millisecond)
		}
	}
	w.say(0, 3)
	for i := range running {
		bury(i)
		if running[i] != nil {
			running[i].mu.Lock()
			running[i].crashAt = ""
			running[i].mu.Unlock()
		}
	}
	if running[0] == nil {
		running[0] = w.start(machines[0], copies)
	}
	live := []*process{running[0]}
	if running[1] != nil {
		live = append(live, running[1])
	}
	w.caughtUp(live...)
	for i, p := range running {
		if p != nil {
			p.shutdown()
			running[i] = nil
		}
	}
	w.verify()
}
