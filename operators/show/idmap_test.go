package show

import (
	"testing"

	"github.com/netsu/netsu/stream/event"
	"pgregory.net/rapid"
)

// idMap does what Go's map does, through insertions and removals that collide.
func TestIDMapIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m idMap[int]
		want := map[event.ID]int{}
		for i := range rapid.IntRange(1, 300).Draw(t, "steps") {
			id := event.ID{Hi: rapid.Uint64Range(0, 3).Draw(t, "hi"), Lo: rapid.Uint64Range(0, 15).Draw(t, "lo")}
			if _, known := want[id]; rapid.Bool().Draw(t, "put") {
				v, found := m.put(id)
				if found != known || *v != want[id] {
					t.Fatalf("put found %v with %d, want %v with %d", found, *v, known, want[id])
				}
				*v, want[id] = i, i
			} else {
				if m.del(id) != known {
					t.Fatalf("del found %v, want %v", !known, known)
				}
				delete(want, id)
			}
			for id, w := range want {
				if v := m.get(id); v == nil || *v != w {
					t.Fatalf("lost %v", id)
				}
			}
			if m.n != len(want) {
				t.Fatalf("%d ids, want %d", m.n, len(want))
			}
		}
	})
}
