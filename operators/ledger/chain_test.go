package ledger_test

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/journey"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// chain runs journey folds into ledger folds in memory, the way the runner does: at-least-once with positions.
//
//	journeys partitions ─▶ journey tasks ─▶ credits partitions ─▶ ledger tasks ─▶ meters
type chain struct {
	journeys, ledgers []*task
	nowMS             int64
	raw               map[int]int64 // next offset of the raw topic, by journeys partition
}

// task is one fold with what the runner keeps around it. A checkpoint writes state, input mark and positions together.
type task struct {
	new       func(*state.Store, int32) (operators.Fold, error)
	partition int32
	log       []record
	memory    state.Memory
	cache     int64

	fold  operators.Fold
	store *state.Store
	next  int
	seen  map[string]event.Position
	out   []operators.EventOut // not flushed yet

	markNext int
	markSeen map[string]event.Position

	meters map[string]*eventpb.Meter

	witness   *witness // nil: none
	witnessed int      // how many records it has heard
}

// record is a block of one source, encoded.
type record struct {
	appendMS int64
	block    []byte
}

type failer interface {
	Helper()
	Fatal(...any)
}

func newChain(t failer, journeys, ledgers int, cache int64) *chain {
	c := &chain{nowMS: 1_000_000, raw: map[int]int64{}}
	for p := range journeys {
		c.journeys = append(c.journeys, &task{new: journey.New, partition: int32(p), cache: cache})
	}
	for p := range ledgers {
		c.ledgers = append(c.ledgers, &task{new: ledger.New, partition: int32(p), cache: cache})
	}
	for _, k := range slices.Concat(c.journeys, c.ledgers) {
		k.memory, k.meters = state.Memory{}, map[string]*eventpb.Meter{}
		k.restore(t)
	}
	return c
}

func (k *task) restore(t failer) {
	t.Helper()
	k.store = state.NewStore(k.memory, k.cache)
	fold, err := k.new(k.store, k.partition)
	if err != nil {
		t.Fatal(err)
	}
	k.fold, k.next, k.seen, k.out = fold, k.markNext, maps.Clone(k.markSeen), nil
	if k.seen == nil {
		k.seen = map[string]event.Position{}
	}
}

func (k *task) checkpoint(c *chain) {
	c.flush(k)
	k.memory.Write(k.store.Cut())
	k.store.Written()
	k.markNext, k.markSeen = k.next, maps.Clone(k.seen)
}

// step applies the next record, if there is one. The events' strings lie in a buffer that is overwritten afterwards.
func (k *task) step(t failer) bool {
	t.Helper()
	if k.next == len(k.log) {
		return false
	}
	r := k.log[k.next]
	buffer := bytes.Clone(r.block)
	var block eventpb.Block
	if err := block.UnmarshalVTUnsafe(buffer); err != nil {
		t.Fatal(err)
	}
	in := operators.Record{Partition: k.partition, Offset: int64(k.next), AppendMS: r.appendMS}
	for _, e := range block.Events {
		source := bytes.Clone([]byte(block.Sources[e.Source].Topic))
		at := event.Position{Offset: e.SourceOffset, Index: e.SourceIndex}
		if was, ok := k.seen[string(source)]; ok && !at.After(was) {
			continue
		}
		k.seen[string(source)] = at
		in.Events = append(in.Events, e)
	}
	var out operators.Outputs
	if err := k.fold.Apply(&in, &out); err != nil {
		t.Fatal(err)
	}
	if k.witness != nil && k.next == k.witnessed { // and not a record that a crash brings again
		for _, e := range in.Events {
			k.witness.event(e, in.AppendMS)
		}
		k.witness.record(&out)
		k.witnessed++
	}
	for i, o := range out.Events {
		o.Event.SourceOffset, o.Event.SourceIndex = in.Offset, uint32(i)
	}
	for i := range buffer {
		buffer[i] = 0xff
	}
	k.out = append(k.out, out.Events...)
	for _, m := range out.Meters {
		if m.Meter == nil {
			delete(k.meters, m.Key)
		} else {
			k.meters[m.Key] = m.Meter
		}
	}
	k.next++
	return true
}

// flush appends what a journey task has put out to the credits.
func (c *chain) flush(k *task) {
	for _, o := range k.out {
		to := c.ledgers[event.Partition(o.Key, int32(len(c.ledgers)))]
		to.append(c.nowMS, "journeys/"+strconv.Itoa(int(k.partition)), o.Event)
	}
	k.out = nil
}

func (k *task) append(appendMS int64, source string, e *eventpb.Event) {
	b := &eventpb.Block{
		Version: event.Version, Sources: []*eventpb.Source{{Topic: source}}, Events: []*eventpb.Event{e},
	}
	block, err := b.MarshalVTStrict()
	if err != nil {
		panic(err)
	}
	k.log = append(k.log, record{appendMS, block})
}

// order appends an order event to its journeys partition.
func (c *chain) order(e *eventpb.Event) {
	p := event.Partition(event.JourneyKey(e.Order.OrderId, event.ID{}), int32(len(c.journeys)))
	c.from(int(p), "orders", e)
}

func (c *chain) from(p int, topic string, e *eventpb.Event) {
	c.raw[p]++
	e.SourceOffset = c.raw[p]
	c.journeys[p].append(c.nowMS, topic, e)
}

func (c *chain) catalog(p int, entry *eventpb.Catalog) {
	c.from(p, "catalog", &eventpb.Event{Kind: eventpb.Kind_KIND_CATALOG, Catalog: entry})
}

func (c *chain) tick() {
	e := &eventpb.Event{Kind: eventpb.Kind_KIND_TICK, TimeMs: c.nowMS, Tick: &eventpb.Tick{}}
	for p := range c.journeys {
		c.from(p, "catalog", e)
	}
	for _, l := range c.ledgers {
		c.raw[-1]++
		e.SourceOffset = c.raw[-1]
		l.append(c.nowMS, "catalog", e)
	}
}

// finish delivers everything, with ticks at endMS until no sweep can be left.
func (c *chain) finish(t failer, endMS int64, ticks int) {
	t.Helper()
	c.nowMS = endMS
	for range ticks {
		c.tick()
		for _, k := range c.journeys {
			for k.step(t) {
				c.flush(k)
			}
			c.flush(k)
		}
	}
	c.tick()
	for _, k := range c.ledgers {
		for k.step(t) {
		}
	}
}

// money is the last meter of each scope.
func (c *chain) money() map[string]*eventpb.Money {
	out := map[string]*eventpb.Money{}
	for _, k := range c.ledgers {
		for _, m := range k.meters {
			if m.Part == "money" {
				out[m.Scope] = m.Money
			}
		}
	}
	return out
}

func compare(t failer, got, want map[string]*eventpb.Money) {
	t.Helper()
	for scope, w := range want {
		if g := got[scope]; !g.EqualVT(w) {
			t.Fatal(scope, "\n got ", g, "\nwant ", w)
		}
	}
	for scope, g := range got {
		if want[scope] == nil {
			t.Fatal(scope, "should not be there: ", g)
		}
	}
}

// The money of every scope is a function of the set of order events, of the catalog and of the last tick: whatever
// the order of arrival, duplicates, partitions, crashes and cache. This is guarantees 1 and 2 of the design, of the
// two folds. What is restated on the way is a function of the log, and sums to the meters.
func TestMoneyIsAFunctionOfTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		orders := rapid.SliceOfN(rapid.Custom(drawOrder), 1, 25).Draw(t, "orders")
		for i, e := range orders {
			e.Id, e.IdLo = strconv.Itoa(i), uint64(i+1)*0x9e3779b97f4a7c15
		}
		catalog := rapid.SliceOfN(rapid.Custom(drawCatalog), 0, 12).Draw(t, "catalog")
		again := rapid.SliceOfN(rapid.SampledFrom(orders), 0, 8).Draw(t, "again")
		arrivals := rapid.Permutation(slices.Concat(orders, again)).Draw(t, "arrivals")

		c := newChain(t, rapid.IntRange(1, 3).Draw(t, "journeys"), rapid.IntRange(1, 3).Draw(t, "ledgers"),
			rapid.SampledFrom([]int64{1, 4096, 0}).Draw(t, "cache"))
		for _, k := range c.ledgers {
			k.witness = newWitness(t)
		}
		c.play(t, arrivals, catalog)
		c.finish(t, c.nowMS, 5)
		compare(t, c.money(), expect(orders, catalog, c.nowMS))
	})
}

// play brings orders and catalog to the chain in a drawn order, with checkpoints, crashes and ticks between them.
func (c *chain) play(t *rapid.T, orders []*eventpb.Event, catalog []*eventpb.Catalog) {
	tasks := slices.Concat(c.journeys, c.ledgers)
	told := make([]int, len(c.journeys)) // how much of the catalog a journeys partition has
	for len(orders) > 0 || minimum(told) < len(catalog) {
		c.nowMS += rapid.Int64Range(0, 120).Draw(t, "pause")
		k := tasks[rapid.IntRange(0, len(tasks)-1).Draw(t, "task")]
		switch pick(t, "do", "order", "order", "catalog", "step", "steps", "flush", "checkpoint", "crash", "tick") {
		case "order":
			if len(orders) > 0 {
				c.order(orders[0])
				orders = orders[1:]
			}
		case "catalog":
			if p := rapid.IntRange(0, len(told)-1).Draw(t, "partition"); told[p] < len(catalog) {
				c.catalog(p, catalog[told[p]])
				told[p]++
			}
		case "step":
			k.step(t)
		case "steps":
			for k.step(t) {
			}
		case "flush":
			c.flush(k)
		case "checkpoint":
			k.checkpoint(c)
		case "crash":
			k.restore(t)
		case "tick":
			c.nowMS += rapid.SampledFrom([]int64{0, 250, 100_000_000}).Draw(t, "quiet")
			c.tick()
		}
	}
}

func minimum(ns []int) int {
	least := ns[0]
	for _, n := range ns {
		least = min(least, n)
	}
	return least
}
