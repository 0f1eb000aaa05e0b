package show

import (
	"bytes"
	"maps"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"pgregory.net/rapid"
)

// What is final is a function of the set of events: not of their order within lateness, nor of duplicates, nor of how
// they were cut into records. A retraction reaches back ten panes, so with retractions the disorder is ten seconds
// less.
func TestFinalsDoNotDependOnArrival(t *testing.T) {
	for name, c := range map[string]struct {
		retractions bool
		delayMS     int64
	}{"without retractions": {false, 34_000}, "with retractions": {true, 24_000}} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				events := broadcast(r, c.retractions)
				var runs [2]*said
				for i := range runs {
					all := arrive(r, events, c.delayMS, "arrival")
					end := int64(base)
					for _, e := range events {
						end = max(end, e.TimeMs)
					}
					rs := records(r, all, 0)
					rs = append(rs, ticks(int64(len(rs)), end+c.delayMS, end+c.delayMS+120_000)...)
					runs[i], _ = run(t, rs)
					if n := runs[i].room.LateTotal; n != 0 {
						r.Fatalf("%d events were late", n)
					}
				}
				sameFinals(t, runs[0], runs[1])
			})
		})
	}
}

// What was provisional when everything had come is what becomes final.
func TestProvisionalAtTheEndIsFinal(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		all := arrive(r, broadcast(r, true), 24_000, "arrival")
		rs := records(r, all, 0)
		last := rs[len(rs)-1]
		rs = append(rs, ticks(last.Offset+1, last.AppendMS, last.AppendMS+120_000)...)
		s, _ := run(t, rs)
		compared := 0
		for k, v := range s.provisional {
			if w, ok := s.final[k]; ok && k >= s.room.LastEventMs/1000 {
				compared++
				if !bytes.Equal(v, w) {
					r.Fatalf("pane %d was provisionally\n%s\nand finally\n%s", k, view(v), view(w))
				}
			}
		}
		if compared == 0 {
			r.Fatal("nothing was compared")
		}
	})
}

// A crash at any record, with a checkpoint some records before, changes no byte of what is said after, nor of the
// state.
func TestRestoredRunSaysTheSame(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rs := records(r, arrive(r, broadcast(r, true), 60_000, "arrival"), 60)
		want, wantState := run(t, rs)
		got := newSaid()
		saidAfter := make([]int, len(rs)+1)
		m := state.Memory{}
		f, store := newFold(t, m)
		var out operators.Outputs
		cutAt := 0
		crashes := 0
		for i := 0; i < len(rs); i++ {
			saidAfter[i] = len(got.all)
			switch rapid.IntRange(0, 9).Draw(r, "fate") {
			case 0: // checkpoint
				m.Write(store.Cut())
				store.Written()
				cutAt = i
			case 1: // crash, while there is patience for it
				if crashes++; crashes < 20 {
					f, store = newFold(t, m)
					i = cutAt
					got.all = got.all[:saidAfter[i]]
				}
			}
			out.Reset()
			if err := f.Apply(rs[i], &out); err != nil {
				r.Fatal(err)
			}
			got.take(t, &out)
		}
		m.Write(store.Cut())
		if len(got.all) != len(want.all) {
			r.Fatalf("said %d things, want %d", len(got.all), len(want.all))
		}
		for i := range want.all {
			if !bytes.Equal(got.all[i], want.all[i]) {
				r.Fatalf("output %d differs", i)
			}
		}
		if !maps.EqualFunc(m, wantState, bytes.Equal) {
			r.Fatalf("the state differs: %s", differing(m, wantState))
		}
	})
}

// differing names the keys that differ.
func differing(a, b state.Memory) (keys []string) {
	for k := range a {
		if !bytes.Equal(a[k], b[k]) {
			keys = append(keys, k)
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, "missing "+k)
		}
	}
	return keys
}

// How far tentative evaluation has come must not show in a checkpoint.
func TestTentativeEvaluationDoesNotReachTheState(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rs := records(r, arrive(r, broadcast(r, true), 34_000, "arrival"), 0)
		rs = rs[:rapid.IntRange(1, len(rs)).Draw(r, "until")]
		var states [2]state.Memory
		for i := range states {
			states[i] = state.Memory{}
			f, store := newFold(t, states[i])
			var out operators.Outputs
			for _, rec := range rs {
				out.Reset()
				if err := f.Apply(rec, &out); err != nil {
					r.Fatal(err)
				}
				for _, s := range f.order {
					if i == 1 {
						s.catchUp()
					}
				}
			}
			states[i].Write(store.Cut())
		}
		if !maps.EqualFunc(states[0], states[1], bytes.Equal) {
			r.Fatal("the state differs")
		}
	})
}
