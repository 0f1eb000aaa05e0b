package changelog_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/broker/brokertest"
)

// bubble runs fn with a broker in virtual time.
func bubble(t *testing.T, fn func(t *testing.T, k brokertest.Kafka)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { fn(t, brokertest.Bubble(t)) })
}

// inBubble hides a test's deadline, which rapid would ask for and a bubble does not have.
type inBubble struct{ rapid.TB }

// topicNamed makes a changelog of one partition and returns how to open it.
func topicNamed(t rapid.TB, k brokertest.Kafka, name string) changelog.Settings {
	t.Helper()
	cl, err := k.Cluster.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	compact, keep := "compact", "604800000"
	made, err := kadm.NewClient(cl).CreateTopic(context.Background(), 1, 1,
		map[string]*string{"cleanup.policy": &compact, "delete.retention.ms": &keep}, name)
	if err != nil {
		t.Fatal(err)
	}
	return changelog.Settings{
		Cluster: k.Cluster, Topic: name, TopicID: fmt.Sprintf("%x", made.ID[:]), TransactionalID: "netsu-" + name,
	}
}

func memoryDisk(t *testing.T) *disk.DB {
	t.Helper()
	db, err := disk.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func open(t rapid.TB, s changelog.Settings) *changelog.Log {
	t.Helper()
	l, err := changelog.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func restore(t rapid.TB, l *changelog.Log, task *disk.Task) changelog.Restored {
	t.Helper()
	var p changelog.Progress
	res, err := l.Restore(context.Background(), task, &p)
	if err != nil {
		t.Fatal(err)
	}
	if p.Next.Load() != p.End.Load() {
		t.Fatalf("progress stands at %d of %d", p.Next.Load(), p.End.Load())
	}
	return res
}

func write(t rapid.TB, l *changelog.Log, entries []state.Entry, inputOffset int64) int64 {
	t.Helper()
	if err := l.Append(context.Background(), entries, marker(inputOffset)); err != nil {
		t.Fatal(err)
	}
	last, err := l.Commit(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func marker(inputOffset int64) state.Marker {
	return state.Marker{Version: state.MarkerVersion, InputOffset: inputOffset}
}

func contents(t rapid.TB, task *disk.Task) map[string]string {
	t.Helper()
	got := map[string]string{}
	if err := task.Scan("", "\xff", func(k string, v []byte) error { got[k] = string(v); return nil }); err != nil {
		t.Fatal(err)
	}
	return got
}

// Two machines take a partition from each other, cut, abandon and come back with what their disks hold. Whoever
// restores must have exactly what was committed.
func TestRestoreIsWhatWasCommitted(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		db := memoryDisk(t)
		n := 0
		rapid.Check(inBubble{t}, func(t *rapid.T) {
			n++
			s := topicNamed(t, k, fmt.Sprintf("log-%d", n))
			disks := []*disk.Task{db.Task("a", int32(n)), db.Task("b", int32(n))}
			want, wantOffset := map[string]string{}, int64(0)
			owner, log := 0, open(t, s)
			defer func() { log.Close() }()
			key := rapid.SampledFrom([]string{"t/1", "t/2", "t/3", "u/", "u/1"})
			t.Repeat(map[string]func(*rapid.T){
				"cut": func(t *rapid.T) {
					set := rapid.MapOfN(key, rapid.SampledFrom([]string{"", "x", "y", "gone"}), 0, 4).Draw(t, "entries")
					var entries []state.Entry
					after := maps.Clone(want)
					for _, k := range slices.Sorted(maps.Keys(set)) {
						if set[k] == "gone" {
							entries = append(entries, state.Entry{Key: k})
							delete(after, k)
						} else {
							entries = append(entries, state.Entry{Key: k, Value: []byte(set[k])})
							after[k] = set[k]
						}
					}
					if err := log.Append(context.Background(), entries, marker(wantOffset+1)); err != nil {
						t.Fatal(err)
					}
					ends := rapid.SampledFrom([]string{"before commit", "before disk", "in disk", "well"}).Draw(t, "ends")
					if ends != "before commit" {
						last, err := log.Commit(context.Background())
						if err != nil {
							t.Fatal(err)
						}
						want, wantOffset = after, wantOffset+1
						switch m := (state.Mark{
							ChangelogID: s.TopicID, ChangelogOffset: last + 1, WallMS: time.Now().UnixMilli(), Marker: marker(wantOffset),
						}); ends {
						case "in disk":
							if err := disks[owner].Put(entries); err != nil {
								t.Fatal(err)
							}
						case "well":
							if err := disks[owner].Write(entries, m); err != nil {
								t.Fatal(err)
							}
							return
						}
					}
					log.Close() // this one dies; next comes who takes over
					owner = rapid.IntRange(0, 1).Draw(t, "next owner")
					log = open(t, s)
					check(t, log, disks[owner], want, wantOffset)
				},
				"take over": func(t *rapid.T) {
					zombie := log
					owner = rapid.IntRange(0, 1).Draw(t, "next owner")
					log = open(t, s)
					err := zombie.Append(context.Background(), []state.Entry{{Key: "t/1", Value: []byte("zombie")}}, marker(99))
					if err == nil {
						_, err = zombie.Commit(context.Background())
					}
					if !errors.Is(err, changelog.ErrFenced) {
						t.Fatalf("the former owner is not fenced: %v", err)
					}
					zombie.Close()
					check(t, log, disks[owner], want, wantOffset)
					// kfake lets the refused write open a transaction in the owner's name, and fences the owner when
					// that times out in 30 s; Kafka verifies the epoch first. Opening again ends it.
					log.Close()
					log = open(t, s)
				},
				// The broker ends a transaction that was left open, after 30 s.
				"half a minute passes": func(*rapid.T) { time.Sleep(31 * time.Second) },
			})
		})
	})
}

func check(t *rapid.T, l *changelog.Log, task *disk.Task, want map[string]string, wantOffset int64) {
	t.Helper()
	res := restore(t, l, task)
	if got := contents(t, task); !maps.Equal(got, want) {
		t.Fatalf("restored %v, want %v", got, want)
	}
	if res.Found != (wantOffset > 0) || res.Found && res.Marker.InputOffset != wantOffset {
		t.Fatalf("restored marker %+v, want input offset %d", res, wantOffset)
	}
}

// A transaction that was open when the next owner came must not be committed by the former one.
func TestOpenTransactionDiesWithItsOwner(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		s := topicNamed(t, k, "log")
		a := open(t, s)
		defer a.Close()
		write(t, a, []state.Entry{{Key: "t/k", Value: []byte("good")}}, 1)
		if err := a.Append(t.Context(), []state.Entry{{Key: "t/k", Value: []byte("bad")}}, marker(2)); err != nil {
			t.Fatal(err)
		}
		b := open(t, s)
		defer b.Close()
		if _, err := a.Commit(t.Context()); !errors.Is(err, changelog.ErrFenced) {
			t.Errorf("the former owner's commit: %v, want ErrFenced", err)
		}
		task := memoryDisk(t).Task("s", 0)
		res := restore(t, b, task)
		if got := contents(t, task); got["t/k"] != "good" || res.Marker.InputOffset != 1 {
			t.Errorf("restored %v at %d, want good at 1", got, res.Marker.InputOffset)
		}
	})
}

// A disk that was away for longer than tombstones live must not bring deleted keys back.
func TestDiskThatWasAwayIsSwept(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		s := topicNamed(t, k, "log")
		db := memoryDisk(t)
		away := db.Task("away", 0)
		a := open(t, s)
		write(t, a, []state.Entry{{Key: "t/deleted", Value: []byte("x")}, {Key: "t/kept", Value: []byte("y")}}, 1)
		a.Close()
		b := open(t, s)
		restore(t, b, away)
		write(t, b, []state.Entry{{Key: "t/deleted"}}, 2)
		b.Close()
		for _, c := range []struct {
			after time.Duration
			full  bool
		}{{2 * time.Hour, false}, {4 * 24 * time.Hour, true}} {
			// As if the disk had not seen the deletion, and had been away for so long.
			m, _, err := away.Mark()
			if err != nil {
				t.Fatal(err)
			}
			m.WallMS -= c.after.Milliseconds()
			// The changelog has forgotten even the tombstone of t/forgotten.
			stale := []state.Entry{{Key: "t/deleted", Value: []byte("x")}, {Key: "t/forgotten", Value: []byte("z")}}
			if err := away.Write(stale, m); err != nil {
				t.Fatal(err)
			}
			l := open(t, s)
			res := restore(t, l, away)
			l.Close()
			if res.Full != c.full {
				t.Errorf("after %v: read from the start: %v, want %v", c.after, res.Full, c.full)
			}
			if got := contents(t, away); c.full && !maps.Equal(got, map[string]string{"t/kept": "y"}) {
				t.Errorf("after %v: restored %v", c.after, got)
			}
		}
	})
}

func TestDiskOfAnotherChangelogIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		s := topicNamed(t, k, "log")
		task := memoryDisk(t).Task("s", 0)
		for name, m := range map[string]state.Mark{
			"another topic id": {ChangelogID: "other", Marker: marker(1)},
			"a lost tail":      {ChangelogID: s.TopicID, ChangelogOffset: 1_000, Marker: marker(1)},
		} {
			if err := task.PutMark(m); err != nil {
				t.Fatal(err)
			}
			l := open(t, s)
			if _, err := l.Restore(t.Context(), task, &changelog.Progress{}); !errors.Is(err, changelog.ErrForeign) {
				t.Errorf("%s: %v, want ErrForeign", name, err)
			}
			l.Close()
		}
	})
}

func TestLargeEntries(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		s := topicNamed(t, k, "log")
		l := open(t, s)
		defer func() { l.Close() }()
		largest := make([]byte, changelog.MaxEntryBytes-len("t/big"))
		_, _ = rand.Read(largest) // does not compress
		write(t, l, []state.Entry{{Key: "t/big", Value: largest}, {Key: "t/empty", Value: []byte{}}}, 1)
		l.Close()
		l = open(t, s)
		task := memoryDisk(t).Task("s", 0)
		restore(t, l, task)
		if got := contents(t, task); got["t/big"] != string(largest) || len(got) != 2 {
			t.Errorf("restored %d keys, the largest of %d bytes, want 2, %d", len(got), len(got["t/big"]), len(largest))
		}
		err := l.Append(t.Context(), []state.Entry{{Key: "t/big", Value: append(largest, 0)}}, marker(2))
		if !errors.Is(err, changelog.ErrTooLarge) || !strings.Contains(err.Error(), `"t/big"`) {
			t.Errorf("one byte more: %v, want ErrTooLarge with the key", err)
		}
	})
}

func TestNewerChangelogIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		s := topicNamed(t, k, "log")
		l := open(t, s)
		newer := marker(1)
		newer.Version++
		if err := l.Append(t.Context(), nil, newer); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.Close()
		l = open(t, s)
		defer l.Close()
		_, err := l.Restore(t.Context(), memoryDisk(t).Task("s", 0), &changelog.Progress{})
		if !errors.Is(err, state.ErrNewer) {
			t.Errorf("%v, want ErrNewer", err)
		}
	})
}

// A restore that is cut off ends at once, and the next one starts over.
func TestRestoreEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		s := topicNamed(t, k, "log")
		l := open(t, s)
		write(t, l, []state.Entry{{Key: "t/k", Value: []byte("v")}}, 1)
		l.Close()
		l = open(t, s)
		defer l.Close()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		task := memoryDisk(t).Task("s", 0)
		if _, err := l.Restore(ctx, task, &changelog.Progress{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want Canceled", err)
		}
		restore(t, l, task)
		if got := contents(t, task); got["t/k"] != "v" {
			t.Errorf("restored %v", got)
		}
	})
}
