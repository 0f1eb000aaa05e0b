package ledger_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// desk is a ledger fold fed by hand.
type desk struct {
	t      testing.TB
	memory *shelf
	cache  int64
	store  *state.Store
	fold   operators.Fold
}

// newDesk has a cache of so many bytes; 1 means that nothing clean stays in it.
func newDesk(t testing.TB, cache int64) *desk {
	d := &desk{t: t, memory: newShelf(), cache: cache}
	d.restart()
	return d
}

// restart goes on from the last checkpoint.
func (d *desk) restart() {
	d.t.Helper()
	d.store = state.NewStore(d.memory, d.cache)
	fold, err := ledger.New(d.store, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	d.fold = fold
}

func (d *desk) checkpoint() {
	d.memory.Write(d.store.Cut())
	d.store.Written()
}

// at applies a record and returns what it said: "scope net=… settled=…" for meters, "scope gone" for tombstones.
func (d *desk) at(appendMS int64, events ...*eventpb.Event) string {
	d.t.Helper()
	var out operators.Outputs
	if err := d.fold.Apply(&operators.Record{AppendMS: appendMS, Events: events}, &out); err != nil {
		d.t.Fatal(err)
	}
	var said []string
	for _, m := range out.Meters {
		if m.Meter == nil {
			said = append(said, m.Key+" gone")
			continue
		}
		if m.Meter.AppendMs != appendMS || m.Meter.Version != event.Version || m.Key != m.Meter.Scope+"/money" {
			d.t.Errorf("at %d: meter %v under %s", appendMS, m.Meter, m.Key)
		}
		g := m.Meter.Money.Gmv[0]
		said = append(said, fmt.Sprintf("%s net=%d settled=%d", m.Meter.Scope, g.NetMinor, g.SettledMinor))
	}
	return strings.Join(said, ", ")
}

var tick = &eventpb.Event{Kind: eventpb.Kind_KIND_TICK, Tick: &eventpb.Tick{}}

// sold is a paid order's credit.
func sold(scope, order string, net, settlesMS int64) *eventpb.Event {
	return &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
		Scope: scope, OrderId: order, Currency: "JPY", CreatedMinor: net, PaidMinor: net, NetMinor: net, Paid: true,
		SettlesMs: settlesMS,
	}}
}

func gone(scope, order string) *eventpb.Event {
	return &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{Scope: scope, OrderId: order}}
}

// Meters come at boundaries of 100 ms of append time and on ticks, when something has changed, and a crash loses none.
func TestWhenMetersAreSaid(t *testing.T) {
	d := newDesk(t, 1)
	for _, c := range []struct {
		name     string
		appendMS int64
		event    *eventpb.Event
		want     string
	}{
		{"the first change at once", 1000, sold("esol/a", "1", 5, 0), "esol/a net=5 settled=0"},
		{"another within 100 ms waits", 1050, sold("esol/a", "2", 5, 0), ""},
		{"one of another scope too", 1099, sold("brand/z", "1", 7, 0), ""},
		{"both with the next boundary", 1100, sold("esol/a", "3", 5, 0),
			"brand/z net=7 settled=0, esol/a net=15 settled=0"},
		{"waits again", 1110, sold("esol/a", "4", 5, 0), ""},
		{"a tick does not wait", 1120, tick, "esol/a net=20 settled=0"},
		{"nothing changed, nothing said", 1400, tick, ""},
		{"the same credit again changes nothing", 1600, sold("esol/a", "4", 5, 0), ""},
		{"a scope's last credit", 1700, gone("brand/z", "1"), "brand/z/money gone"},
		{"one that never was", 1900, gone("brand/z", "1"), ""},
	} {
		if got := d.at(c.appendMS, c.event); got != c.want {
			t.Errorf("%s: said %q, want %q", c.name, got, c.want)
		}
	}
	d.at(1910, sold("esol/a", "5", 5, 0))
	d.checkpoint()
	d.restart()
	if got, want := d.at(1950), ""; got != want {
		t.Errorf("after a restart, before the boundary: said %q, want %q", got, want)
	}
	if got, want := d.at(2000), "esol/a net=25 settled=0"; got != want {
		t.Errorf("after a restart: said %q, want %q", got, want)
	}
}

// Many names do not wait for the boundary: what waits is bounded.
func TestPendingIsBounded(t *testing.T) {
	d := newDesk(t, 1)
	d.at(1000, tick)
	long := strings.Repeat("x", 1000)
	said := 0
	for i := range 300 {
		if got := d.at(1001, sold(fmt.Sprintf("esol/%d%s", i, long), "1", 1, 0)); got != "" {
			said += strings.Count(got, ",") + 1
		}
	}
	if said < 250 {
		t.Errorf("of 300 kB of names, %d scopes were said", said)
	}
}

// Credits settle with the ticks, not before, also many at once, also after a restart; what comes later corrects them.
func TestSettling(t *testing.T) {
	d := newDesk(t, 1)
	const many = 9000 // more than one scan
	for i := range many {
		d.at(1000, sold("esol/a", fmt.Sprint(i), 2, 5000+int64(i%7)))
	}
	d.at(1000, sold("esol/a", "late", 100, 9000))
	for _, c := range []struct {
		name     string
		appendMS int64
		event    *eventpb.Event
		want     string
	}{
		{"not yet", 4999, tick, "esol/a net=18100 settled=0"},
		{"not by a record that is no tick", 5006, sold("esol/a", "more", 1, 0), "esol/a net=18101 settled=0"},
		{"the first seventh", 5010, nil, ""},
		{"all but one", 5050, tick, "esol/a net=18101 settled=18000"},
		{"a refund afterwards", 5100, sold("esol/a", "0", 0, 5000), "esol/a net=18099 settled=17998"},
		{"a credit whose time is over", 5200, sold("esol/a", "old", 10, 100), "esol/a net=18109 settled=18008"},
		{"one that settles later after all", 5300, sold("esol/a", "1", 2, 9000), "esol/a net=18109 settled=18006"},
		{"one that goes before its time", 5400, gone("esol/a", "late"), "esol/a net=18009 settled=18006"},
		{"the rest", 9000, tick, "esol/a net=18009 settled=18008"},
	} {
		events := []*eventpb.Event{c.event}
		if c.event == nil {
			events = nil
		}
		if got := d.at(c.appendMS, events...); got != c.want {
			t.Errorf("%s: said %q, want %q", c.name, got, c.want)
		}
		d.checkpoint()
		d.restart()
	}
}

// A sum beyond int64 stops the fold and says whose it is.
func TestOverflowIsRefused(t *testing.T) {
	d := newDesk(t, 1)
	d.at(1000, sold("esol/a", "1", math.MaxInt64, 0))
	err := d.fold.Apply(&operators.Record{AppendMS: 1001, Events: []*eventpb.Event{sold("esol/a", "2", 1, 0)}},
		&operators.Outputs{})
	if want := `crediting "esol/a" for order "2": ` + event.ErrOverflow.Error(); !errors.Is(err, event.ErrOverflow) ||
		err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// The average order is paid money by paid orders, half to even.
func TestAverageOrder(t *testing.T) {
	for _, c := range []struct {
		amounts []int64
		want    int64
	}{{[]int64{5, 6}, 6}, {[]int64{6, 7}, 6}, {[]int64{1, 1, 2}, 1}, {[]int64{1, 2, 2}, 2}, {[]int64{-5, -6}, -6}} {
		d := newDesk(t, 1)
		var out operators.Outputs
		for i, a := range c.amounts {
			out.Reset()
			events := []*eventpb.Event{sold("esol/a", fmt.Sprint(i), a, 0), tick}
			r := operators.Record{AppendMS: int64(i) * 100, Events: events}
			if err := d.fold.Apply(&r, &out); err != nil {
				t.Fatal(err)
			}
		}
		if got := out.Meters[0].Meter.Money.Gmv[0].AverageOrderMinor; got != c.want {
			t.Errorf("average of %v is %d, want %d", c.amounts, got, c.want)
		}
	}
}

// Scopes and ids that look like each other's keys stay apart.
func TestKeysDoNotRunTogether(t *testing.T) {
	d := newDesk(t, 1)
	got := d.at(1000, sold("esol/a", "b1", 1, 0), sold("esol/ab", "1", 2, 0), sold("esol/a\x00", "1", 4, 0), tick)
	if want := "esol/a net=1 settled=0, esol/a\x00 net=4 settled=0, esol/ab net=2 settled=0"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
