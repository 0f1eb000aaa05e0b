package changelog_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/broker/brokertest"
)

// fuse is a context that ends the nth time that somebody asks whether it has, so that what asks before each record can be
// cut off at any.
type fuse struct {
	context.Context
	blow context.CancelFunc
	left *atomic.Int64
}

func newFuse(n int64) fuse {
	ctx, cancel := context.WithCancel(context.Background())
	f := fuse{ctx, cancel, new(atomic.Int64)}
	f.left.Store(n)
	return f
}

// Err implements context.Context.
func (f fuse) Err() error {
	if f.left.Add(-1) < 0 {
		f.blow()
	}
	return f.Context.Err()
}

// following runs Follow until its context ends, or for some virtual seconds, in which it has come to the end: reading takes
// none.
func following(t rapid.TB, ctx context.Context, stop context.CancelFunc, s changelog.Settings, task *disk.Task) *changelog.Following {
	t.Helper()
	p, ended := &changelog.Following{}, make(chan error, 1)
	go func() { ended <- changelog.Follow(ctx, s, task, p) }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(6 * time.Second):
		stop()
		err = <-ended
	}
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("following: %v", err)
	}
	return p
}

// standbyTest is a changelog with an owner, who has a disk, and a standby, who has another.
type standbyTest struct {
	k     brokertest.Kafka
	db    *disk.DB
	s     changelog.Settings
	disks [2]*disk.Task // the owner's, the standby's
	log   *changelog.Log
	parts int32 // of the disk with what is restored from the start

	want    map[string]string // what is committed
	reached int64             // input offset of that
	markers map[int64]int64   // by changelog offset behind them: input offset
}

// cut writes a checkpoint. What is not committed is left open, and ended by the next owner, or by the broker.
func (st *standbyTest) cut(t *rapid.T) {
	key := rapid.SampledFrom([]string{"t/1", "t/2", "t/3", "t/4", "t/5", "u/", "u/1"})
	set := rapid.MapOfN(key, rapid.SampledFrom([]string{"", "x", "y", "gone"}), 0, 7).Draw(t, "entries")
	var entries []state.Entry
	after := maps.Clone(st.want)
	for _, k := range slices.Sorted(maps.Keys(set)) {
		e := state.Entry{Key: k}
		if set[k] == "gone" {
			delete(after, k)
		} else {
			e.Value, after[k] = []byte(set[k]), set[k]
		}
		entries = append(entries, e)
	}
	if err := st.log.Append(context.Background(), entries, marker(st.reached+1)); err != nil {
		t.Fatal(err)
	}
	if rapid.IntRange(0, 3).Draw(t, "dies") == 0 {
		st.takeOver(t)
		return
	}
	last, err := st.log.Commit(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	st.want, st.reached = after, st.reached+1
	st.markers[last+1] = st.reached
	m := state.Mark{ChangelogID: st.s.TopicID, ChangelogOffset: last + 1, WallMS: time.Now().UnixMilli(), Marker: marker(st.reached)}
	if err := st.disks[0].Write(entries, m); err != nil {
		t.Fatal(err)
	}
}

// takeOver makes the standby the owner, and the owner the standby.
func (st *standbyTest) takeOver(t *rapid.T) {
	st.log.Close()
	st.log = open(t, st.s)
	st.disks[0], st.disks[1] = st.disks[1], st.disks[0]
	check(t, st.log, st.disks[0], st.want, st.reached)
	m, ok, err := st.disks[0].Mark()
	if err != nil {
		t.Fatal(err)
	}
	if ok {
		st.markers[m.ChangelogOffset] = st.reached
	}
}

// likeFromTheStart makes the standby the owner once more, and compares its disk with one restored from the changelog's start.
func (st *standbyTest) likeFromTheStart(t *rapid.T) {
	t.Helper()
	st.takeOver(t)
	task, fresh := st.disks[0], st.db.Task("fresh", st.parts)
	check(t, st.log, fresh, st.want, st.reached)
	if a, b := contents(t, task), contents(t, fresh); !maps.Equal(a, b) {
		t.Fatalf("with a standby's disk %v, from the start %v", a, b)
	}
	a, _, _ := task.Mark()
	b, _, _ := fresh.Mark()
	if string(a.Marker.Encode()) != string(b.Marker.Encode()) || a.ChangelogOffset != b.ChangelogOffset {
		t.Fatalf("with a standby's disk the mark is %+v, from the start %+v", a, b)
	}
}

// marked checks that the standby's mark, if any, is where a marker is: never within a transaction.
func (st *standbyTest) marked(t *rapid.T) (at int64) {
	t.Helper()
	m, ok, err := st.disks[1].Mark()
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return 0
	}
	if input, ok := st.markers[m.ChangelogOffset]; !ok || input != m.Marker.InputOffset {
		t.Fatalf("the standby's mark is at %d, of input offset %d; committed markers end at %v", m.ChangelogOffset,
			m.Marker.InputOffset, st.markers)
	}
	return m.Marker.InputOffset
}

// grewOld makes the standby's disk one that was away for longer than tombstones live: it has keys of which even the
// tombstones are forgotten.
func (st *standbyTest) grewOld(t *rapid.T) {
	m, ok, err := st.disks[1].Mark()
	if err != nil {
		t.Fatal(err)
	}
	stale := []state.Entry{{Key: "t/forgotten", Value: []byte("z")}}
	if !ok {
		err = st.disks[1].Put(stale)
	} else {
		m.WallMS -= (4 * 24 * time.Hour).Milliseconds()
		err = st.disks[1].Write(stale, m)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A disk that a standby follows, cut off at any point and taken up again, or taken over from, holds after a restore what
// one restored from the changelog's start holds, to the byte; its mark is never within a transaction; and one that has come
// to the end holds what was committed.
func TestDiskOfAStandby(t *testing.T) {
	defer changelog.SmallBatches(2)()
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		db := memoryDisk(t)
		n := int32(0)
		rapid.Check(inBubble{t}, func(t *rapid.T) {
			n++
			st := &standbyTest{k: k, db: db, s: topicNamed(t, k, fmt.Sprintf("log-%d", n)), parts: n,
				want: map[string]string{}, markers: map[int64]int64{}}
			st.disks = [2]*disk.Task{db.Task("a", n), db.Task("b", n)}
			st.log = open(t, st.s)
			defer func() { st.log.Close() }()
			t.Repeat(map[string]func(*rapid.T){
				"cut":       st.cut,
				"take over": st.takeOver,
				"standby is cut off": func(t *rapid.T) {
					ctx := newFuse(rapid.Int64Range(0, 60).Draw(t, "at"))
					defer ctx.blow()
					following(t, ctx, ctx.blow, st.s, st.disks[1])
					st.marked(t)
				},
				"standby comes to the end": func(t *rapid.T) {
					ctx, stop := context.WithCancel(context.Background())
					defer stop()
					p := following(t, ctx, stop, st.s, st.disks[1])
					if p.Next.Load() != p.End.Load() && st.reached > 0 {
						t.Fatalf("the standby stands at %d of %d", p.Next.Load(), p.End.Load())
					}
					if at := st.marked(t); at != st.reached {
						t.Fatalf("the standby's mark is of input offset %d, the last commit of %d", at, st.reached)
					}
					if got := contents(t, st.disks[1]); !maps.Equal(got, st.want) {
						t.Fatalf("the standby holds %v, committed is %v", got, st.want)
					}
				},
				"standby grows old": st.grewOld,
			})
			st.likeFromTheStart(t)
		})
	})
}

// What restores on a standby's disk reads what came since, not the whole changelog; and following fenced nobody.
func TestRestoreGoesOnFromTheStandby(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		s := topicNamed(t, k, "log")
		owner := open(t, s)
		defer owner.Close()
		for i := range int64(50) {
			write(t, owner, []state.Entry{{Key: fmt.Sprintf("t/%d", i), Value: []byte("v")}}, i+1)
		}
		task := memoryDisk(t).Task("s", 0)
		ctx, stop := context.WithCancel(t.Context())
		p := following(t, ctx, stop, s, task)
		if p.Records.Load() < 100 {
			t.Errorf("%d records were read, want 100", p.Records.Load())
		}
		write(t, owner, []state.Entry{{Key: "t/last", Value: []byte("v")}}, 51) // not fenced
		next := open(t, s)
		defer next.Close()
		res := restore(t, next, task)
		if res.Full || res.Records != 3 || res.Marker.InputOffset != 51 { // key, marker, fence
			t.Errorf("restored %+v, want the 3 records since", res)
		}
		if got := len(contents(t, task)); got != 51 {
			t.Errorf("%d keys, want 51", got)
		}
	})
}

// A standby says why it cannot follow, and writes nothing; called again, it goes on.
func TestFollowFailsAndGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		s := topicNamed(t, k, "log")
		owner := open(t, s)
		defer owner.Close()
		write(t, owner, []state.Entry{{Key: "t/k", Value: []byte("v")}}, 1)
		task := memoryDisk(t).Task("s", 0)
		missing := s
		missing.Topic = "not-made-yet"
		if err := changelog.Follow(t.Context(), missing, task, &changelog.Following{}); !errors.Is(err, kerr.UnknownTopicOrPartition) {
			t.Errorf("%v, want what the broker says", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		following(t, ctx, stop, s, task)
		if got := contents(t, task); got["t/k"] != "v" {
			t.Errorf("followed %v", got)
		}
		foreign := s
		foreign.TopicID = "another"
		if err := changelog.Follow(t.Context(), foreign, task, &changelog.Following{}); !errors.Is(err, changelog.ErrForeign) {
			t.Errorf("a disk of another changelog: %v, want ErrForeign", err)
		}
	})
}
