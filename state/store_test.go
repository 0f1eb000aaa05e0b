package state_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/state"
)

var text = state.Codec[string]{
	Encode: func(v string) []byte { return []byte(v) },
	Decode: func(b []byte) (string, error) { return string(b), nil },
}

// model is a store with two tables beside plain maps that must say the same.
type model struct {
	backing state.Memory
	store   *state.Store
	tables  map[string]*state.Table[string]
	want    map[string]map[string]string // what the tables must say now
	cutWant map[string]map[string]string // what they said at the cut that is being written
	safe    map[string]map[string]string // what the backing must say
	limit   int64
	mirror  bool // table b is one
	pending []state.Entry
	cutting bool
}

func (m *model) open() {
	m.store = state.NewStore(m.backing, m.limit)
	m.tables = map[string]*state.Table[string]{"a": state.NewTable(m.store, "a", text), "b": state.NewTable(m.store, "b", text)}
	if m.mirror {
		m.tables["b"] = state.NewMirror(m.store, "b", text)
	}
}

func deepClone(m map[string]map[string]string) map[string]map[string]string {
	c := map[string]map[string]string{}
	for k, v := range m {
		c[k] = maps.Clone(v)
	}
	return c
}

// A table must be as a plain map, whatever is cut, written, evicted or lost in between.
func TestTableIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{backing: state.Memory{}, limit: rapid.Int64Range(1, 3000).Draw(t, "limit"), mirror: rapid.Bool().Draw(t, "mirror")}
		m.want = map[string]map[string]string{"a": {}, "b": {}}
		m.safe = deepClone(m.want)
		m.open()
		name := rapid.SampledFrom([]string{"a", "b"})
		// Few keys, so that they meet; one is the prefix of another, one sorts after "/" and "0" do.
		key := rapid.SampledFrom([]string{"", "0", "/", "k", "k/1", "k0", "l", "ü"})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				n, k, v := name.Draw(t, "table"), key.Draw(t, "key"), rapid.StringN(0, 4, -1).Draw(t, "value")
				m.tables[n].Put(k, v)
				m.want[n][k] = v
			},
			"delete": func(t *rapid.T) {
				n, k := name.Draw(t, "table"), key.Draw(t, "key")
				m.tables[n].Delete(k)
				delete(m.want[n], k)
			},
			"withdraw": func(t *rapid.T) {
				n, k := name.Draw(t, "table"), key.Draw(t, "key")
				_, safe := m.safe[n][k]
				_, cut := m.cutWant[n][k]
				if safe || m.cutting && cut {
					t.Skip() // the backing has it
				}
				m.tables[n].Withdraw(k)
				delete(m.want[n], k)
			},
			"is it written": func(t *rapid.T) { // then the backing says the same as the table
				k := key.Draw(t, "key")
				want, ok := m.want["b"][k]
				if safe, was := m.safe["b"][k]; m.mirror && m.tables["b"].Written(k) && (ok != was || want != safe) {
					t.Fatalf("%q is said to be written, and is %q", k, want)
				}
			},
			"get": func(t *rapid.T) {
				n, k := name.Draw(t, "table"), key.Draw(t, "key")
				v, ok, err := m.tables[n].Get(k)
				want, wantOK := m.want[n][k]
				if err != nil || ok != wantOK || v != want {
					t.Fatalf("Get(%q) = %q, %v, %v, want %q, %v", k, v, ok, err, want, wantOK)
				}
			},
			"range": func(t *rapid.T) {
				n, from, to := name.Draw(t, "table"), key.Draw(t, "from"), key.Draw(t, "to")
				m.checkRange(t, n, from, to)
			},
			"cut": func(t *rapid.T) {
				if m.cutting {
					t.Skip()
				}
				m.cut(t)
			},
			"write half": func(t *rapid.T) { // the backing may be written while the fold goes on
				m.backing.Write(m.pending[:len(m.pending)/2])
			},
			"written": func(t *rapid.T) {
				if !m.cutting {
					t.Skip()
				}
				m.backing.Write(m.pending)
				m.store.Written()
				m.pending, m.cutting, m.safe = nil, false, m.cutWant
			},
			"crash": func(t *rapid.T) { // what was not written is gone; a cut that was being written is written again
				m.backing.Write(m.pending)
				if m.cutting {
					m.safe = m.cutWant
				}
				m.pending, m.cutting, m.want = nil, false, deepClone(m.safe)
				m.open()
			},
			"": func(t *rapid.T) {
				for n := range m.want {
					m.checkRange(t, n, "", "")
				}
				held := m.store.Held()
				if n, dirty := m.store.Len(); n == 0 && held != 0 {
					t.Fatalf("holds %d bytes of no key, %d dirty", held, dirty)
				}
				if held > m.limit && held > 600 {
					t.Fatalf("holds %d clean bytes, limit %d", held, m.limit)
				}
			},
		})
	})
}

func (m *model) cut(t *rapid.T) {
	m.pending, m.cutting, m.cutWant = m.store.Cut(), true, deepClone(m.want)
	if !slices.IsSortedFunc(m.pending, func(a, b state.Entry) int { return strings.Compare(a.Key, b.Key) }) {
		t.Fatalf("a cut out of order: %v", m.pending)
	}
	after := maps.Clone(m.backing)
	after.Write(m.pending)
	got := map[string]string{}
	for k, v := range after {
		got[k] = string(v)
	}
	want := map[string]string{}
	for n, kv := range m.want {
		for k, v := range kv {
			want[n+"/"+k] = v
		}
	}
	if !maps.Equal(got, want) {
		t.Fatalf("the backing with the cut is %v, want %v", got, want)
	}
	if _, dirty := m.store.Len(); dirty != 0 {
		t.Fatalf("%d dirty after a cut", dirty)
	}
}

func (m *model) checkRange(t *rapid.T, name, from, to string) {
	var want []string
	for _, k := range slices.Sorted(maps.Keys(m.want[name])) {
		if k >= from && (to == "" || k < to) {
			want = append(want, k+"="+m.want[name][k])
		}
	}
	var got []string
	err := m.tables[name].Range(from, to, func(k, v string) error {
		got = append(got, k+"="+v)
		return nil
	})
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("Range(%q, %q) of %s = %q, %v, want %q", from, to, name, got, err, want)
	}
}

func TestWithdrawnKeysAreNotWritten(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*state.Store, *state.Table[string])
		want int // entries of the cut
	}{
		{"put and withdrawn", func(_ *state.Store, tab *state.Table[string]) {
			tab.Put("k", "v")
			tab.Withdraw("k")
		}, 0},
		{"withdrawn and put again", func(_ *state.Store, tab *state.Table[string]) {
			tab.Put("k", "v")
			tab.Withdraw("k")
			tab.Put("k", "w")
		}, 1},
		{"deleted before: there may be something to delete", func(_ *state.Store, tab *state.Table[string]) {
			tab.Delete("k")
			tab.Put("k", "v")
			tab.Withdraw("k")
		}, 1},
		{"put, deleted, put", func(_ *state.Store, tab *state.Table[string]) {
			tab.Put("k", "u")
			tab.Delete("k")
			tab.Put("k", "v")
			tab.Withdraw("k")
		}, 1},
		{"in a cut that is being written", func(s *state.Store, tab *state.Table[string]) {
			tab.Put("k", "u")
			s.Cut()
			tab.Put("k", "v")
			tab.Withdraw("k")
			s.Written()
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := state.NewStore(state.Memory{}, 0)
			c.do(s, state.NewTable(s, "t", state.Codec[string]{
				Encode: func(v string) []byte { return []byte(v) },
				Decode: func(b []byte) (string, error) { return string(b), nil },
			}))
			if _, dirty := s.Len(); dirty != c.want {
				t.Errorf("%d keys are dirty, want %d", dirty, c.want)
			}
			if got := s.Cut(); len(got) != c.want {
				t.Errorf("the cut has %v, want %d entries", got, c.want)
			}
		})
	}
}

func TestAMirrorHoldsOnlyWhatIsNotWritten(t *testing.T) {
	backing := state.Memory{}
	s := state.NewStore(backing, 0)
	a := state.NewMirror(s, "a", text)
	put := func(keys ...string) {
		for _, k := range keys {
			a.Put(k, "1")
		}
	}
	write := func(entries []state.Entry) {
		backing.Write(entries)
		s.Written()
	}
	put("k", "l")
	if a.Written("k") || !a.Written("m") {
		t.Error("what is written is not what is")
	}
	cut := s.Cut()
	a.Put("l", "2")
	if held, _ := s.Len(); held != 2 {
		t.Fatalf("%d keys are held while two are written", held)
	}
	write(cut)
	if held, dirty := s.Len(); held != 1 || dirty != 1 {
		t.Fatalf("%d keys are held, %d of them dirty, of the one that changed again", held, dirty)
	}
	if !a.Written("k") || a.Written("l") {
		t.Error("what is written is not what is")
	}
	a.Delete("k")
	write(s.Cut())
	if v, ok, err := a.Get("l"); v != "2" || !ok || err != nil {
		t.Fatal(v, ok, err)
	}
	if held, _ := s.Len(); held != 0 || s.Held() != 0 {
		t.Fatalf("%d keys of %d bytes are held when all is written", held, s.Held())
	}
	if !maps.EqualFunc(backing, map[string]string{"a/l": "2"}, func(b []byte, w string) bool { return string(b) == w }) {
		t.Fatal(backing)
	}
}

func TestRangeStopsWithTheCallersError(t *testing.T) {
	backing := state.Memory{"a/1": []byte("x"), "a/3": []byte("z")}
	table := state.NewTable(state.NewStore(backing, 0), "a", text)
	table.Put("2", "y")
	stop := errors.New("enough")
	for n := 1; n <= 3; n++ {
		var seen []string
		err := table.Range("", "", func(k, v string) error {
			if seen = append(seen, k); len(seen) == n {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) || len(seen) != n {
			t.Errorf("stopped after %d: saw %v, %v", n, seen, err)
		}
	}
}

func TestWhatDoesNotDecodeIsAnError(t *testing.T) {
	bad := state.Codec[string]{
		Encode: text.Encode,
		Decode: func([]byte) (string, error) { return "", errors.New("garbled") },
	}
	table := state.NewTable(state.NewStore(state.Memory{"a/1": []byte("x")}, 0), "a", bad)
	if _, _, err := table.Get("1"); err == nil || !strings.Contains(err.Error(), `"a/1"`) {
		t.Errorf("Get: %v", err)
	}
	if err := table.Range("", "", func(string, string) error { return nil }); err == nil {
		t.Error("Range said nothing")
	}
}

func TestMarkerOfANewerProgramIsRefused(t *testing.T) {
	m := state.Mark{Marker: state.Marker{Version: state.MarkerVersion + 1}}
	if _, err := state.DecodeMarker(m.Marker.Encode()); !errors.Is(err, state.ErrNewer) {
		t.Errorf("marker: %v", err)
	}
	if _, err := state.DecodeMark(m.Encode()); !errors.Is(err, state.ErrNewer) {
		t.Errorf("mark: %v", err)
	}
	if _, err := state.DecodeMarker([]byte("{}")); err == nil || errors.Is(err, state.ErrNewer) {
		t.Errorf("empty marker: %v", err)
	}
}

// Evicting must not cost more when much is dirty: a fold that touches many keys between two checkpoints is the usual
// case.
func BenchmarkGetWhileMuchIsDirty(b *testing.B) {
	backing := state.Memory{}
	for i := range 10_000 {
		backing[fmt.Sprintf("a/%06d", i)] = make([]byte, 100)
	}
	for _, dirty := range []int{0, 100_000} {
		b.Run(fmt.Sprintf("dirty=%d", dirty), func(b *testing.B) {
			s := state.NewStore(backing, 100<<10)
			table := state.NewTable(s, "a", text)
			for i := range dirty {
				table.Put(fmt.Sprintf("d%06d", i), "x")
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, _, err := table.Get(fmt.Sprintf("%06d", i%10_000)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
