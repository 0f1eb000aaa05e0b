package show

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// base is where the tests' time begins: not on a boundary of anything.
const base = 1_764_000_123_000

// arrival is an event and the append time at which it comes.
type arrival struct {
	at int64
	e  *eventpb.Event
}

// gaps between events, ms: mostly short, and now and then longer than what a text, a head and a room are remembered for.
var gaps = []int64{
	0, 0, 0, 0, 3, 3, 3, 120, 120, 120, 450, 450, 450, 999, 999, 999, 2000, 2000, 2000, 7000, 7000, 7000, 7000, 12_000, 12_000,
	61_000, 61_000, 290_000, 310_000, 2_000_000,
}

// broadcast draws what happens in a show, in order of event time: every kind, copies, gaps, orders with versions.
func broadcast(t *rapid.T, withRetractions bool) []*eventpb.Event {
	var all []*eventpb.Event
	ms := int64(base)
	n := rapid.IntRange(1, 100).Draw(t, "events")
	kinds := []eventpb.Kind{
		1, 1, 1, 1, 10, 10, 10, 11, 12, 13, 14, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 30, 30,
	}
	if withRetractions {
		kinds = append(kinds, 2, 2)
	}
	for i := range n {
		ms += rapid.SampledFrom(gaps).Draw(t, "gap")
		e := &eventpb.Event{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
			IdHi: uint64(i) << 40, IdLo: uint64(i + 1), Id: fmt.Sprint("e", i),
			TimeMs: ms, ShowId: "S/1", EsolId: "hanako",
			Platform: rapid.SampledFrom([]string{"p", "p", "q", ""}).Draw(t, "platform"),
			Role:     eventpb.Role(rapid.SampledFrom([]int{0, 0, 1, 1, 1, 2, 4}).Draw(t, "role")),
			Count:    rapid.Int64Range(0, 30).Draw(t, "count"),
		}
		if p := rapid.Uint64Range(0, 25).Draw(t, "person"); p > 0 {
			e.PersonHi, e.PersonLo = p<<58, p
		}
		switch e.Kind {
		case eventpb.Kind_KIND_COMMENT:
			texts := []string{"kawaii", "KAWAII!!", "kawaii!", "可愛い", "how much?", "買います", "買いました", ""}
			e.Text = rapid.SampledFrom(texts).Draw(t, "text")
		case eventpb.Kind_KIND_PIN:
			e.ProductId = rapid.SampledFrom([]string{"lip", "pen"}).Draw(t, "product")
		case eventpb.Kind_KIND_GIFT:
			e.AmountMinor = rapid.Int64Range(0, 1e6).Draw(t, "amount")
			e.Currency = rapid.SampledFrom([]string{"JPY", "USD", "XXX"}).Draw(t, "currency")
		case eventpb.Kind_KIND_ORDER:
			e.Order = &eventpb.Order{
				OrderId: fmt.Sprint("o", rapid.IntRange(0, 30).Draw(t, "order")),
				Status:  eventpb.OrderStatus(rapid.IntRange(1, 5).Draw(t, "status")),
				Test:    rapid.IntRange(0, 9).Draw(t, "test") == 0,
			}
		case eventpb.Kind_KIND_RETRACT:
			ref := all[max(0, i-rapid.IntRange(1, 10).Draw(t, "back")):]
			if len(ref) > 0 {
				e.RefHi, e.RefLo = ref[0].IdHi, ref[0].IdLo
			}
		}
		all = append(all, e)
	}
	return all
}

// arrive delays each event by up to delayMS and repeats some, within the same delay; in order of arrival. The first
// event comes at once, and first: an event that comes before it has begun the show is not late, wherever it lies.
func arrive(t *rapid.T, events []*eventpb.Event, delayMS int64, name string) []arrival {
	delay := rapid.Int64Range(0, delayMS)
	var all []arrival
	for _, e := range events {
		for range 1 + rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, name+" copies") {
			all = append(all, arrival{e.TimeMs + delay.Draw(t, name+" delay"), e})
		}
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	return all
}

func tickAt(ms int64) *eventpb.Event {
	return &eventpb.Event{Kind: eventpb.Kind_KIND_TICK, TimeMs: ms, Tick: &eventpb.Tick{IngestedMs: ms}}
}

// setting is the catalog of a broadcast: seven brands that speak, the first of which wants to be elsewhere and has the
// show, and what its ESOL owns. No lexicon: what is said is worth what it is worth anywhere.
func setting() (all []*eventpb.Event) {
	learn := func(c *eventpb.Catalog) {
		all = append(all, &eventpb.Event{Kind: eventpb.Kind_KIND_CATALOG, TimeMs: base, Catalog: c})
	}
	for i, word := range []string{"kawaii", "可愛い", "how much", "wow", "おいしい", "きれい", "fast"} {
		b := &eventpb.Brand{}
		for j := range 12 {
			b.Corpus = append(b.Corpus, fmt.Sprint(word, " ", j*j, " ", string(rune('ア'+7*i+j))))
		}
		if i == 0 {
			b.Target = []string{"how much is it", "買います"}
		}
		learn(&eventpb.Catalog{Kind: "brand", Id: fmt.Sprint("b", i), Brand: b})
	}
	learn(&eventpb.Catalog{Kind: "show", Id: "S/1", Show: &eventpb.Show{BrandIds: []string{"b0"}, EsolId: "hanako"}})
	learn(&eventpb.Catalog{Kind: "esol", Id: "hanako", Esol: &eventpb.Esol{Name: "Hanako", Owns: []string{"lip"}}})
	learn(&eventpb.Catalog{Kind: "product", Id: "lip", Product: &eventpb.Product{Name: "Lip", BaseOwnedPpm: 20_000, BrandId: "b3"}})
	return all
}

// records cuts arrivals into records of drawn sizes, after the catalog's, and adds ticks until everything is final.
func records(t *rapid.T, all []arrival, ticksSeconds int64) []*operators.Record {
	rs := []*operators.Record{{AppendMS: base, Events: setting()}}
	last := int64(base)
	for len(all) > 0 {
		n := rapid.IntRange(1, min(len(all), 40)).Draw(t, "batch")
		r := &operators.Record{Offset: int64(len(rs)), AppendMS: all[n-1].at}
		for _, a := range all[:n] {
			r.Events = append(r.Events, a.e)
		}
		rs, all, last = append(rs, r), all[n:], r.AppendMS
	}
	if ticksSeconds == 0 {
		return rs
	}
	return append(rs, ticks(int64(len(rs)), last, last+ticksSeconds*1000)...)
}

func ticks(offset, fromMS, toMS int64) []*operators.Record {
	var rs []*operators.Record
	for ms := fromMS; ms <= toMS; ms += 250 {
		rs = append(rs, &operators.Record{Offset: offset, AppendMS: ms, Events: []*eventpb.Event{tickAt(ms)}})
		offset++
	}
	return rs
}

// said is what a fold has published, as a reader sees it.
type said struct {
	final, provisional map[int64][]byte // RoomView by pane, of the last time it was said
	trends             map[string][]byte
	insights           map[int64][]byte // by pane
	insight            *eventpb.Insight // the last one
	profiles           map[int64][]byte // by pane
	profile            *eventpb.Profile // the last one
	alerts             []string
	room               *eventpb.Room
	all                [][]byte // every output, in order
	dropped            []string
}

func newSaid() *said {
	return &said{final: map[int64][]byte{}, provisional: map[int64][]byte{}, trends: map[string][]byte{}, insights: map[int64][]byte{},
		profiles: map[int64][]byte{}}
}

func (s *said) take(t testing.TB, out *operators.Outputs) {
	for _, m := range out.Meters {
		if m.Meter == nil {
			s.dropped = append(s.dropped, m.Key)
			s.all = append(s.all, []byte(m.Key))
			continue
		}
		b := must(m.Meter.MarshalVTStrict())
		s.all = append(s.all, b)
		if tr := m.Meter.Trend; tr != nil {
			s.trends[m.Key] = must(tr.MarshalVTStrict())
		}
		if i := m.Meter.Insight; i != nil {
			v := must(i.MarshalVTStrict())
			if old, ok := s.insights[i.Pane]; ok && !bytes.Equal(old, v) {
				t.Fatalf("the insight of pane %d has changed:\n%s\n%s", i.Pane, insight(old), insight(v))
			}
			s.insights[i.Pane], s.insight = v, i
		}
		if p := m.Meter.Profile; p != nil {
			v := must(p.MarshalVTStrict())
			if old, ok := s.profiles[p.Pane]; ok && !bytes.Equal(old, v) {
				t.Fatalf("the profile of pane %d has changed", p.Pane)
			}
			s.profiles[p.Pane], s.profile = v, p
		}
		if r := m.Meter.Room; r != nil {
			s.room = r
			if r.Final != nil {
				v := must(r.Final.MarshalVTStrict())
				if old, ok := s.final[r.Final.Pane]; ok && !bytes.Equal(old, v) {
					t.Fatalf("the final view of pane %d has changed", r.Final.Pane)
				}
				s.final[r.Final.Pane] = v
			}
			if r.Provisional != nil {
				s.provisional[r.Provisional.Pane] = must(r.Provisional.MarshalVTStrict())
			}
		}
	}
	for _, a := range out.Alerts {
		b := must(a.Alert.MarshalVTStrict())
		s.alerts = append(s.alerts, string(b))
		s.all = append(s.all, b)
	}
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func newFold(t testing.TB, m state.Memory) (*Fold, *state.Store) {
	store := state.NewStore(m, 0)
	f, err := New(store, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f.(*Fold), store
}

// run folds records without a stop.
func run(t testing.TB, rs []*operators.Record) (*said, state.Memory) {
	m := state.Memory{}
	f, store := newFold(t, m)
	s := newSaid()
	var out operators.Outputs
	for _, r := range rs {
		out.Reset()
		if err := f.Apply(r, &out); err != nil {
			t.Fatal(err)
		}
		s.take(t, &out)
	}
	m.Write(store.Cut())
	return s, m
}

// sameFinals compares what two runs said that must not depend on arrival: final views of the panes both said, trends,
// alerts.
func sameFinals(t testing.TB, a, b *said) {
	for k, v := range a.final {
		if w, ok := b.final[k]; ok && !bytes.Equal(v, w) {
			t.Fatalf("pane %d differs:\n%s\n%s", k, view(v), view(w))
		}
	}
	if x, y := slices.Max(slices.Collect(maps.Keys(a.final))), slices.Max(slices.Collect(maps.Keys(b.final))); x != y {
		t.Fatalf("one run ends at pane %d, the other at %d", x, y)
	}
	if a.room.Platform != b.room.Platform || a.room.EsolId != b.room.EsolId {
		t.Fatalf("the room is %s's on %q in one run, and %s's on %q in the other", a.room.EsolId, a.room.Platform,
			b.room.EsolId, b.room.Platform)
	}
	if !slices.Equal(a.room.BrandIds, b.room.BrandIds) {
		t.Fatalf("the room sells %v in one run, and %v in the other", a.room.BrandIds, b.room.BrandIds)
	}
	if !maps.EqualFunc(a.trends, b.trends, bytes.Equal) {
		t.Fatal("the trends differ")
	}
	for k, v := range a.insights {
		if w, ok := b.insights[k]; !ok || !bytes.Equal(v, w) {
			t.Fatalf("the insight of pane %d differs:\n%s\n%s", k, insight(v), insight(w))
		}
	}
	if len(a.insights) != len(b.insights) {
		t.Fatalf("one run has %d insights, the other %d", len(a.insights), len(b.insights))
	}
	if !maps.EqualFunc(a.profiles, b.profiles, bytes.Equal) {
		t.Fatal("the profiles differ")
	}
	if !slices.Equal(a.alerts, b.alerts) {
		t.Fatal("the alerts differ")
	}
}

func view(b []byte) string {
	v := &eventpb.RoomView{}
	if err := v.UnmarshalVT(b); err != nil {
		return err.Error()
	}
	return v.String()
}

func insight(b []byte) string {
	v := &eventpb.Insight{}
	if err := v.UnmarshalVT(b); err != nil {
		return err.Error()
	}
	return v.String()
}
