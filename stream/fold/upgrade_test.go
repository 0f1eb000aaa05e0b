package fold_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/fold"
)

// The second version of counting says the same and remembers it otherwise: its values begin with a mark, and one of its
// tables has another name. It reads no value of the first.

var markedTallies = state.Codec[tally]{
	Encode: func(t tally) []byte { return append([]byte{2}, tallies.Encode(t)...) },
	Decode: func(b []byte) (tally, error) {
		if len(b) == 0 || b[0] != 2 {
			return tally{}, errors.New("not a tally of the second version")
		}
		return tallies.Decode(b[1:])
	},
}

func newMarked(s *state.Store, _ int32) (operators.Fold, error) {
	return &counting{state.NewTable(s, "shows", markedTallies), state.NewTable(s, "uneven", markedTallies)}, nil
}

func toMarked(from int, e state.Entry) ([]state.Entry, error) {
	if from != 1 {
		return nil, fmt.Errorf("asked to migrate from %d", from)
	}
	value := append([]byte{2}, e.Value...)
	if show, ok := strings.CutPrefix(e.Key, "odd/"); ok {
		return []state.Entry{{Key: e.Key}, {Key: "uneven/" + show, Value: value}}, nil
	}
	return []state.Entry{{Key: e.Key, Value: value}}, nil
}

func second(c *fold.Config) { c.Stage.Schema, c.Stage.New, c.Stage.Migrate = 2, newMarked, toMarked }

// town runs fn with a world and two machines.
func town(t *testing.T, fn func(t *testing.T, w *world, a, b *machine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		a, b := newMachine(t, "a"), newMachine(t, "b")
		defer func() { w.must(a.db.Close()); w.must(b.db.Close()) }()
		fn(t, w, a, b)
	})
}

// talk says something new every 600 ms, for so many times.
func (w *world) talk(blocks int) {
	for i := range blocks {
		w.say(i%3, 1+i%4)
		time.Sleep(600 * time.Millisecond)
	}
}

// Two processes of one version are replaced, one after the other, by two of the next, while records arrive.
func TestRollingUpgrade(t *testing.T) {
	town(t, func(t *testing.T, w *world, a, b *machine) {
		olds := []*process{w.start(a, nil), w.start(b, nil)}
		w.talk(20)
		w.caughtUp(olds...)
		olds[0].shutdown()
		w.talk(10)
		first := w.start(a, second)
		w.talk(20)
		w.caughtUp(first, olds[1])
		olds[1].shutdown()
		w.talk(10)
		other := w.start(b, second)
		w.talk(20)
		w.caughtUp(first, other)
		first.shutdown()
		other.shutdown()
		w.made = newMarked
		w.verify()
	})
}

// A process that dies in the middle of a migration leaves the old state whole, which the old version goes on with, or the
// new one whole, which it refuses; and the new version comes to the same end.
func TestCrashInMigration(t *testing.T) {
	for pass, name := range []string{"before the commit", "after the commit"} {
		for _, keepDisk := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, disk kept %v", name, keepDisk), func(t *testing.T) {
				town(t, func(t *testing.T, w *world, a, b *machine) {
					remembered(w, a)
					p := w.dieMigrating(a, pass)
					p.bury()
					m := a
					if !keepDisk {
						m = b
					}
					w.goesBack(t, m, pass == 0)
					p = w.start(m, second)
					w.talk(10)
					w.caughtUp(p)
					p.shutdown()
					w.made = newMarked
					w.verify()
				})
			})
		}
	}
}

// dieMigrating starts the second version, which dies when it comes by a certain key the first time or the second: the state
// is gone through once before the commit and once after.
func (w *world) dieMigrating(m *machine, pass int) *process {
	w.t.Helper()
	var p *process
	var mu sync.Mutex
	mu.Lock()
	p = w.start(m, func(c *fold.Config) {
		second(c)
		c.Stage.Migrate = func(from int, e state.Entry) ([]state.Entry, error) {
			mu.Lock()
			defer mu.Unlock()
			if p.isDead() {
				return nil, errDead
			}
			if e.Key == "shows/S1" {
				if pass--; pass < 0 {
					p.kill()
					return nil, errDead
				}
			}
			return toMarked(from, e)
		}
	})
	mu.Unlock()
	for range 100 {
		if p.isDead() {
			return p
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.t.Fatal("it did not die")
	return nil
}

// goesBack starts the first version, and tells whether it takes or refuses the partition of the key at which the second
// died.
func (w *world) goesBack(t *testing.T, m *machine, takes bool) {
	t.Helper()
	p := w.start(m, nil)
	w.talk(10)
	var status fold.Status
	at := event.Partition("S1", partitions)
	ok := false
	for range 100 {
		status = p.runner.Status()
		for _, s := range status.Tasks {
			ok = ok || s.Partition == at && takes && s.State == fold.Running && s.Offset == w.end(w.topics.Journal, at)
			ok = ok || s.Partition == at && !takes && strings.Contains(s.Reason, "refused")
		}
		time.Sleep(200 * time.Millisecond)
	}
	if !ok {
		t.Errorf("the version before takes the state: want %v, status %+v", takes, status)
	}
	p.shutdown()
}

// A process of the version before that is given a partition of the next says so and leaves it as it is; its other
// partition goes on, and the next process of the new version goes on with the first.
func TestOlderProgramRefusesAndLeavesTheStateAlone(t *testing.T) {
	town(t, func(t *testing.T, w *world, a, b *machine) {
		old := w.start(b, nil)
		w.talk(20)
		w.caughtUp(old)
		next := w.start(a, second) // is given one of the two partitions, and the other stays what it was
		w.talk(20)
		var mine int32 = -1
		for _, s := range next.runner.Status().Tasks {
			if s.State == fold.Running {
				mine = s.Partition
			}
		}
		if len(next.runner.Status().Tasks) != 1 || mine < 0 {
			t.Fatalf("they do not share: %+v, %+v", next.runner.Status(), old.runner.Status())
		}
		next.shutdown()
		before := w.entries(mine)
		w.talk(40)
		after := w.entries(mine)
		var refused, running bool
		for _, s := range old.runner.Status().Tasks {
			if s.Partition == mine {
				refused = s.State != fold.Running
				for _, say := range []string{"refused", "newer version", "schema 2", "reads 1 to 1", "left as it is"} {
					if !strings.Contains(s.Reason, say) {
						t.Errorf("the reason does not say %q: %s", say, s.Reason)
					}
				}
			} else {
				running = s.State == fold.Running && s.Offset == w.end(w.topics.Journal, s.Partition)
			}
		}
		if !refused || !running || old.runner.Status().Ready() {
			t.Errorf("want partition %d refused, the other at its end, and not ready: %+v", mine, old.runner.Status())
		}
		if !slices.Equal(before, after) {
			t.Errorf("the changelog of partition %d has %d entries after the refusal, %d before", mine, len(after), len(before))
		}
		old.shutdown()
		next = w.start(b, second)
		w.talk(5)
		w.caughtUp(next)
		next.shutdown()
		w.made = newMarked
		w.verify()
	})
}

// entries are all that was ever committed to a partition of the changelog, fences aside.
func (w *world) entries(p int32) (all []string) {
	w.must(changelog.Read(context.Background(), w.broker.Cluster(), w.topics.ShowChangelog, p, func(e state.Entry) {
		all = append(all, fmt.Sprintf("%s=%x", e.Key, e.Value))
	}))
	return all
}

// A version without a Migrate reads the values of the one before; from its first checkpoint on the state is its own.
func TestOlderValuesAreReadAsTheyAre(t *testing.T) {
	town(t, func(t *testing.T, w *world, a, _ *machine) {
		remembered(w, a)
		p := w.start(a, func(c *fold.Config) { c.Stage.Schema = 2 })
		w.talk(20)
		w.caughtUp(p)
		p.shutdown()
		p = w.start(a, nil)
		p.reasons(t, partitions, "refused", "schema 2")
		p.shutdown()
		w.verify()
	})
}

// What cannot be migrated is said, and stays as it was.
func TestFailedMigrationChangesNothing(t *testing.T) {
	town(t, func(t *testing.T, w *world, a, _ *machine) {
		remembered(w, a)
		p := w.start(a, func(c *fold.Config) {
			second(c)
			c.Stage.Migrate = func(from int, e state.Entry) ([]state.Entry, error) {
				if strings.HasPrefix(e.Key, "shows/") { // after those of the other table
					return nil, errors.New("makes no sense")
				}
				return toMarked(from, e)
			}
		})
		p.reasons(t, partitions, "migrating the state from schema 1 to 2", "shows/", "makes no sense")
		p.shutdown()
		p = w.start(a, nil)
		w.talk(5)
		w.caughtUp(p)
		p.shutdown()
		w.verify()
	})
}

func TestStateThatIsTooOldIsRefused(t *testing.T) {
	town(t, func(t *testing.T, w *world, a, _ *machine) {
		remembered(w, a)
		p := w.start(a, func(c *fold.Config) { c.Stage.Schema, c.Stage.Oldest = 3, 2 })
		p.reasons(t, partitions, "refused", "schema 1", "reads 2 to 3", "run the version that wrote it")
		p.shutdown()
		p = w.start(a, nil)
		w.caughtUp(p)
		p.shutdown()
		w.verify()
	})
}
