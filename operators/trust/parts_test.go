package trust_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/trust"
)

// written is what lies in the state.
type written struct {
	head   []byte
	people map[int][]byte
	texts  map[int64][]byte
}

func newWritten() *written { return &written{people: map[int][]byte{}, texts: map[int64][]byte{}} }

// cut writes what has changed and deletes what has gone, as a checkpoint does: what has changed is noted after each pane.
type cut struct {
	people map[int]bool
	texts  map[int64]bool
}

func newCut() *cut { return &cut{map[int]bool{}, map[int64]bool{}} }

func (c *cut) note(s *trust.State) {
	s.Changed(func(n int) { c.people[n] = true }, func(k int64) { c.texts[k] = true }, func(k int64, written bool) {
		if delete(c.texts, k); written {
			c.texts[k] = false
		}
	})
}

func (c *cut) write(s *trust.State, w *written) {
	w.head = s.Encode()
	for n := range c.people {
		w.people[n] = s.EncodePeople(n)
	}
	for k, there := range c.texts {
		if delete(w.texts, k); there {
			w.texts[k] = s.EncodeTexts(k)
		}
	}
	*c = *newCut()
}

func load(w *written) (*trust.State, error) {
	s, err := trust.Decode(w.head)
	if err != nil {
		return nil, err
	}
	for n, b := range w.people {
		if err := s.LoadPeople(n, b); err != nil {
			return nil, err
		}
	}
	for _, k := range slices.Sorted(maps.Keys(w.texts)) {
		if err := s.LoadTexts(k, w.texts[k]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// encode is all parts of a state as they are, written or not. It leaves nothing to be noted.
func encode(s *trust.State) *written {
	w := newWritten()
	w.head = s.Encode()
	s.Changed(func(int) {}, func(int64) {}, func(int64, bool) {})
	s.Parts(func(n int) { w.people[n] = s.EncodePeople(n) }, func(k int64) { w.texts[k] = s.EncodeTexts(k) })
	return w
}

func (w *written) equal(o *written) bool {
	return bytes.Equal(w.head, o.head) && maps.EqualFunc(w.people, o.people, bytes.Equal) &&
		maps.EqualFunc(w.texts, o.texts, bytes.Equal)
}

func same(a, b *trust.State) bool { return encode(a).equal(encode(b)) }

// However often a checkpoint writes what has changed, it leaves what a single one at the end would have, to the byte; and
// what is loaded from it, at any moment, goes on as the state that was never stopped.
func TestPartsAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes, acts := drawn(t)
		never, s := trust.New(), trust.New()
		w, c := newWritten(), newCut()
		for i, k := range panes {
			never.Step(k, acts[i], active)
			s.Step(k, acts[i], active)
			c.note(s)
			if rapid.IntRange(0, 2).Draw(t, "cut") == 0 {
				c.write(s, w)
				if rapid.Bool().Draw(t, "restart") {
					var err error
					if s, err = load(w); err != nil {
						t.Fatal(err)
					}
				}
			}
			if fmt.Sprint(s.Suspects(), s.Floods(), s.View()) != fmt.Sprint(never.Suspects(), never.Floods(), never.View()) {
				t.Fatalf("pane %d: something else is said", i)
			}
		}
		c.write(s, w)
		all := newCut()
		all.note(never)
		once := newWritten()
		all.write(never, once)
		if !w.equal(once) {
			t.Fatal("the parts differ from those of a state that was written once")
		}
	})
}

// A part is refused by a byte too few or too many, and in a place that is not its own.
func TestPartsThatMakeNoSenseAreRefused(t *testing.T) {
	s, c := trust.New(), &chat{}
	ring(s, c, 5, 1000, 110, nil)
	good := encode(s)
	if len(good.people) == 0 || len(good.texts) == 0 {
		t.Fatal("there are no parts")
	}
	refused := func(what string, change func(w *written)) {
		w := &written{good.head, maps.Clone(good.people), maps.Clone(good.texts)}
		change(w)
		if _, err := load(w); err == nil {
			t.Errorf("%s is read", what)
		}
	}
	for n, b := range good.people {
		refused("a short shard", func(w *written) { w.people[n] = b[:len(b)-1] })
		refused("a long shard", func(w *written) { w.people[n] = append(slices.Clone(b), 0) })
		refused("a shard of another number", func(w *written) { delete(w.people, n); w.people[n^1] = b })
	}
	for k, b := range good.texts {
		refused("short texts", func(w *written) { w.texts[k] = b[:len(b)-1] })
		refused("long texts", func(w *written) { w.texts[k] = append(slices.Clone(b), 0) })
		refused("texts of a pane long ago", func(w *written) { delete(w.texts, k); w.texts[k-60] = b })
	}
}

// What is swept, because it is no news any more, is taken out of what was written.
func TestWhatIsSweptIsTakenOutOfItsPart(t *testing.T) {
	c := &chat{}
	young, old := c.says(1, 1_000_000, 1), c.says(1, 1_001_000, 2)
	young.AccountMS, old.AccountMS = young.MS-1, old.MS-2*86_400_000
	s, w, changes := trust.New(), newWritten(), newCut()
	for _, pane := range []struct {
		number int64
		acts   []trust.Act
	}{{1000, []trust.Act{young}}, {1001, []trust.Act{old}}, {1100, nil}} {
		s.Step(pane.number, pane.acts, active)
		changes.note(s)
		changes.write(s, w)
	}
	if !w.equal(encode(s)) {
		t.Error("a part still has what was swept")
	}
}
