package gauges

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// world is what a collector is asked about, and its clock.
type world struct {
	t      *testing.T
	c      *Collector
	scopes []Scope
	now    time.Time
}

func newWorld(t *testing.T, l Limits) *world {
	w := &world{t: t, now: time.Unix(1_700_000_000, 0)}
	w.c = New(l, func() ([]Scope, bool) { return w.scopes, true })
	w.c.now = func() time.Time { return w.now }
	return w
}

// scrape is all series by name and labels, as text has them.
func (w *world) scrape() map[string]float64 {
	w.t.Helper()
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(w.c)
	families, err := reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			v := m.GetGauge().GetValue()
			if m.Counter != nil {
				v = m.Counter.GetValue()
			}
			out[strings.TrimPrefix(f.GetName(), "netsu_")+"{"+strings.Join(labels, ",")+"}"] = v
		}
	}
	return out
}

func (w *world) want(series string, v float64) {
	w.t.Helper()
	if got, ok := w.scrape()[series]; !ok || got != v {
		w.t.Errorf("%s is %v (there: %v), want %v", series, got, ok, v)
	}
}

func (w *world) absent(part string) {
	w.t.Helper()
	for series, v := range w.scrape() {
		if strings.Contains(series, part) {
			w.t.Errorf("%s is there: %v", series, v)
		}
	}
}

func heat(temperature float64, heads int64) *eventpb.Heat {
	return &eventpb.Heat{Temperature: temperature, TemperatureLo: temperature / 2, TemperatureHi: temperature * 2,
		Gauge: 60, GaugeLo: 50, GaugeHi: 70, Grade: eventpb.Grade_GRADE_B, ActiveHeads: heads, Viewers: 100}
}

func gmv(currency string, created, paid, refunded int64) *eventpb.Gmv {
	return &eventpb.Gmv{Currency: currency, Exponent: 2, CreatedMinor: created, PaidMinor: paid, RefundedMinor: refunded,
		NetMinor: paid - refunded, OrdersPaid: 1}
}

// fullShow is a show of which everything is known, or says why not, in three currencies.
func fullShow(id string) Scope {
	e := &eventpb.Estimate{Value: .5, Grade: eventpb.Grade_GRADE_A}
	i := &eventpb.Insight{Sync: &eventpb.Sync{Rate: e}, Trust: &eventpb.Trust{Share: .9, People: 9},
		Contagion: &eventpb.Contagion{Lexical: e, Total: e}, Ignition: &eventpb.Ignition{Level: 1},
		Funnel: &eventpb.Funnel{}}
	for st := range stages {
		i.Funnel.Stages = append(i.Funnel.Stages, &eventpb.Stage{Name: st, People: 3})
	}
	moments := map[string]int64{"a new one": 1, "another": 2}
	for k := range kinds {
		moments[k] = 1_700_000_000_000
	}
	view := &eventpb.RoomView{Heat: heat(1, 2), Totals: []*eventpb.KindTotal{{Kind: eventpb.Kind_KIND_COMMENT, Events: 7}}}
	return Scope{Kind: event.ScopeShow, ID: id, Insight: i, Moments: moments, AsOfMS: 1,
		Room: &eventpb.Room{EsolId: "e-" + id, State: eventpb.RoomState_ROOM_STATE_ON_AIR, WatermarkMs: 1, Final: view},
		Money: &eventpb.Money{Gmv: []*eventpb.Gmv{
			gmv("EUR", 300, 200, 100), gmv("JPY", 300, 200, 100), gmv("USD", 300, 200, 100)}}}
}

func account(kind, id string, currencies ...string) Scope {
	s := Scope{Kind: kind, ID: id, Money: &eventpb.Money{}, AsOfMS: 1}
	for _, c := range currencies {
		s.Money.Gmv = append(s.Money.Gmv, gmv(c, 300, 200, 100))
	}
	return s
}

// fullCampaign has all that a campaign can have, in each of the currencies.
func fullCampaign(id string, currencies ...string) Scope {
	s := account(event.ScopeCampaign, id, currencies...)
	s.Cost, s.Returns = &eventpb.Cost{}, &eventpb.Returns{}
	for _, c := range currencies {
		digits, _ := event.Exponent(c)
		s.Cost.Costs = append(s.Cost.Costs, &eventpb.CostIn{Currency: c, Exponent: uint32(digits), TotalMinor: 500,
			CommitmentMinor: 9000, Commission: &eventpb.States{EstimatedMinor: 300, PaidMinor: 100}})
		s.Returns.Returns = append(s.Returns.Returns, &eventpb.ReturnsIn{Currency: c, Exponent: uint32(digits),
			Variants: []*eventpb.Variant{{Name: "net", Value: 2, Lo: 1.5, Hi: 3}, {Name: "profit", Value: -.1},
				{Name: "incremental", Insufficient: "no_holdout"}},
			Pace: &eventpb.Pace{TargetMinor: 9000, Probability: .4, FinalLo: 6000, FinalHi: 12_000}})
	}
	return s
}

// What a campaign returned is there where it is known, and nothing where it is not.
func TestReturnsAreThereWhereTheyAreKnown(t *testing.T) {
	w := newWorld(t, Limits{})
	unknown := fullCampaign("u", "JPY")
	for _, v := range unknown.Returns.Returns[0].Variants {
		v.Insufficient = "too_few_orders"
	}
	unknown.Returns.Returns[0].Pace.Insufficient = "too_early"
	reached := fullCampaign("r", "JPY")
	reached.Returns.Returns[0].Pace.Hit = true
	w.scopes = []Scope{fullCampaign("c", "USD"), unknown, reached}
	for series, v := range map[string]float64{
		"campaign_roims_ratio{campaign=c,currency=USD}":                2,
		"campaign_roims_lo_ratio{campaign=c,currency=USD}":             1.5,
		"campaign_roims_hi_ratio{campaign=c,currency=USD}":             3,
		"campaign_roims_profit_ratio{campaign=c,currency=USD}":         -.1,
		"campaign_cost{campaign=c,currency=USD}":                       5,
		"campaign_commission{campaign=c,currency=USD,state=estimated}": 3,
		"campaign_commission{campaign=c,currency=USD,state=payable}":   0,
		"campaign_commitment{campaign=c,currency=USD}":                 90,
		"campaign_commitment_probability{campaign=c,currency=USD}":     .4,
		"campaign_forecast_lo{campaign=c,currency=USD}":                60,
		"campaign_forecast_hi{campaign=c,currency=USD}":                120,
		"campaign_commitment_probability{campaign=r,currency=JPY}":     1,
		"campaign_cost{campaign=u,currency=JPY}":                       500,
	} {
		w.want(series, v)
	}
	for _, part := range []string{"roims_ratio{campaign=u", "roims_lo_ratio{campaign=u", "roims_profit_ratio{campaign=u",
		"probability{campaign=u", "forecast_lo{campaign=u", "forecast_lo{campaign=r"} {
		w.absent(part)
	}
}

func TestSeriesAreBoundedHoweverManyShows(t *testing.T) {
	w := newWorld(t, Limits{Esols: 50, Shows: 20})
	for i := range 2000 {
		id := fmt.Sprint(i)
		w.scopes = append(w.scopes, fullShow(id))
		e := account(event.ScopeEsol, id, "EUR", "JPY", "USD")
		v := 1.0
		e.OnAir, e.Heat = 1, &Heat{Score: &v, Temperature: &v, ActiveHeads: 2}
		b := account(event.ScopeBrand, id, "EUR", "JPY", "USD")
		b.OnAir, b.Heat = e.OnAir, e.Heat
		w.scopes = append(w.scopes, e, fullCampaign(id, "EUR", "JPY", "USD"), b)
	}
	for range 3 {
		n := map[string]int{}
		own := map[string]int{}
		for series := range w.scrape() {
			kind, _, _ := strings.Cut(series, "_")
			n[kind]++
			if !strings.Contains(series, Other) {
				own[kind]++
			}
		}
		if want := 20 * (ShowSeries - 4); own["show"] != want { // it has no reason why four numbers are not there
			t.Errorf("%d series of shows, want %d", own["show"], want)
		}
		if own["esol"] != 50*EsolSeries || own["campaign"] != 50*CampaignSeries || own["brand"] != 50*BrandSeries {
			t.Errorf("series of the others: %v", own)
		}
		others := 0
		for _, kind := range scopeKinds {
			others += n[kind] - own[kind]
		}
		if others > 4*3*8+6 {
			t.Errorf("%d series of the rest", others)
		}
	}
	w.want("feed_left_out_scopes{scope=show}", 1980)
	w.want("show_active_heads{esol=__other__,show=__other__}", 1980*2)
	w.want("show_comments_total{esol=__other__,show=__other__}", 1980*7)
	w.want("campaign_gmv_net{campaign=__other__,currency=EUR}", 1950*1)
	w.want("esol_gmv_paid_total{currency=EUR,esol=__other__}", 1950*2)
	w.want("esol_gmv_paid_total{currency=USD,esol=__other__}", 2000*2) // a third currency is left out everywhere
	w.want("esol_gmv_net{currency=USD,esol=__other__}", 2000*1)
	for series := range w.scrape() {
		temperature := strings.Contains(series, "temperature") || strings.Contains(series, "score")
		if strings.Contains(series, Other) && temperature {
			t.Errorf("a temperature was summed: %s", series)
		}
	}
}

func TestWhatIsNotKnownIsNotThere(t *testing.T) {
	w := newWorld(t, Limits{})
	s := Scope{Kind: event.ScopeShow, ID: "S", Room: &eventpb.Room{State: eventpb.RoomState_ROOM_STATE_ON_AIR,
		Final: &eventpb.RoomView{Heat: &eventpb.Heat{Insufficient: "too_few_acts", Temperature: 3, Gauge: 9, Viewers: -1}}},
		Insight: &eventpb.Insight{Sync: &eventpb.Sync{Rate: &eventpb.Estimate{Value: 7, Insufficient: "not known yet"}}}}
	w.scopes = []Scope{s}
	for _, name := range []string{"heat_score", "temperature", "heat_grade", "sync_rate", "viewers", "contagion_lexical{",
		"trust", "freshness", "gmv"} {
		w.absent("show_" + name)
	}
	w.want("show_insufficient{esol=,of=heat,reason=too_few_acts,show=S}", 1)
	w.want("show_insufficient{esol=,of=sync,reason=other,show=S}", 1)
	w.want("show_active_heads{esol=,show=S}", 0)
}

func TestCountersNeverFall(t *testing.T) {
	w := newWorld(t, Limits{})
	paid := func(minor int64) {
		w.scopes = []Scope{account(event.ScopeEsol, "E")}
		w.scopes[0].Money.Gmv = []*eventpb.Gmv{gmv("USD", minor, minor, 0)}
	}
	paid(10_000)
	w.want("esol_gmv_paid_total{currency=USD,esol=E}", 100)
	paid(9_000) // a credit moved to another ESOL
	w.want("esol_gmv_paid_total{currency=USD,esol=E}", 100)
	w.want("esol_gmv_net{currency=USD,esol=E}", 90)
	paid(10_500)
	w.want("esol_gmv_paid_total{currency=USD,esol=E}", 105)
}

func TestAShowLeavesSomeTimeAfterItsEnd(t *testing.T) {
	w := newWorld(t, Limits{Linger: time.Minute})
	w.scopes = []Scope{fullShow("S")}
	w.want("show_heat_score{esol=e-S,show=S}", 60)
	ended := fullShow("S")
	ended.Room.State = eventpb.RoomState_ROOM_STATE_ENDED
	old := fullShow("old")
	old.Room.State = eventpb.RoomState_ROOM_STATE_ENDED
	w.scopes = []Scope{ended, old}
	w.want("show_gmv_net{currency=EUR,esol=e-S,show=S}", 1)
	w.now = w.now.Add(59 * time.Second)
	w.want("show_gmv_net{currency=EUR,esol=e-S,show=S}", 1)
	w.absent("show=old") // it had ended before it was seen
	w.now = w.now.Add(2 * time.Second)
	w.absent("show=S")
	w.want("feed_left_out_scopes{scope=show}", 0)
}

func TestAShowOnTheAirTakesTheSeriesOfOneThatHasEnded(t *testing.T) {
	w := newWorld(t, Limits{Shows: 1})
	w.scopes = []Scope{fullShow("A")}
	w.want("show_heat_score{esol=e-A,show=A}", 60)
	w.scopes = []Scope{fullShow("A"), fullShow("B")}
	w.want("show_heat_score{esol=e-A,show=A}", 60) // it is on the air itself
	w.absent("show=B")
	w.scopes[0].Room.State = eventpb.RoomState_ROOM_STATE_ENDED
	w.want("show_heat_score{esol=e-B,show=B}", 60)
	w.absent("show=A")
	w.want("feed_left_out_scopes{scope=show}", 0)
}

func TestTheBusyTakeTheSeriesOfTheIdle(t *testing.T) {
	w := newWorld(t, Limits{Esols: 1})
	w.scopes = []Scope{account(event.ScopeEsol, "idle", "USD")}
	w.scopes[0].AsOfMS = w.now.UnixMilli()
	w.want("esol_gmv_paid_total{currency=USD,esol=idle}", 2)
	busy := account(event.ScopeEsol, "busy", "USD")
	busy.AsOfMS = w.now.UnixMilli()
	w.scopes = append(w.scopes, busy)
	w.want("esol_gmv_paid_total{currency=USD,esol=idle}", 2) // not idle for long enough
	w.want("esol_gmv_paid_total{currency=USD,esol=__other__}", 2)
	w.now = w.now.Add(2 * time.Hour)
	w.scopes[1].AsOfMS = w.now.UnixMilli()
	w.want("esol_gmv_paid_total{currency=USD,esol=busy}", 2)
	// The counter of the rest keeps what it was told of the one, and is not told the past of the other.
	w.want("esol_gmv_paid_total{currency=USD,esol=__other__}", 2)
	w.want("esol_gmv_net{currency=USD,esol=__other__}", 1)
}

func TestNothingBreaksAScrape(t *testing.T) {
	w := newWorld(t, Limits{})
	for _, id := range []string{"\xff", "", Other, "fine"} {
		s := fullShow(id)
		s.Room.Title, s.Room.Platform = "\xff"+strings.Repeat("題", 100), "\xfe"
		w.scopes = append(w.scopes, s)
	}
	w.want("feed_left_out_scopes{scope=show}", 3)
	w.want("show_info{esol=e-fine,platform=�,show=fine,title=�"+strings.Repeat("題", 58)+"…}", 1)
	w.c.scopes = func() ([]Scope, bool) { return nil, false }
	if n := len(w.scrape()); n != 0 {
		t.Errorf("%d series before the meters were read", n)
	}
}

func TestNamesAreAsPrometheusWantsThem(t *testing.T) {
	w := newWorld(t, Limits{})
	w.scopes = []Scope{fullShow("S"), account(event.ScopeEsol, "E", "USD"), account(event.ScopeCampaign, "C", "USD"),
		account(event.ScopeBrand, "B", "USD")}
	reg := prometheus.NewRegistry()
	reg.MustRegister(w.c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// BenchmarkScrape is a scrape at the default bounds with four times as many scopes.
func BenchmarkScrape(b *testing.B) {
	var all []Scope
	for i := range 2000 {
		id := fmt.Sprint(i)
		all = append(all, fullShow(id), account(event.ScopeEsol, id, "EUR", "JPY"), account(event.ScopeCampaign, id, "EUR"))
	}
	c := New(Limits{}, func() ([]Scope, bool) { return all, true })
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	for b.Loop() {
		n := 0
		families, err := reg.Gather()
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range families {
			n += len(f.Metric)
		}
		b.ReportMetric(float64(n), "series")
	}
}
