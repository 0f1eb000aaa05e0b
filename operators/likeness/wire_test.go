package likeness_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/netsu/netsu/operators/likeness"
	"github.com/netsu/netsu/stream/event/eventpb"
)

func TestReadRefuses(t *testing.T) {
	good := func() *eventpb.Profile {
		p := &likeness.Profile{Esol: "e", Shows: 1}
		p.Named = []likeness.Named{{Dim: 1, ID: "a", Amount: 1}, {Dim: 1, ID: "b", Amount: 1}}
		return p.Message("S")
	}
	if _, err := likeness.Read(good()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*eventpb.Profile){
		"layout":       func(m *eventpb.Profile) { m.Layout++ },
		"no ESOL":      func(m *eventpb.Profile) { m.EsolId = "" },
		"no show":      func(m *eventpb.Profile) { m.ShowId = "" },
		"words":        func(m *eventpb.Profile) { m.Words = m.Words[1:] },
		"sketch":       func(m *eventpb.Profile) { m.Sketch = nil },
		"below zero":   func(m *eventpb.Profile) { m.Hours[3] = -1 },
		"far too many": func(m *eventpb.Profile) { m.Words[0] = 1 << 60 },
		"temperature":  func(m *eventpb.Profile) { m.Samples, m.LogThetaSum = 1, -1<<63 },
		"hot":          func(m *eventpb.Profile) { m.Samples, m.LogThetaSum = 1, 1<<40 },
		"dimension":    func(m *eventpb.Profile) { m.Named[1].Dim = likeness.Dims },
		"twice":        func(m *eventpb.Profile) { m.Named[1].Id = "a" },
	} {
		m := good()
		spoil(m)
		if _, err := likeness.Read(m); err == nil || errors.Is(err, likeness.ErrLayout) != (name == "layout") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever a meter holds, reading it ends, and what is accepted can be merged, compared and said again.
func FuzzRead(f *testing.F) {
	p := &likeness.Profile{Esol: "e", Shows: 1}
	p.Named = []likeness.Named{{Dim: 1, ID: "a", Amount: 1}}
	b, err := p.Message("S").MarshalVTStrict()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m := &eventpb.Profile{}
		if m.UnmarshalVT(b) != nil {
			return
		}
		p, err := likeness.Read(m)
		if err != nil {
			return
		}
		again, err := likeness.Read(p.Message(m.ShowId))
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Fatalf("said again: %v", err)
		}
		all := &likeness.Profile{}
		for range 1000 {
			all.Merge(p)
		}
		e := likeness.NewEntry(all)
		if m, ok := likeness.MatchOf(e, e); ok && !(m.Score >= 0 && m.Score <= 1) {
			t.Fatalf("%+v", m)
		}
		likeness.Traits(e, e, 9)
	})
}
