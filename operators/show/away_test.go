package show

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// withTicks puts a tick each 1.9 s between the records, where time passes without any.
func withTicks(rs []*operators.Record) (all []*operators.Record) {
	last := rs[0].AppendMS
	for _, r := range rs {
		for ms := last + 1_900; ms < r.AppendMS; ms += 1_900 {
			all = append(all, &operators.Record{AppendMS: ms, Events: []*eventpb.Event{tickAt(ms)}})
		}
		last = r.AppendMS
		all = append(all, r)
	}
	for i, r := range all {
		r.Offset = int64(i)
	}
	return all
}

// A fold that writes its state, and therefore puts away, says and writes what one says that never does; also if it stops in
// between.
func TestWhatIsAwayIsNotMissed(t *testing.T) {
	away, unread := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		rs := withTicks(records(r, arrive(r, broadcast(r, true), 3_000, "arrival"), 600))
		want, whole := run(t, rs)
		m, got := state.Memory{}, newSaid()
		f, store := newFold(t, m)
		var out operators.Outputs
		next := 0
		for i, rec := range rs {
			out.Reset()
			if err := f.Apply(rec, &out); err != nil {
				t.Fatal(err)
			}
			got.take(t, &out)
			if i == next {
				m.Write(store.Cut())
				store.Written()
				if next += rapid.IntRange(1, 100).Draw(r, "until the next"); next%4 == 0 {
					f, store = newFold(t, m)
				}
			}
			if s := f.shows["S/1"]; s != nil && s.study == nil {
				away++
				if s.unread {
					unread++
				}
			}
		}
		m.Write(store.Cut())
		if !slices.EqualFunc(want.all, got.all, bytes.Equal) {
			r.Fatal("something else was said")
		}
		if !maps.EqualFunc(whole, m, bytes.Equal) {
			r.Fatal("the state is another")
		}
	})
	if away == 0 || unread == 0 {
		t.Errorf("a study was away %d times, a memory %d", away, unread)
	}
}

// written is a checkpoint of the theater.
func (th *theater) written() {
	th.memory.Write(th.store.Cut())
	th.store.Written()
}

func TestARoomThatIsOverHoldsNeitherStudyNorMemory(t *testing.T) {
	th := newTheater(t)
	for person := range uint64(500) {
		order := th.event(eventpb.Kind_KIND_ORDER, person+1)
		order.Order = &eventpb.Order{OrderId: order.Id, Status: eventpb.OrderStatus_ORDER_STATUS_PAID}
		th.apply(order, th.event(eventpb.Kind_KIND_COMMENT, person+1))
	}
	th.pass(400_000)
	s := th.f.shows["S"]
	if s.study == nil {
		t.Fatal("a study was put away that no checkpoint has written")
	}
	th.written()
	th.pass(1_000)
	if s.study != nil || s.memory == nil {
		t.Fatalf("after 400 s the study is there: %v, the memory %v", s.study != nil, s.memory != nil)
	}
	th.pass(1_500_000)
	th.written()
	th.pass(1_000)
	if s.memory != nil {
		t.Fatal("the orders of a frozen room are still there")
	}
	if held, _ := th.store.Len(); held > 8 {
		t.Errorf("the store still holds %d keys", held)
	}
	buyers := th.said.room.Final.BuyersTotal
	again := th.event(eventpb.Kind_KIND_ORDER, 1)
	again.Order = &eventpb.Order{OrderId: "e1", Status: eventpb.OrderStatus_ORDER_STATUS_PAID}
	th.apply(again)
	th.pass(40_000)
	if got := th.said.room.Final.OrdersTotal; got != 500 || th.said.room.Final.BuyersTotal != buyers {
		t.Errorf("an order that was known has heated again: %d orders", got)
	}
}

func TestABrandComesToARoomThatIsOver(t *testing.T) {
	th := newTheater(t)
	pin := th.event(eventpb.Kind_KIND_PIN, 1)
	pin.ProductId = "lip"
	th.apply(pin)
	th.pass(400_000)
	th.written()
	th.pass(1_000)
	for _, restart := range []bool{false, true} {
		if restart {
			th.reload()
		}
		if th.f.shows["S"].study != nil {
			t.Fatal("the study is not away")
		}
		brand := map[bool]string{false: "b1", true: "b2"}[restart]
		th.apply(&eventpb.Event{Kind: eventpb.Kind_KIND_CATALOG, Catalog: &eventpb.Catalog{Kind: "product", Id: "lip",
			Product: &eventpb.Product{BrandId: brand}}})
		th.pass(250)
		if got := th.said.room.BrandIds; !slices.Equal(got, []string{brand}) {
			t.Errorf("the room sells %v, want %s", got, brand)
		}
	}
}

func TestARoomThatIsAwayIsForgottenWhole(t *testing.T) {
	th := newTheater(t)
	for person := range uint64(100) {
		th.apply(th.event(eventpb.Kind_KIND_COMMENT, person+1))
	}
	th.pass(2_400_000)
	th.reload()
	if s := th.f.shows["S"]; s.study != nil || !s.unread {
		t.Fatal("the room is not away")
	}
	for range dropAfterMS / leapMS {
		th.ms += leapMS
		th.apply(tickAt(th.ms))
	}
	th.written()
	for key := range th.memory {
		if key != "clock/0" {
			t.Errorf("%s is left", key)
		}
	}
}

// An event from the future waits in its pane, long after the last that came.
func TestARoomThatWaitsForAPaneIsNotAway(t *testing.T) {
	var said [2]*said
	for i := range said {
		th := newTheater(t)
		th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
		th.pass(400_000)
		ahead := th.event(eventpb.Kind_KIND_COMMENT, 2)
		ahead.TimeMs += 500_000
		th.apply(ahead)
		for range 12 {
			th.pass(50_000)
			if i == 1 {
				th.written()
			}
		}
		said[i] = th.said
	}
	if len(said[0].insights) == 0 || !maps.EqualFunc(said[0].insights, said[1].insights, bytes.Equal) {
		t.Errorf("%d insights, and %d where the state was written", len(said[0].insights), len(said[1].insights))
	}
}
