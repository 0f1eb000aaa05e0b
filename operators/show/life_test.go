package show

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"google.golang.org/protobuf/proto"
)

// theater drives a fold by hand, on a clock of append time.
type theater struct {
	t      testing.TB
	f      *Fold
	store  *state.Store
	memory state.Memory
	said   *said
	out    operators.Outputs
	ms     int64
	ids    uint64
}

func newTheater(t testing.TB) *theater {
	th := &theater{t: t, memory: state.Memory{}, said: newSaid(), ms: base}
	th.f, th.store = newFold(t, th.memory)
	return th
}

func (th *theater) apply(events ...*eventpb.Event) {
	th.out.Reset()
	if err := th.f.Apply(&operators.Record{AppendMS: th.ms, Events: events}, &th.out); err != nil {
		th.t.Fatal(err)
	}
	th.said.take(th.t, &th.out)
}

// event is a new event of show S at the present time, by a person.
func (th *theater) event(kind eventpb.Kind, person uint64) *eventpb.Event {
	th.ids++
	return &eventpb.Event{
		Kind: kind, IdHi: 7, IdLo: th.ids, Id: fmt.Sprint("e", th.ids), TimeMs: th.ms, ShowId: "S", EsolId: "hanako",
		PersonHi: person << 50, PersonLo: person, Count: 1, Text: fmt.Sprint("text ", th.ids),
	}
}

// pass lets time pass, with ticks that say all is ingested.
func (th *theater) pass(ms int64) {
	for end := th.ms + ms; th.ms < end; {
		th.ms += 250
		th.apply(tickAt(th.ms))
	}
}

func (th *theater) reload() {
	th.memory.Write(th.store.Cut())
	th.store.Written()
	th.f, th.store = newFold(th.t, th.memory)
}

func (th *theater) wantState(want eventpb.RoomState) {
	th.t.Helper()
	if got := th.said.room.State; got != want {
		th.t.Errorf("the room is %v, want %v", got, want)
	}
}

// Whatever the rhythm of the ticks, a room that froze is said as of the same pane, and goes on from there when it comes
// back.
func TestAFrozenRoomIsSaidAsOfThePaneInWhichItFroze(t *testing.T) {
	for _, step := range []int64{250, 1_000, 1_700, 1_999} {
		th := newTheater(t)
		th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
		first := th.ms / 1000
		tick := func(ms int64) {
			for end := th.ms + ms; th.ms < end; {
				th.ms += step
				th.apply(tickAt(th.ms))
			}
		}
		tick(2_400_000)
		th.wantState(eventpb.RoomState_ROOM_STATE_ENDED)
		if got := th.said.room.Final.Pane - first; got != silentPanes {
			t.Errorf("ticks each %d ms: frozen %d panes after its last act, want %d", step, got, silentPanes)
		}
		th.reload()
		th.ms += 3_600_000
		th.apply(th.event(eventpb.Kind_KIND_COMMENT, 2))
		again := th.ms / 1000
		if got := th.said.room.Provisional.Pane; got != again {
			t.Errorf("ticks each %d ms: back on the air at pane %d, want %d", step, got, again)
		}
		tick(2_400_000)
		if got := th.said.room.Final.Pane - again; got != silentPanes {
			t.Errorf("ticks each %d ms: frozen again %d panes after its last act, want %d", step, got, silentPanes)
		}
	}
}

// Also what is said of a room before it is final stops there, though a restart evaluates many panes at once.
func TestARoomFreezesInTheSamePaneAfterARestart(t *testing.T) {
	th := newTheater(t)
	th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
	first := th.ms / 1000
	th.pass((silentPanes - 10) * 1000)
	for th.said.room.State != eventpb.RoomState_ROOM_STATE_ENDED {
		th.reload()
		th.pass(5_000)
		if got := th.said.room.Provisional.Pane - first; got > silentPanes {
			t.Fatalf("said as of %d panes after its last act; it froze after %d", got, silentPanes)
		}
	}
}

func TestShowGoesIdleEndsComesBackAndIsForgotten(t *testing.T) {
	th := newTheater(t)
	order := th.event(eventpb.Kind_KIND_ORDER, 1)
	order.Order = &eventpb.Order{OrderId: "o1", Status: eventpb.OrderStatus_ORDER_STATUS_CREATED}
	th.apply(order, th.event(eventpb.Kind_KIND_COMMENT, 2), th.event(eventpb.Kind_KIND_PIN, 3))
	th.wantState(eventpb.RoomState_ROOM_STATE_ON_AIR)
	th.pass(9_750)
	th.wantState(eventpb.RoomState_ROOM_STATE_ON_AIR)
	th.pass(500)
	th.wantState(eventpb.RoomState_ROOM_STATE_IDLE)
	if th.said.room.Final != nil {
		t.Error("the first pane is final too early")
	}
	th.pass(36_000)
	if f := th.said.room.Final; f == nil || f.PeopleTotal != 2 || f.Heat.MicrojoulesTotal == 0 {
		t.Errorf("36 s later the final view is %v", f)
	}
	th.pass(1_800_000)
	th.wantState(eventpb.RoomState_ROOM_STATE_ENDED)
	if h := th.said.room.Final.Heat; h.HeatJoules != 0 || h.PowerWatts != 0 {
		t.Errorf("after half an hour of silence there is heat: %v", h)
	}
	th.reload()
	n := len(th.said.all)
	th.pass(600_000)
	if len(th.said.all) != n {
		t.Error("an ended show goes on talking")
	}
	paid := th.event(eventpb.Kind_KIND_ORDER, 1)
	paid.Order = &eventpb.Order{OrderId: "o1", Status: eventpb.OrderStatus_ORDER_STATUS_PAID}
	th.ms += 100
	th.apply(paid)
	th.wantState(eventpb.RoomState_ROOM_STATE_ON_AIR)
	if p := th.said.room.Provisional; p.OrdersTotal != 1 || p.Heat.HeatJoules != 0 {
		t.Errorf("an order paid after a silence counts twice: %v", p)
	}
	th.pass(24*3_600_000 + 2_000)
	if !slices.Contains(th.said.dropped, "show/S/room") || !slices.ContainsFunc(th.said.dropped, func(k string) bool {
		return strings.HasPrefix(k, "show/S/trend/")
	}) {
		t.Errorf("the meters taken back are %v", th.said.dropped)
	}
	th.memory.Write(th.store.Cut())
	for k := range th.memory {
		if k != "clock/0" {
			t.Errorf("the state still has %s", k)
		}
	}
}

// An hour in which ingest does not come forward, and then leaps, is not an hour of silence.
// What has left the window of a show is in no state, however the cuts and restarts lie; nor does a cut between two others
// hear of panes that came and went.
func TestStateHoldsOnlyOpenPanesAndRecentTexts(t *testing.T) {
	th := newTheater(t)
	talk := func(seconds int) {
		for range seconds {
			th.apply(th.event(eventpb.Kind_KIND_COMMENT, 2))
			th.ms += 1000
		}
	}
	count := func() map[string]int {
		n := map[string]int{}
		for k := range th.memory {
			n[strings.Split(k, "/")[0]]++
		}
		return n
	}
	for range 3 {
		talk(130)
		th.reload()
		if n := count(); n["acts"] > 40 || n["texts"] > textPanes || n["acts"] < 30 || n["texts"] < textPanes-1 {
			t.Fatalf("the state has keys %v, want those of about 36 open panes and of %d final ones", n, textPanes)
		}
	}
	talk(500)
	if _, dirty := th.store.Len(); dirty > 400 { // texts and what trust has of them: of 60 panes each, and 60 that were in the state
		t.Errorf("%d keys are dirty after 500 panes, most of which came and went", dirty)
	}
}

func TestOutageOfIngestIsNotSilence(t *testing.T) {
	th := newTheater(t)
	th.pass(1_000)
	th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
	stuck := th.ms
	for range 4 * 3600 {
		th.ms += 250
		th.apply(tickAt(stuck))
	}
	th.wantState(eventpb.RoomState_ROOM_STATE_ON_AIR)
	old := th.event(eventpb.Kind_KIND_COMMENT, 2)
	old.TimeMs = stuck + 20_000
	th.apply(old)
	th.pass(3_000)
	th.wantState(eventpb.RoomState_ROOM_STATE_ON_AIR)
	if th.said.room.LateTotal != 0 {
		t.Error("what ingest caught up with is late")
	}
}

// A show whose event times lag two years behind, as in a replay, grows idle by its own pace and is not run over.
func TestIdleFollowsTheShowsOwnTime(t *testing.T) {
	th := newTheater(t)
	const ago = 2 * 365 * 86_400_000
	e := th.event(eventpb.Kind_KIND_COMMENT, 1)
	e.TimeMs -= ago
	th.apply(e)
	th.pass(20_000)
	th.wantState(eventpb.RoomState_ROOM_STATE_IDLE)
	e = th.event(eventpb.Kind_KIND_COMMENT, 1)
	e.TimeMs -= ago
	th.apply(e)
	if th.said.room.LateTotal != 0 {
		t.Error("the next event of a slow replay is late")
	}
}

func TestFutureDoesNotCloseThePresent(t *testing.T) {
	th := newTheater(t)
	th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
	future := th.event(eventpb.Kind_KIND_COMMENT, 2)
	future.TimeMs += 290_000
	far := th.event(eventpb.Kind_KIND_COMMENT, 2)
	far.TimeMs += 700_000
	th.apply(future, far)
	past := th.event(eventpb.Kind_KIND_COMMENT, 3)
	past.TimeMs -= 34_000
	th.apply(past)
	th.ms += 2_000
	th.apply(th.event(eventpb.Kind_KIND_COMMENT, 3))
	r := th.said.room
	if r.LateTotal != 1 || r.LateSample[0] != far.Id {
		t.Errorf("late: %d %v; want only the one that is ten minutes ahead", r.LateTotal, r.LateSample)
	}
	if n := r.Provisional.Totals[0].Events; n != 3 {
		t.Errorf("%d comments are in the room, want 3: the one from the future waits", n)
	}
	th.pass(400_000)
	if n := th.said.room.Final.Totals[0].Events; n != 4 {
		t.Errorf("%d comments in the end, want 4", n)
	}
}

func TestLateEventsAreCountedAndSampled(t *testing.T) {
	th := newTheater(t)
	th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
	th.ms += 60_000
	th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
	var want []string
	for range 12 {
		e := th.event(eventpb.Kind_KIND_COMMENT, 1)
		e.TimeMs -= 50_000
		th.apply(e)
		want = append(want, e.Id)
	}
	th.reload()
	th.ms += 1_000
	th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
	if r := th.said.room; r.LateTotal != 12 || !slices.Equal(r.LateSample, want[4:]) {
		t.Errorf("late: %d, %v", r.LateTotal, r.LateSample)
	}
}

// The same id with two times counts once, in the earlier pane, whichever came first.
func TestSameIDWithAnotherTimeCountsOnce(t *testing.T) {
	var views [2]string
	for i, gap := range []int64{2_000, -2_000} {
		th := newTheater(t)
		th.ms += 10_000
		a := th.event(eventpb.Kind_KIND_ORDER, 1)
		a.Order = &eventpb.Order{OrderId: "o", Status: eventpb.OrderStatus_ORDER_STATUS_PAID}
		b := proto.Clone(a).(*eventpb.Event)
		a.TimeMs = base + 5_000 + max(0, -gap)
		b.TimeMs = base + 5_000 + max(0, gap)
		th.apply(a)
		th.ms += 100
		th.apply(b)
		th.ms += 100
		th.apply(th.event(eventpb.Kind_KIND_LIKE, 2))
		views[i] = th.said.room.Provisional.String()
		if n := th.said.room.Provisional.OrdersTotal; n != 1 {
			t.Errorf("%d orders", n)
		}
	}
	if views[0] != views[1] {
		t.Errorf("the order of arrival shows:\n%s\n%s", views[0], views[1])
	}
}

func TestCatalogNamesAndEndsTheShow(t *testing.T) {
	th := newTheater(t)
	c := func(deleted bool) *eventpb.Event {
		return &eventpb.Event{Kind: eventpb.Kind_KIND_CATALOG, Catalog: &eventpb.Catalog{
			Kind: "show", Id: "S", Deleted: deleted,
			Show: &eventpb.Show{Title: "Lip night", EsolId: "mei", Platform: "q", EndMs: base + 20_000},
		}}
	}
	th.apply(c(false))
	th.reload()
	th.ms += 100
	th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
	if r := th.said.room; r.Title != "Lip night" || r.EsolId != "mei" || r.Platform != "q" {
		t.Errorf("the room does not know the catalog: %v", r)
	}
	th.pass(60_000)
	th.wantState(eventpb.RoomState_ROOM_STATE_IDLE)
	th.pass(40_000)
	th.wantState(eventpb.RoomState_ROOM_STATE_ENDED)
	th.ms += 100
	th.apply(th.event(eventpb.Kind_KIND_COMMENT, 1))
	th.wantState(eventpb.RoomState_ROOM_STATE_ON_AIR)
	th.apply(c(true), tickAt(th.ms))
	if r := th.said.room; r.Title != "" || r.EsolId != "hanako" {
		t.Errorf("the room still knows the catalog: %v", r)
	}
}

// kinds of alerts, without their panes.
func (th *theater) alerts() (kinds []string) {
	for _, b := range th.said.alerts {
		a := &eventpb.Alert{}
		if err := a.UnmarshalVT([]byte(b)); err != nil {
			th.t.Fatal(err)
		}
		kinds = append(kinds, a.Kind)
	}
	return kinds
}

// A room of 60 heads comments every second, is told hot once, cools while they still say a little, and is told cold
// once.
func TestHotAndColdAreToldOnceEach(t *testing.T) {
	th := newTheater(t)
	second := func(heads int, kind eventpb.Kind) {
		var events []*eventpb.Event
		for i := range heads {
			events = append(events, th.event(kind, uint64(1+(int(th.ids)+i)%60)))
		}
		th.apply(events...)
		th.ms += 1000
	}
	for range 400 {
		second(8, eventpb.Kind_KIND_COMMENT)
	}
	for range 500 {
		second(1, eventpb.Kind_KIND_JOIN)
	}
	th.pass(60_000)
	if got := th.alerts(); !slices.Equal(got, []string{"hot", "cold"}) {
		t.Errorf("told %v", got)
	}
}

// Joins of the first minute are no raid; fifty in three seconds after five quiet minutes are one.
func TestRaidIsToldOnce(t *testing.T) {
	th := newTheater(t)
	join := func(n int) {
		for range n {
			th.apply(th.event(eventpb.Kind_KIND_JOIN, th.ids+1))
		}
		th.ms += 1000
	}
	join(100)
	for range 300 {
		join(1)
	}
	for range 3 {
		join(30)
	}
	for range 60 {
		join(1)
	}
	th.pass(60_000)
	if got := th.alerts(); !slices.Equal(got, []string{"raid"}) {
		t.Errorf("told %v", got)
	}
}

func TestHeadsAreBounded(t *testing.T) {
	th := newTheater(t)
	for range 60 {
		var events []*eventpb.Event
		for range 1000 {
			events = append(events, th.event(eventpb.Kind_KIND_JOIN, th.ids+1))
		}
		th.apply(events...)
		th.ms += 1000
	}
	if m := th.f.shows["S"].memory; m.heads > headsMax || m.heads < headsMax*9/10 {
		t.Errorf("%d heads are remembered", m.heads)
	}
	th.reload()
	th.pass(60_000)
	m := th.f.shows["S"].memory
	if m.heads > headsMax || th.said.room.Final.PeopleTotal != 60_000 {
		t.Errorf("%d heads are remembered of %d", m.heads, th.said.room.Final.PeopleTotal)
	}
	if first := (event.ID{Hi: 1 << 50, Lo: 1}); m.shards[shardOf(first)].heads.get(first) != nil {
		t.Error("the first is still there: not the least recent was forgotten")
	}
}

// A quiet room is said every 100 ms; a busy one that is out of order waits, but never more than a second.
func TestBusyRoomWaitsAtMostASecond(t *testing.T) {
	th := newTheater(t)
	last, longest := th.ms, int64(0)
	for i := range 1000 {
		th.ms += 10
		var events []*eventpb.Event
		for range 20 {
			e := th.event(eventpb.Kind_KIND_LIKE, th.ids%500+1)
			e.TimeMs -= int64(th.ids%20) * 100
			events = append(events, e)
		}
		th.apply(events...)
		if len(th.out.Meters) > 0 {
			if i > 300 {
				longest = max(longest, th.ms-last)
			}
			last = th.ms
		}
	}
	if longest <= 100 || longest > 1000 {
		t.Errorf("the longest wait was %d ms", longest)
	}
}

func TestShowsAreBounded(t *testing.T) {
	th := newTheater(t)
	for i := range showsMax + 5 {
		e := th.event(eventpb.Kind_KIND_LIKE, 1)
		e.ShowId = fmt.Sprintf("show-%05d", i)
		th.ms++
		th.apply(e)
	}
	if len(th.f.shows) != showsMax || len(th.f.order) != showsMax {
		t.Errorf("%d shows are kept", len(th.f.shows))
	}
	if th.f.shows["show-00004"] != nil || th.f.shows["show-00005"] == nil {
		t.Error("not the quietest were dropped")
	}
}
