package fold

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// FuzzDecode: whatever the bytes, decode says yes or no, and what it says yes to can be walked. A block that was used
// before must decode as a new one does.
func FuzzDecode(f *testing.F) {
	seed := func(b *eventpb.Block) {
		v, err := b.MarshalVTStrict()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(v)
	}
	source := []*eventpb.Source{{Topic: "t", TopicId: "i", Partition: 1}}
	seed(&eventpb.Block{Version: 1})
	seed(&eventpb.Block{Version: 2})
	seed(&eventpb.Block{Version: 1, Events: []*eventpb.Event{{Kind: eventpb.Kind_KIND_TICK}}})
	seed(&eventpb.Block{Version: 1, Events: []*eventpb.Event{{Kind: eventpb.Kind_KIND_LIKE}}})
	seed(&eventpb.Block{Version: 1, Sources: source, Events: []*eventpb.Event{
		{Kind: eventpb.Kind_KIND_ORDER, ShowId: "S", SourceOffset: 5, SourceIndex: 1, Order: &eventpb.Order{OrderId: "o"}}, {Source: 1},
	}})
	used := &eventpb.Block{}
	f.Fuzz(func(t *testing.T, v []byte) {
		var b eventpb.Block
		err := decode(&b, v)
		if uerr := decode(used, v); (err == nil) != (uerr == nil) {
			t.Fatalf("a new block says %v, a used one %v", err, uerr)
		}
		if err != nil {
			return
		}
		if !b.EqualVT(used) {
			t.Fatalf("a new block is %v, a used one %v", &b, used)
		}
		if _, err := newSeen(nil).fresh(&b); err != nil {
			t.Fatal(err)
		}
	})
}

// fresh must drop exactly what is not after the greatest position of its source, across blocks decoded into one memory
// and across what a marker keeps.
func TestFreshAgainstAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, greatest := newSeen(nil), map[int32]event.Position{}
		var b eventpb.Block
		for range rapid.IntRange(1, 8).Draw(t, "blocks") {
			in := &eventpb.Block{Version: 1}
			for _, p := range rapid.Permutation([]int32{0, 1, 2}).Draw(t, "sources") {
				in.Sources = append(in.Sources, &eventpb.Source{Topic: "t", TopicId: "i", Partition: p})
			}
			var want []uint64
			for i := range rapid.IntRange(0, 6).Draw(t, "events") {
				e := &eventpb.Event{
					IdLo: uint64(i), Source: uint32(rapid.IntRange(0, 2).Draw(t, "source")),
					SourceOffset: rapid.Int64Range(0, 3).Draw(t, "offset"), SourceIndex: uint32(rapid.IntRange(0, 2).Draw(t, "index")),
				}
				in.Events = append(in.Events, e)
				from := in.Sources[e.Source].Partition
				at := event.Position{Offset: e.SourceOffset, Index: e.SourceIndex}
				if last, ok := greatest[from]; !ok || at.After(last) {
					greatest[from] = at
					want = append(want, e.IdLo)
				}
			}
			v, err := in.MarshalVTStrict()
			if err == nil {
				err = decode(&b, v)
			}
			if err != nil {
				t.Fatal(err)
			}
			fresh, err := s.fresh(&b)
			if err != nil {
				t.Fatal(err)
			}
			var got []uint64
			for _, e := range fresh {
				got = append(got, e.IdLo)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("fresh are %v, want %v", got, want)
			}
			if rapid.Bool().Draw(t, "restored") {
				s = newSeen(s.marks())
			}
		}
	})
}
