package journey

import (
	"maps"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// town is the journeys with several partitions: events reach a partition in order from each source, and the sources
// overtake each other as they please.
type town struct {
	t       failer
	cache   int64
	memory  []state.Memory
	stores  []*state.Store
	folds   []*Fold
	queues  [][][]*eventpb.Event // by partition, by source: raw, then each partition
	credits map[string]*eventpb.Credit
	teller  map[string]int // the partition that speaks of a scope and order
}

type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func newTown(t failer, partitions int, cache int64) *town {
	w := &town{t: t, cache: cache, credits: map[string]*eventpb.Credit{}, teller: map[string]int{}}
	for range partitions {
		w.memory, w.stores = append(w.memory, state.Memory{}), append(w.stores, nil)
		w.folds = append(w.folds, nil)
		w.queues = append(w.queues, make([][]*eventpb.Event, 1+partitions))
		w.restore(len(w.folds) - 1)
	}
	return w
}

func (w *town) restore(p int) {
	w.t.Helper()
	w.stores[p] = state.NewStore(w.memory[p], w.cache)
	f, err := New(w.stores[p], int32(p))
	if err != nil {
		w.t.Fatal(err)
	}
	w.folds[p] = f.(*Fold)
}

func (w *town) checkpoint(p int) {
	w.memory[p].Write(w.stores[p].Cut())
	w.stores[p].Written()
}

func (w *town) bring(e *eventpb.Event) {
	switch e.Kind {
	case eventpb.Kind_KIND_CATALOG, eventpb.Kind_KIND_TICK:
		for p := range w.queues {
			w.queues[p][0] = append(w.queues[p][0], e)
		}
		return
	}
	key := event.JourneyKey(e.GetOrder().GetOrderId(), event.ID{Hi: e.PersonHi, Lo: e.PersonLo})
	p := event.Partition(key, int32(len(w.folds)))
	w.queues[p][0] = append(w.queues[p][0], e)
}

// step lets a partition take the next event of a source.
func (w *town) step(p, source int) bool {
	w.t.Helper()
	q := w.queues[p][source]
	if len(q) == 0 {
		return false
	}
	w.queues[p][source] = q[1:]
	// What lies in the record's memory must not be kept.
	b, err := q[0].MarshalVTStrict()
	if err != nil {
		w.t.Fatal(err)
	}
	e := &eventpb.Event{}
	if err := e.UnmarshalVTUnsafe(b); err != nil {
		w.t.Fatal(err)
	}
	var out operators.Outputs
	if err := w.folds[p].Apply(&operators.Record{Events: []*eventpb.Event{e}}, &out); err != nil {
		w.t.Fatal(err)
	}
	for _, o := range out.Events {
		b, err := o.Event.MarshalVTStrict()
		if err != nil {
			w.t.Fatal(err)
		}
		said := &eventpb.Event{}
		if err := said.UnmarshalVT(b); err != nil {
			w.t.Fatal(err)
		}
		w.say(p, o.Log, o.Key, said)
	}
	for i := range b {
		b[i] = 0xff
	}
	return true
}

func (w *town) say(p int, log operators.Log, key string, e *eventpb.Event) {
	w.t.Helper()
	if log == operators.LogJourneys {
		to := event.Partition(key, int32(len(w.folds)))
		w.queues[to][1+p] = append(w.queues[to][1+p], e)
		return
	}
	c := e.Credit
	at := c.Scope + " " + c.OrderId
	if was, ok := w.teller[at]; ok && was != p {
		w.t.Fatalf("two partitions speak of %s", at)
	}
	w.teller[at], w.credits[at] = p, c
	if c.Currency == "" {
		delete(w.credits, at)
	} else if c.NetMinor != c.PaidMinor-c.RefundedMinor-c.CancelledMinor {
		w.t.Fatalf("net is not paid - refunded - cancelled: %v", c)
	}
}

// wander takes some steps as they are drawn, with checkpoints between them, and restarts at some.
func (w *town) wander(t *rapid.T, most int) {
	for range rapid.IntRange(0, most).Draw(t, "steps") {
		switch p := rapid.IntRange(0, 9*len(w.folds)).Draw(t, "checkpoint"); {
		case p < len(w.folds):
			w.checkpoint(p)
			w.restore(p)
		case p < 3*len(w.folds):
			w.checkpoint(p % len(w.folds))
		}
		w.step(rapid.IntRange(0, len(w.folds)-1).Draw(t, "partition"), rapid.IntRange(0, len(w.folds)).Draw(t, "source"))
	}
}

// settle delivers everything, with ticks for the sweeps.
func (w *town) settle() {
	w.t.Helper()
	for range 2 { // sweeps, and the sweep's questions and answers
		for range 3 {
			w.bring(tick)
		}
		for busy := true; busy; {
			busy = false
			for p := range w.queues {
				for source := range w.queues[p] {
					for w.step(p, source) {
						busy = true
					}
				}
			}
		}
	}
	for _, f := range w.folds {
		for _, key := range []string{sweepOrders, sweepPersons} {
			if s, _, _ := f.sweeps.Get(key); s.GetActive() {
				w.t.Fatalf("the sweep over %s does not end", key)
			}
		}
	}
}

// of are the credits of a kind of scope for an order, by id.
func (w *town) of(kind, order string) map[string]*eventpb.Credit {
	out := map[string]*eventpb.Credit{}
	for _, at := range slices.Sorted(maps.Keys(w.credits)) {
		c := w.credits[at]
		if id, ok := strings.CutPrefix(c.Scope, kind+"/"); ok && c.OrderId == order {
			out[id] = c
		}
	}
	return out
}
