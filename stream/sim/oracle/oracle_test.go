package oracle_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/sim/oracle"
	"github.com/netsu/netsu/stream/source"
)

// unsaturated are the rules of MODEL's closed forms: no saturation of heads worth speaking of, and everybody believed.
func unsaturated() oracle.Rules {
	r := oracle.Default()
	r.E0, r.Credulous = 1e15, true
	return r
}

func event(kind string, at int64, who int) oracle.Event {
	return oracle.Event{Kind: kind, ID: fmt.Sprintf("%s-%d-%d", kind, at, who), TimeMS: at, Show: "s",
		Person: fmt.Sprint("p", who), Text: distinct(at), Count: 1}
}

// distinct is a text of its own for every n, also after runs of a rune have become one.
func distinct(n int64) string { return strings.Join(strings.Split(fmt.Sprint(n), ""), "-") }

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s: want %v, got %v", what, want, got)
	}
}

func TestAnImpulseHalvesInAMinute(t *testing.T) {
	o := oracle.New(unsaturated())
	for i := range 2 { // 2 carts of 5 J
		o.Add(event("add_to_cart", 500, i))
	}
	near(t, "at once", o.View("s", 0).Heat.HeatJoules, 10, 1e-6)
	near(t, "after 60 panes", o.View("s", 60).Heat.HeatJoules, 5, 1e-6)
	near(t, "after 120 panes", o.View("s", 120).Heat.HeatJoules, 2.5, 1e-6)
}

// MODEL §1: 1 J a pane comes to 1/(1-d).
func TestASteadyRoomHasTheHeatOfTheClosedForm(t *testing.T) {
	o := oracle.New(unsaturated())
	for k := range int64(2000) {
		o.Add(event("comment", k*1000, int(k%10)))
	}
	v := o.View("s", 1999).Heat
	near(t, "Q", v.HeatJoules, 87.063, 1e-3)
	near(t, "power", v.PowerWatts, 1, 1e-6)
	near(t, "T", v.Temperature, 87.063/15, 1e-3)
	if v.ActiveHeads != 10 || v.Viewers != -1 {
		t.Errorf("heads %d, viewers %d", v.ActiveHeads, v.Viewers)
	}
}

// MODEL §1: the small room is hotter with a seventh of the power.
func TestSmallRoomAndBigRoom(t *testing.T) {
	for _, c := range []struct {
		name    string
		heads   int
		every   float64 // s, per head
		viewers int64
		q, t    float64
	}{
		{"small", 10, 20, -1, 43.53, 2.902},
		{"big", 1000, 300, -1, 290.2, .289},
		{"big with lurkers", 1000, 300, 10_000, 290.2, .152},
	} {
		o := oracle.New(unsaturated())
		if c.viewers > 0 {
			e := event("viewers", 1, 0)
			e.Person, e.Count = "", c.viewers
			o.Add(e)
		}
		gap := c.every * 1000 / float64(c.heads)
		var end int64
		for i := 0; float64(i)*gap < 900_000; i++ {
			end = int64(float64(i) * gap)
			o.Add(event("comment", end, i%c.heads))
		}
		v := o.View("s", end/1000).Heat
		near(t, c.name+" Q", v.HeatJoules, c.q, c.q*.02)
		near(t, c.name+" T", v.Temperature, c.t, c.t*.02)
	}
}

func TestGaugeMeetsItsQuartiles(t *testing.T) {
	r := oracle.Default()
	r.E0, r.A0, r.Lurkers = 1e15, 0, 0
	for temperature, want := range map[float64]float64{.3: 25, math.Sqrt(.45): 50, 1.5: 75, 3: 88.54} {
		// A gift of that many joules.
		r.GiftYen = func(int64, string) float64 { return (math.Exp2(temperature-2) - 1) * 100 }
		o := oracle.New(r)
		o.Add(event("gift", 0, 1))
		near(t, fmt.Sprint("G of ", temperature), o.View("s", 0).Heat.Gauge, want, .005)
	}
}

func TestOneFanaticSaturates(t *testing.T) {
	o := oracle.New(oracle.Default())
	for i := range int64(9) {
		o.Add(event("add_to_cart", i, 1)) // 45 J by one head in one pane
	}
	near(t, "contributed", float64(o.View("s", 0).Heat.MicrojoulesTotal)/1e6, 3*math.Log(1+45./3), 1e-6)
}

func TestCopiesAreCheap(t *testing.T) {
	o := oracle.New(unsaturated())
	for i, text := range []string{"Wow  wow", "wow WOW ", "wwow wooow", "other"} {
		e := event("comment", 0, i)
		e.Text = text
		o.Add(e)
	}
	near(t, "three alike", o.View("s", 0).Heat.HeatJoules, 3/math.Sqrt(1+2./5)+1, 1e-5)
}

func TestOrdersHeatOnceAndRepeatsMore(t *testing.T) {
	o := oracle.New(unsaturated())
	add := func(at int64, id, version string) {
		e := event("order", at, 1)
		e.ID, e.Order = version, &oracle.Version{OrderID: id, Status: "created"}
		o.Add(e)
	}
	add(0, "a", "a1")
	add(1000, "a", "a2")
	add(2000, "b", "b1")
	v := o.View("s", 2)
	near(t, "µJ", float64(v.Totals[0].Microjoules), 27e6, 0)
	if v.OrdersTotal != 2 || v.BuyersTotal != 1 || v.Totals[0].Events != 3 {
		t.Errorf("%v", v)
	}
}

func TestLateDuplicateAndRetractedEventsHeatNothing(t *testing.T) {
	o := oracle.New(oracle.Default())
	o.Add(event("comment", 1000, 1))
	o.Add(event("comment", 1000, 1)) // again
	moved := event("comment", 1000, 1)
	moved.TimeMS = 3000 // the same id in another open pane
	o.Add(moved)
	back := event("retract", 4000, 2)
	back.Ref = event("comment", 2000, 2).ID
	o.Add(back) // before its comment
	o.Add(event("comment", 2000, 2))
	o.Add(event("comment", 36_999, 3)) // watermark 31.999: pane 0 is final, pane 1 is open
	o.Add(event("comment", 999, 4))
	o.Add(event("comment", 1000, 4))
	v := o.View("s", 36)
	if c := v.Totals[0]; c.Events != 4 || c.Microjoules != 2_825_742 {
		t.Errorf("%v: want the comments of 1 to 4, and heat of all but that of 2; two of them say the same", c)
	}
	if v.PeopleTotal != 3 {
		t.Errorf("%d people: who took everything back was not there", v.PeopleTotal)
	}
	if n, ids := o.Late("s"); n != 1 || !slices.Equal(ids, []string{"comment-999-4"}) {
		t.Errorf("late: %d %v", n, ids)
	}
	if k, ok := o.LastFinal("s"); k != 0 || ok {
		t.Errorf("last final pane %d %v: pane 0 is final but before the first", k, ok)
	}
}

// An event from the future must not close the present, and silence closes panes only as ticks say.
func TestWatermark(t *testing.T) {
	o := oracle.New(oracle.Default())
	e := event("comment", 200_000, 1)
	e.AppendMS = 10_000
	o.Add(e)
	if k, _ := o.LastFinal("s"); k != -26 {
		t.Errorf("last final pane %d after an event from the future", k)
	}
	o.Tick(20_000)
	o.Tick(29_999)
	if k, _ := o.LastFinal("s"); k != -26 {
		t.Errorf("last final pane %d before ten idle seconds", k)
	}
	o.Tick(60_000)
	if k, _ := o.LastFinal("s"); k != 14 {
		t.Errorf("last final pane %d: want the watermark 15 s behind what is ingested", k)
	}
}

func generated(t testing.TB, seed uint64, minutes int, w sim.Wire) []source.Record {
	c := sim.Demo(seed, time.UnixMilli(1_764_000_000_000))
	c.Shows, c.Wire = c.Shows[:2], w
	for i := range c.Shows {
		c.Shows[i].Lasts, c.Shows[i].Rate = time.Duration(minutes)*time.Minute, c.Shows[i].Rate/3
	}
	s, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var all []source.Record
	for r := range s.All() {
		all = append(all, r)
	}
	return all
}

func fed(records []source.Record) *oracle.Oracle {
	o := oracle.New(oracle.Default())
	for _, r := range records {
		o.AddRaw(r, fmt.Sprint(r.TimeMS, string(r.Value)), 1<<60, 1)
	}
	return o
}

// MODEL §0: any order of arrival within the allowed disorder, with any duplicates, gives the same.
func TestTheOrderOfArrivalMeansNothing(t *testing.T) {
	for range 4 { // runs are too long for the hundred draws of rapid
		seed := rand.Uint64()
		rt := seeded{t, seed}
		records := generated(t, seed, 3, sim.Wire{})
		want := fed(records)
		rng := rand.New(rand.NewPCG(seed, 1))
		shuffled := slices.Clone(records)
		for i := range shuffled {
			if rng.IntN(20) == 0 && shuffled[i].TimeMS != 0 {
				shuffled = append(shuffled, shuffled[i])
			}
		}
		for i := range shuffled {
			shuffled[i].ArriveMS = shuffled[i].TimeMS + rng.Int64N(10_000)
		}
		slices.SortStableFunc(shuffled, func(a, b source.Record) int { return int(a.ArriveMS - b.ArriveMS) })
		got := fed(shuffled)
		for _, show := range want.Shows() {
			last, _ := want.LastPane(show)
			if n, _ := got.Late(show); n != 0 {
				rt.Fatalf("%d late", n)
			}
			if d := (oracle.Compare{Interval: true}).Diff(want.View(show, last), got.View(show, last)); d != nil {
				rt.Fatalf("show %s: %v", show, d)
			}
		}
		if a, b := want.Scopes(), got.Scopes(); !slices.Equal(a, b) || len(a) < 5 {
			rt.Fatalf("scopes %v, %v", a, b)
		}
		for _, scope := range want.Scopes() {
			if a, b := want.Money(scope, 0), got.Money(scope, 0); !proto.Equal(a, b) {
				rt.Fatalf("%s: %v, %v", scope, a, b)
			}
		}
	}
}

// seeded names the seed of what fails.
type seeded struct {
	*testing.T
	seed uint64
}

func (s seeded) Fatalf(format string, of ...any) {
	s.T.Helper()
	s.T.Fatalf("seed %d: %s", s.seed, fmt.Sprintf(format, of...))
}

// DESIGN §5.2: brands' shares sum to the whole, which show and ESOL have alike.
func TestSharesSumToTheWhole(t *testing.T) {
	records := generated(t, 4, 10, sim.Wire{})
	o := fed(records)
	sum := map[string]map[string]int64{}
	for _, scope := range o.Scopes() {
		kind := scope[:4]
		for _, g := range o.Money(scope, 0).Gmv {
			if sum[kind] == nil {
				sum[kind] = map[string]int64{}
			}
			for name, v := range map[string]int64{"created": g.CreatedMinor, "paid": g.PaidMinor, "net": g.NetMinor,
				"refunded": g.RefundedMinor, "cancelled": g.CancelledMinor, "units": g.Units} {
				sum[kind][g.Currency+" "+name] += v
			}
		}
	}
	for _, kind := range []string{"esol", "bran"} {
		if fmt.Sprint(sum[kind]) != fmt.Sprint(sum["show"]) {
			t.Errorf("%s: %v, shows: %v", kind, sum[kind], sum["show"])
		}
	}
	if sum["show"]["JPY refunded"] == 0 || sum["show"]["JPY cancelled"] == 0 {
		t.Errorf("nothing refunded or cancelled: %v", sum["show"])
	}
}

func TestMoneyByHand(t *testing.T) {
	o := oracle.New(oracle.Default())
	add := func(id string, at int64, v oracle.Version) {
		o.Add(oracle.Event{Kind: "order", ID: id, TimeMS: at, Show: "s", Esol: "e", Person: "p", Order: &v})
	}
	two := []oracle.Line{{Brand: "x", Product: "px", Quantity: 2, Price: 500}, {Brand: "y", Product: "py", Quantity: 1,
		Price: 400}}
	add("1", 1, oracle.Version{OrderID: "a", Version: 1, Status: "created", HasAmount: true, Minor: 1400,
		Currency: "JPY", Lines: two})
	add("2", 2, oracle.Version{OrderID: "a", Version: 3, Status: "partially_refunded", Currency: "JPY",
		Refunds: []oracle.Refund{{ID: "r", Minor: 500, Lines: []oracle.Line{{Product: "px", Quantity: 1}}}}})
	add("3", 3, oracle.Version{OrderID: "a", Version: 2, Status: "paid"})
	add("4", 4, oracle.Version{OrderID: "b", Version: 1, Status: "refunded", Currency: "JPY",
		Refunds: []oracle.Refund{{ID: "r", Minor: 70}}})
	add("5", 5, oracle.Version{OrderID: "c", Version: 1, Status: "created", HasAmount: true, Minor: 9, Currency: "JPY"})
	add("6", 6, oracle.Version{OrderID: "c", Version: 2, Status: "cancelled"})
	add("7", 7, oracle.Version{OrderID: "d", Version: 1, Status: "paid", HasAmount: true, Minor: 40, Currency: "JPY",
		Test: true})
	// Paid 100, 30 given back, then cancelled: that takes back the other 70.
	add("8", 8, oracle.Version{OrderID: "f", Version: 1, Status: "paid", HasAmount: true, Minor: 100, Currency: "JPY"})
	add("9", 9, oracle.Version{OrderID: "f", Version: 2, Status: "partially_refunded", Currency: "JPY",
		Refunds: []oracle.Refund{{ID: "r", Minor: 30}}})
	add("10", 10, oracle.Version{OrderID: "f", Version: 3, Status: "cancelled"})
	want := &eventpb.Money{Buyers: 1, OrdersTotal: 3, LastOrderMs: 8, Gmv: []*eventpb.Gmv{{Currency: "JPY",
		CreatedMinor: 1509, PaidMinor: 1500, NetMinor: 830,
		RefundedMinor:  600,
		CancelledMinor: 70, RefundedUnknownMinor: 70, OrdersCreated: 3,
		OrdersPaid: 2, OrdersCancelled: 2, OrdersRefunded: 2,
		RefundsUnknown: 1, Units: 2, Buyers: 1, AverageOrderMinor: 750}}}
	if d := (oracle.Compare{}).Diff(want, o.Money("esol/e", 0)); d != nil {
		t.Error(d)
	}
	if g := o.Money("brand/x", 0).Gmv[0]; g.PaidMinor != 1000 || g.RefundedMinor != 500 || g.Units != 1 {
		t.Errorf("brand x: %v", g)
	}
	if g := o.Money("brand/y", 0).Gmv[0]; g.PaidMinor != 400 || g.RefundedMinor != 0 || g.Units != 1 {
		t.Errorf("brand y: %v", g)
	}
	if g := o.Money("show/s", 15*24*3600*1000).Gmv[0]; g.SettledMinor != 900 {
		t.Errorf("settled after the window is the net of paid orders, whatever refunds are unknown: %v", g)
	}
}

func TestDiffSeesEveryKindOfDifference(t *testing.T) {
	view := func() *eventpb.RoomView {
		return &eventpb.RoomView{Pane: 1, PeopleTotal: 2, Totals: []*eventpb.KindTotal{{Events: 1}},
			Heat: &eventpb.Heat{HeatJoules: 1, TemperatureLo: 1, Gauge: 5}}
	}
	for name, c := range map[string]struct {
		change func(*eventpb.RoomView)
		want   int
	}{
		"nothing":            {func(*eventpb.RoomView) {}, 0},
		"rounding":           {func(v *eventpb.RoomView) { v.Heat.HeatJoules += 1e-10 }, 0},
		"a float":            {func(v *eventpb.RoomView) { v.Heat.HeatJoules += 1e-8 }, 1},
		"not a number":       {func(v *eventpb.RoomView) { v.Heat.HeatJoules = math.NaN() }, 1},
		"an integer":         {func(v *eventpb.RoomView) { v.PeopleTotal++ }, 1},
		"a list":             {func(v *eventpb.RoomView) { v.Totals = nil }, 1},
		"an element":         {func(v *eventpb.RoomView) { v.Totals[0].Events++ }, 1},
		"the gauge":          {func(v *eventpb.RoomView) { v.Heat.Gauge = 6 }, 1},
		"the interval (off)": {func(v *eventpb.RoomView) { v.Heat.TemperatureLo = 2 }, 0},
	} {
		v := view()
		c.change(v)
		if d := (oracle.Compare{}).Diff(view(), v); len(d) != c.want {
			t.Errorf("%s: %v", name, d)
		}
	}
}

func BenchmarkTenMinutes(b *testing.B) {
	records := generated(b, 1, 30, sim.Wire{})
	for b.Loop() {
		o := fed(records)
		for _, s := range o.Shows() {
			last, _ := o.LastPane(s)
			o.View(s, last)
		}
	}
	b.ReportMetric(float64(len(records))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// A retraction must come in the comment's pane or the ten after, by its event time. What was taken back is no copy of
// what others say.
func TestARetractionIsOfElevenPanes(t *testing.T) {
	for after, back := range map[int64]bool{-1: false, 0: true, 10: true, 11: false} {
		o := oracle.New(unsaturated())
		c := event("comment", 20_500, 1)
		o.Add(c)
		r := event("retract", 20_500+1000*after, 1)
		r.Ref = c.ID
		o.Add(r)
		same := event("comment", 32_000, 2)
		same.Text = c.Text
		o.Add(same)
		want := 1e6
		if !back {
			want += 1e6 / math.Sqrt(1.2) // the second is a copy of the first
		}
		if got := o.View("s", 32).Totals[0]; got.Events != 2 || math.Abs(float64(got.Microjoules)-want) > 1 {
			t.Errorf("%d panes after: %v, want %v µJ", after, got, want)
		}
	}
}

// After half an hour of nothing the room is as one that never was, but for what counts acts.
func TestSilenceFreezes(t *testing.T) {
	o := oracle.New(oracle.Default())
	v := event("viewers", 0, 0)
	v.Person, v.Count = "", 100
	o.Add(v)
	o.Add(event("comment", 900, 1))
	if h := o.View("s", 1799).Heat; h.PowerWatts == 0 || h.Viewers != 100 {
		t.Errorf("after 1799 empty panes: %v", h)
	}
	for _, pane := range []int64{1800, 5000} {
		v := o.View("s", pane)
		h := v.Heat
		if h.PowerWatts != 0 || h.CapacityHeads != 5 || h.Viewers != -1 || v.PeopleTotal != 1 || h.MicrojoulesTotal == 0 {
			t.Errorf("pane %d: %v", pane, v)
		}
	}
	o.Add(event("comment", 2_000_000, 1)) // forgotten: a new head, unsaturated
	if v := o.View("s", 2000); v.PeopleTotal != 2 || v.Heat.MicrojoulesTotal != 2*o.View("s", 0).Heat.MicrojoulesTotal {
		t.Errorf("after coming back: %v", v)
	}
}

// An order counts once its amount is known; one of which only refunds are known counts apart, once.
func TestOrdersWithoutAnAmountCountNowhere(t *testing.T) {
	o := oracle.New(oracle.Default())
	add := func(id string, v oracle.Version) {
		o.Add(oracle.Event{Kind: "order", ID: id, Show: "s", Order: &v})
	}
	add("1", oracle.Version{OrderID: "a", Version: 1, Status: "created", Currency: "JPY"})
	add("2", oracle.Version{OrderID: "a", Version: 2, Status: "cancelled", Currency: "JPY"})
	if m := o.Money("show/s", 0); m.OrdersTotal != 0 || len(m.Gmv) != 0 || len(o.Scopes()) != 0 {
		t.Errorf("nothing known: %v", m)
	}
	add("3", oracle.Version{OrderID: "a", Version: 3, Status: "refunded", Currency: "JPY",
		Refunds: []oracle.Refund{{ID: "x", Minor: 3}, {ID: "y", Minor: 4}}})
	if m := o.Money("show/s", 0); m.OrdersTotal != 0 || m.Gmv[0].RefundsUnknown != 1 || m.Gmv[0].RefundedUnknownMinor != 7 {
		t.Errorf("refunds known: %v", m)
	}
	add("4", oracle.Version{OrderID: "a", Version: 0, Status: "created", HasAmount: true, Minor: 9, Currency: "JPY"})
	m := o.Money("show/s", 0)
	if g := m.Gmv[0]; m.OrdersTotal != 1 || g.RefundsUnknown != 0 || g.CreatedMinor != 9 || g.OrdersRefunded != 1 {
		t.Errorf("amount known: %v", m)
	}
}

// Heads are active for 300 panes; when all have left, no heat is left.
func TestHeadsLeaveAfterFiveMinutes(t *testing.T) {
	o := oracle.New(unsaturated())
	for i := range 10 {
		o.Add(event("comment", 500, i))
	}
	if a := o.View("s", 299).Heat.ActiveHeads; a != 10 {
		t.Errorf("%d active heads in the 300th pane", a)
	}
	if h := o.View("s", 300).Heat; h.ActiveHeads != 0 || h.HeatJoules != 0 {
		t.Errorf("%d active heads after it, %v J", h.ActiveHeads, h.HeatJoules)
	}
}

// Two equal acts are two acts, as long as they last: Q² and V2 cool alike.
func TestEffectiveActsStayWhatTheyWere(t *testing.T) {
	o := oracle.New(unsaturated())
	o.Add(event("share", 0, 1))
	o.Add(event("share", 0, 2))
	near(t, "at once", o.View("s", 0).Heat.EffectiveActs, 2, 1e-9)
	near(t, "later", o.View("s", 200).Heat.EffectiveActs, 2, 1e-9)
}
