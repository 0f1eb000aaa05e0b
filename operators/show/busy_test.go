package show

import (
	"bytes"
	"slices"
	"testing"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// A busy room's waiting is part of what a checkpoint keeps: taken up again at any record it says the same things.
func TestRestoredBusyRoomWaitsTheSame(t *testing.T) {
	var runs [2][][]byte
	for i := range runs {
		th := newTheater(t)
		for step := range 600 {
			th.ms += 10
			var events []*eventpb.Event
			for range 20 {
				e := th.event(eventpb.Kind_KIND_LIKE, th.ids%500+1)
				e.TimeMs -= int64(th.ids%20) * 100
				events = append(events, e)
			}
			th.apply(events...)
			if i == 1 && step%37 == 0 {
				th.reload()
			}
		}
		runs[i] = th.said.all
	}
	if !slices.EqualFunc(runs[0], runs[1], bytes.Equal) {
		t.Errorf("%d outputs without a restore and %d with, or they differ", len(runs[0]), len(runs[1]))
	}
}

// Of two versions of an order in one pane, the one that names its buyer says who bought, however late in the pane it
// is.
func TestOrderHeatsForTheVersionThatNamesABuyer(t *testing.T) {
	th := newTheater(t)
	for i, buyer := range []uint64{0, 5} {
		e := th.event(eventpb.Kind_KIND_ORDER, buyer)
		e.TimeMs += int64(i) * 100
		e.Order = &eventpb.Order{OrderId: "o", Status: eventpb.OrderStatus_ORDER_STATUS_PAID}
		th.apply(e)
	}
	th.ms += 10_000
	again := th.event(eventpb.Kind_KIND_ORDER, 5)
	again.Order = &eventpb.Order{OrderId: "p", Status: eventpb.OrderStatus_ORDER_STATUS_PAID}
	th.apply(again)
	v := th.said.room.Provisional
	if v.OrdersTotal != 2 || v.BuyersTotal != 1 || v.Totals[0].Microjoules != 27_000_000 {
		t.Errorf("got %v; want two orders of one buyer, 12 J and 15 J", v)
	}
}

// The trend has a point each ten panes with what happened in them, and marks in order of event time, in chunks of ten
// minutes; taken over a restart.
func TestTrendAddsUp(t *testing.T) {
	th := newTheater(t)
	var pins int
	for i := range 1500 {
		events := []*eventpb.Event{th.event(eventpb.Kind_KIND_COMMENT, uint64(i%50))}
		if i%100 == 3 {
			pin := th.event(eventpb.Kind_KIND_PIN, 99)
			pin.ProductId = "lip-01"
			events = append(events, pin)
			pins++
		}
		th.apply(events...)
		th.ms += 1000
		if i%333 == 0 {
			th.reload()
		}
	}
	th.pass(90_000)
	var comments int64
	last, marks, chunks := int64(0), 0, 0
	for key, b := range th.said.trends {
		tr := &eventpb.Trend{}
		if err := tr.UnmarshalVT(b); err != nil {
			t.Fatal(err)
		}
		chunks++
		if key != "show/S/"+trendPart(tr.FromPane) || tr.FromPane%600 != 0 {
			t.Errorf("the chunk from %d has key %s", tr.FromPane, key)
		}
		for i, p := range tr.Points {
			if (p.Pane+1)%10 != 0 || p.Pane < tr.FromPane || p.Pane >= tr.FromPane+600 ||
				i > 0 && p.Pane != tr.Points[i-1].Pane+10 {
				t.Errorf("a point at pane %d in the chunk from %d", p.Pane, tr.FromPane)
			}
			comments += p.Comments
			last = max(last, p.Pane)
		}
		if !slices.IsSortedFunc(tr.Marks, func(a, b *eventpb.Mark) int { return int(a.TimeMs - b.TimeMs) }) {
			t.Error("the marks are not in order")
		}
		marks += len(tr.Marks)
	}
	if comments != 1500 || marks != pins || chunks < 3 || last < base/1000+1500 {
		t.Errorf("%d comments, %d marks of %d, %d chunks, up to pane %d", comments, marks, pins, chunks, last)
	}
}

// A straggler in a pane of thousands makes few events many to evaluate: it waits, but not for ever.
func TestStragglerOfABusyPaneIsSaidWithinASecond(t *testing.T) {
	th := newTheater(t)
	var events []*eventpb.Event
	for range 5000 {
		events = append(events, th.event(eventpb.Kind_KIND_LIKE, th.ids+1))
	}
	th.apply(events...)
	said, from := len(th.said.all), th.ms
	for len(th.said.all) == said && th.ms < from+3000 {
		th.ms += 10
		straggler := th.event(eventpb.Kind_KIND_LIKE, 1)
		straggler.TimeMs = from
		th.apply(straggler)
	}
	if waited := th.ms - from; waited < 500 || waited > 1000 {
		t.Errorf("it waited %d ms", waited)
	}
}

// A retraction ten panes after its comment takes the heat back, one of eleven does not, nor one of before; whether it
// comes before its comment or after, evaluated or not.
func TestRetractionReachesBackTenPanes(t *testing.T) {
	for _, c := range []struct{ panes, want int64 }{{-1, 1_000_000}, {0, 0}, {10, 0}, {11, 1_000_000}} {
		for _, retractionFirst := range []bool{true, false} {
			th := newTheater(t)
			th.ms += 20_000
			comment, retraction := th.event(eventpb.Kind_KIND_COMMENT, 1), th.event(eventpb.Kind_KIND_RETRACT, 2)
			comment.TimeMs, retraction.TimeMs = base, base+c.panes*1000
			retraction.RefHi, retraction.RefLo = comment.IdHi, comment.IdLo
			events := []*eventpb.Event{comment, retraction, th.event(eventpb.Kind_KIND_PIN, 3)}
			if retractionFirst {
				slices.Reverse(events)
			}
			for _, e := range events {
				th.ms += 200
				th.apply(e)
			}
			th.pass(60_000)
			if got := th.said.room.Final.Heat.MicrojoulesTotal; (got == 0) != (c.want == 0) {
				t.Errorf("%d panes after, retraction first %v: %d µJ are left", c.panes, retractionFirst, got)
			}
		}
	}
}
