package fold

import (
	"bytes"
	"log/slog"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
)

// Whatever waits and whatever is written, a fold reads what the checkpoints have committed, and the disk has it once nothing
// waits.
func TestBehindIsAMap(t *testing.T) {
	db, err := disk.Open("", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	partition := int32(0)
	rapid.Check(t, func(t *rapid.T) {
		partition++ // each history has a part of the disk
		b, want := newBehind(db.Task("show", partition), time.Hour), state.Memory{}
		key := rapid.SampledFrom([]string{"", "/", "0", "k", "k/1", "l"})
		scanned := func(from state.Backing, lo, hi string) state.Memory {
			all, last := state.Memory{}, ""
			if err := from.Scan(lo, hi, func(k string, v []byte) error {
				if v == nil || len(all) > 0 && k <= last {
					t.Fatalf("%q after %q, with %v", k, last, v)
				}
				all[k], last = v, k
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return all
		}
		same := func(a, b state.Memory) {
			t.Helper()
			if !maps.EqualFunc(a, b, bytes.Equal) {
				t.Fatalf("%v, want %v", a, b)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"checkpoint": func(t *rapid.T) {
				cut := state.Memory{}
				for range rapid.IntRange(0, 4).Draw(t, "keys") {
					cut[key.Draw(t, "key")] = rapid.SampledFrom([][]byte{nil, {}, {1}, {2, 3}}).Draw(t, "value")
				}
				var entries []state.Entry
				for k, v := range cut {
					entries = append(entries, state.Entry{Key: k, Value: v})
				}
				want.Write(entries)
				b.take(entries)
			},
			"write": func(t *rapid.T) {
				if err := b.disk.Put(b.waiting()); err != nil {
					t.Fatal(err)
				}
				b.written()
				if b.bytes != 0 || b.waits() {
					t.Fatalf("%d bytes wait", b.bytes)
				}
				same(scanned(b.disk, "", "\xff"), want)
			},
			"get": func(t *rapid.T) {
				k := key.Draw(t, "key")
				got, err := b.Get(k)
				if err != nil || (got == nil) != (want[k] == nil) || !bytes.Equal(got, want[k]) {
					t.Fatalf("%q is %v, %v, want %v", k, got, err, want[k])
				}
			},
			"scan": func(t *rapid.T) {
				lo, hi := key.Draw(t, "from"), key.Draw(t, "to")
				part := maps.Clone(want)
				maps.DeleteFunc(part, func(k string, _ []byte) bool { return k < lo || k >= hi })
				same(scanned(b, lo, hi), part)
			},
			"": func(t *rapid.T) {
				n := int64(0)
				for k, v := range b.held {
					n += int64(len(k) + len(v))
				}
				if b.bytes != n {
					t.Fatalf("%d bytes are held, not %d", n, b.bytes)
				}
				same(scanned(b, "", "\xff"), want)
			},
		})
	})
}

// Much is not let wait.
func TestBehindIsWrittenWhenThereIsMuch(t *testing.T) {
	b := newBehind(nil, time.Hour)
	large := make([]byte, heldBytes/4)
	for i := range 8 { // the same keys again do not count twice
		if b.take([]state.Entry{{Key: string(rune('a' + i%3)), Value: large}}) {
			t.Fatalf("%d bytes were too much", b.bytes)
		}
	}
	if !b.take([]state.Entry{{Key: "d", Value: large}}) {
		t.Errorf("%d bytes are not written", b.bytes)
	}
}
