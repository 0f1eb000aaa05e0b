package gateway

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// TestReadersAreBounded: whatever comes, the bounds hold; who gives way has been at it the longest of those that could make
// room, and has had its grace; and nobody is refused while such a one is there. The oracle is a plain list.
func TestReadersAreBounded(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			const perAddress, total, maxBytes = 2, 4, 10 * smallBytes
			m := &model{T: rt, readers: newReaders(perAddress, total, maxBytes)}
			rt.Repeat(map[string]func(*rapid.T){
				"enter": m.enter, "grow": m.grow, "finish": m.finish, "leave": m.leave,
				"wait": func(rt *rapid.T) {
					time.Sleep(time.Duration(rapid.IntRange(1, 300).Draw(rt, "ms")) * time.Millisecond)
				},
				"": func(rt *rapid.T) {
					reading, bytes := m.readers.now()
					if reading != len(m.of(true, "")) || reading > total || bytes != m.bytes() || bytes > maxBytes {
						rt.Fatalf("%d readers and %d bytes, want %d and %d", reading, bytes, len(m.of(true, "")), m.bytes())
					}
					for from := range 3 {
						if n := len(m.of(true, fmt.Sprint(from))); n > perAddress {
							rt.Fatalf("%d readers of address %d", n, from)
						}
					}
				},
			})
		})
	})
}

// body is what the model knows of a reader.
type body struct {
	*reader
	size    int64
	reading bool
	halted  bool
}

type model struct {
	*rapid.T
	readers *readers
	all     []*body // in the order in which they came, none that has left
}

// of are the bodies that are being read (or all that are held), of an address or of all.
func (m *model) of(reading bool, from string) (some []*body) {
	for _, b := range m.all {
		if (b.reading || !reading) && (from == "" || b.from == from) {
			some = append(some, b)
		}
	}
	return some
}

func (m *model) bytes() (n int64) {
	for _, b := range m.all {
		if !b.halted {
			n += max(0, b.size-smallBytes)
		}
	}
	return n
}

func (m *model) enter(rt *rapid.T) {
	from := fmt.Sprint(rapid.IntRange(0, 2).Draw(rt, "from"))
	b := &body{}
	same, anyone := m.of(true, from), m.of(true, "")
	room := len(anyone) < 4 && len(same) < 2
	var makesRoom *body
	if len(same) == 2 {
		makesRoom = same[0]
	} else if len(anyone) == 4 {
		makesRoom = anyone[0]
	}
	r, err := m.readers.enter(from, func() {
		if b.halted || time.Since(b.began) < grace {
			rt.Fatal("halted twice, or within its grace")
		}
		b.halted, b.reading = true, false
	})
	if err == nil && makesRoom != nil && !makesRoom.halted {
		rt.Fatal("another than the longest gave way")
	}
	if err != nil {
		if room || len(same) == 2 && time.Since(same[0].began) >= grace && len(anyone) < 4 ||
			len(same) < 2 && time.Since(anyone[0].began) >= grace {
			rt.Fatalf("refused from %s with room", from)
		}
		return
	}
	b.reader, b.reading = r, true
	m.all = append(m.all, b)
}

func (m *model) pick(rt *rapid.T) *body {
	if len(m.all) == 0 {
		rt.Skip("nobody is here")
	}
	return m.all[rapid.IntRange(0, len(m.all)-1).Draw(rt, "who")]
}

func (m *model) grow(rt *rapid.T) {
	b := m.pick(rt)
	if !b.reading && !b.halted {
		rt.Skip("it is there already")
	}
	size := b.size + rapid.Int64Range(1, 5*smallBytes).Draw(rt, "more")
	gone := b.halted
	err := b.reader.grow(size)
	switch {
	case gone:
		if !errors.Is(err, errGaveWay) {
			rt.Fatalf("one that gave way grows: %v", err)
		}
	case errors.Is(err, errBytes):
		for _, other := range m.of(true, "") {
			if other != b && other.size > smallBytes {
				if time.Since(other.began) >= grace {
					rt.Fatal("refused though another could have given way")
				}
				return // the longest of those with bytes stands first
			}
		}
	case err != nil:
		rt.Fatal(err)
	default:
		b.size = size
	}
}

func (m *model) finish(rt *rapid.T) {
	b := m.pick(rt)
	if b.reader.finish() == b.halted {
		rt.Fatal("finish does not tell that it gave way")
	}
	b.reading = false
}

func (m *model) leave(rt *rapid.T) {
	b := m.pick(rt)
	b.reader.leave()
	for i := range m.all {
		if m.all[i] == b {
			m.all = append(m.all[:i], m.all[i+1:]...)
			return
		}
	}
}
