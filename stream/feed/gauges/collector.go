package gauges

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Limits bound the series. Zero means what Defaults have, a negative number none.
type Limits struct {
	Esols  int           // ESOLs with series, and as many campaigns and as many brands
	Shows  int           // shows with series
	Linger time.Duration // how long a show's series stay after its end
}

// Defaults are the limits of who says none.
var Defaults = Limits{Esols: 500, Shows: 200, Linger: 10 * time.Minute}

func (l Limits) filled() Limits {
	l.Esols, l.Shows, l.Linger = cmp.Or(l.Esols, Defaults.Esols), cmp.Or(l.Shows, Defaults.Shows), cmp.Or(l.Linger, Defaults.Linger)
	l.Esols, l.Shows, l.Linger = max(l.Esols, 0), max(l.Shows, 0), max(l.Linger, 0)
	return l
}

// Collector turns scopes into series when it is scraped.
type Collector struct {
	scopes func() ([]Scope, bool)
	now    func() time.Time

	mu    sync.Mutex
	kinds map[string]*kind
}

// kind is one kind of scope: who of it has series, and what was summed of the rest.
type kind struct {
	slots *slots
	other map[layer]float64 // counters of what has no series of its own; they never fall
	now   map[layer]float64 // gauges of it, of one scrape
}

// New makes a collector. It asks for the scopes at each scrape; false means that they are not read yet, and nothing is
// said.
func New(l Limits, scopes func() ([]Scope, bool)) *Collector {
	l = l.filled()
	c := &Collector{scopes: scopes, now: time.Now, kinds: map[string]*kind{}}
	for _, k := range scopeKinds {
		limit := l.Esols
		if k == event.ScopeShow {
			limit = l.Shows
		}
		c.kinds[k] = &kind{slots: newSlots(limit, l.Linger), other: map[layer]float64{}, now: map[layer]float64{}}
	}
	return c
}

var scopeKinds = []string{event.ScopeShow, event.ScopeEsol, event.ScopeCampaign, event.ScopeBrand}

func esol(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("netsu_esol_"+name, help, []string{"esol"}, nil)
}

func brand(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("netsu_brand_"+name, help, []string{"brand"}, nil)
}

// together are the gauges of what several shows come to.
type together struct{ score, temperature, heads, onAir *prometheus.Desc }

var rollUps = map[string]together{
	event.ScopeEsol:  {descEsolScore, descEsolTemp, descEsolHeads, descEsolOnAir},
	event.ScopeBrand: {descBrandScore, descBrandTemp, descBrandHeads, descBrandOnAir},
}

var (
	descEsolScore = esol("heat_score", "Heat of the ESOL's shows on the air as one body, 0 to 100. Not their mean.")
	descEsolTemp  = esol("temperature_joules_per_head", "Heat per person in the ESOL's shows on the air.")
	descEsolHeads = esol("active_heads", "People who acted in the ESOL's shows in the last 300 s; "+
		"one in two shows counts twice.")
	descEsolOnAir = esol("shows_on_air", "Shows of the ESOL on the air.")

	descBrandScore = brand("heat_score", "Heat of the shows on the air that sell the brand as one body, 0 to 100. Not their mean, and of "+
		"a show that sells other brands too the same heat as theirs.")
	descBrandTemp  = brand("temperature_joules_per_head", "Heat per person in the shows on the air that sell the brand.")
	descBrandHeads = brand("active_heads", "People who acted in the last 300 s in the shows that sell the brand; one in two shows "+
		"counts twice.")
	descBrandOnAir = brand("shows_on_air", "Shows on the air that sell the brand.")

	descLeftOut = prometheus.NewDesc("netsu_feed_left_out_scopes",
		"Scopes without series of their own, for want of room: raise --metrics-shows or --metrics-esols.",
		[]string{"scope"}, nil)
	descOnAir = prometheus.NewDesc("netsu_feed_shows_on_air", "Shows on the air.", nil, nil)
	descFresh = prometheus.NewDesc("netsu_feed_freshness_seconds",
		"Now minus the lowest watermark of the shows on the air: how old what people see is at worst.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, n := range showNumbers {
		ch <- n.desc
	}
	for _, l := range ledgers {
		for _, d := range slices.Concat(l.counters, l.gauges) {
			ch <- d.desc
		}
	}
	for _, d := range campaignDescs {
		ch <- d
	}
	for _, d := range []*prometheus.Desc{
		descInfo, descWhy, descWhen, descStage, descComments, descOrders, descLate,
		descEsolScore, descEsolTemp, descEsolHeads, descEsolOnAir,
		descBrandScore, descBrandTemp, descBrandHeads, descBrandOnAir, descLeftOut, descOnAir, descFresh,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	all, ok := c.scopes()
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	out := scrape{ch, c.now()}
	of := map[string][]Scope{}
	for _, s := range all {
		of[s.Kind] = append(of[s.Kind], s)
	}
	out.feed(of[event.ScopeShow])
	for _, name := range scopeKinds {
		k := c.kinds[name]
		with, without := k.slots.share(of[name], out.now)
		clear(k.now)
		for _, s := range with {
			out.scope(k, s)
		}
		out.rest(k, name, without)
		out.gauge(descLeftOut, float64(len(without)), name)
	}
}

// scrape is one Collect under way.
type scrape struct {
	ch  chan<- prometheus.Metric
	now time.Time
}

func (o scrape) gauge(d *prometheus.Desc, v float64, labels ...string) {
	if finite(v) {
		o.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
}

func (o scrape) counter(d *prometheus.Desc, v float64, labels ...string) {
	if finite(v) {
		o.ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
}

// feed says what holds for all shows together.
func (o scrape) feed(shows []Scope) {
	var onAir int
	var lowest int64
	for i := range shows {
		if s := &shows[i]; s.onAir() {
			onAir++
			if ms := s.Room.WatermarkMs; ms > 0 && (lowest == 0 || ms < lowest) {
				lowest = ms
			}
		}
	}
	o.gauge(descOnAir, float64(onAir))
	if lowest > 0 {
		o.gauge(descFresh, o.now.Sub(time.UnixMilli(lowest)).Seconds())
	}
}

func (o scrape) scope(k *kind, s *Scope) {
	m := k.slots.known[s.ID]
	labels := []string{s.ID}
	switch s.Kind {
	case event.ScopeShow:
		labels = append(labels, clean(s.Room.GetEsolId()))
		o.show(m, s, labels)
	case event.ScopeEsol, event.ScopeBrand:
		o.together(rollUps[s.Kind], s)
	case event.ScopeCampaign:
		o.campaign(m, s)
	}
	l := ledgers[s.Kind]
	for _, g := range s.Money.GetGmv() {
		if !m.owns(g.Currency) {
			k.sum(m, l, g)
			continue
		}
		own := append(slices.Clone(labels), clean(g.Currency))
		for _, c := range l.counters {
			now, _ := m.rise(layer{c.name, g.Currency}, c.value(g))
			o.counter(c.desc, now, own...)
		}
		for _, d := range l.gauges {
			o.gauge(d.desc, d.value(g), own...)
		}
	}
}

// actsOf are the counters of a show's room.
var actsOf = []moneyless{
	{"comments", descComments, func(s *Scope) (float64, bool) {
		v := s.Room.Newest()
		for _, t := range v.GetTotals() {
			if t.Kind == eventpb.Kind_KIND_COMMENT {
				return float64(t.Events), true
			}
		}
		return 0, v != nil
	}},
	{"orders", descOrders, func(s *Scope) (float64, bool) {
		return float64(s.Room.Newest().GetOrdersTotal()), s.Room.Newest() != nil
	}},
	{"late", descLate, func(s *Scope) (float64, bool) { return float64(s.Room.GetLateTotal()), s.Room != nil }},
}

type moneyless struct {
	name  string
	desc  *prometheus.Desc
	value func(*Scope) (float64, bool)
}

func (o scrape) show(m *memory, s *Scope, labels []string) {
	with := func(more ...string) []string { return append(slices.Clone(labels), more...) }
	o.gauge(descInfo, 1, with(clean(s.Room.GetPlatform()), title(s.Room.GetTitle()))...)
	for _, n := range showNumbers {
		if v, ok := n.value(s, o.now); ok {
			o.gauge(n.desc, v, labels...)
		}
	}
	for _, a := range actsOf {
		if v, ok := a.value(s); ok {
			now, _ := m.rise(layer{name: a.name}, v)
			o.counter(a.desc, now, labels...)
		}
	}
	for _, w := range why(s) {
		o.gauge(descWhy, 1, with(w.of, reasons.word(w.reason))...)
	}
	for _, st := range s.Insight.GetFunnel().GetStages() {
		if stages[st.Name] {
			o.gauge(descStage, float64(st.People), with(st.Name)...)
		}
	}
	latest := map[string]int64{}
	for name, ms := range s.Moments {
		name = kinds.word(name)
		latest[name] = max(latest[name], ms)
	}
	for _, name := range slices.Sorted(maps.Keys(latest)) {
		o.gauge(descWhen, float64(latest[name])/1000, with(name)...)
	}
}

type missing struct{ of, reason string }

func why(s *Scope) (all []missing) {
	note := func(of, reason string) {
		if reason != "" {
			all = append(all, missing{of, reason})
		}
	}
	note("heat", s.heat().GetInsufficient())
	note("sync", s.Insight.GetSync().GetRate().GetInsufficient())
	note("contagion_lexical", s.Insight.GetContagion().GetLexical().GetInsufficient())
	note("contagion_overall", s.Insight.GetContagion().GetTotal().GetInsufficient())
	return all
}

func (o scrape) together(d together, s *Scope) {
	o.gauge(d.onAir, float64(s.OnAir), s.ID)
	if s.Heat == nil {
		return
	}
	o.gauge(d.heads, float64(s.Heat.ActiveHeads), s.ID)
	if s.Heat.Score != nil && s.Heat.Temperature != nil {
		o.gauge(d.score, *s.Heat.Score, s.ID)
		o.gauge(d.temperature, *s.Heat.Temperature, s.ID)
	}
}

// sum adds a currency to the rest: what its counters rose by, and its gauges.
func (k *kind) sum(m *memory, l *ledger, g *eventpb.Gmv) {
	for _, c := range l.counters {
		_, by := m.rise(layer{c.name, g.Currency}, c.value(g))
		k.other[layer{c.name, g.Currency}] += by
	}
	for _, d := range l.gauges {
		k.now[layer{d.name, g.Currency}] += d.value(g)
	}
}

// rest says what the scopes without series come to together: money, acts and heads, and nothing that cannot be added.
func (o scrape) rest(k *kind, name string, without []*Scope) {
	l := ledgers[name]
	var heads int64
	for _, s := range without {
		m := k.slots.known[s.ID]
		heads += s.heat().GetActiveHeads()
		if s.Heat != nil {
			heads += s.Heat.ActiveHeads
		}
		for _, g := range s.Money.GetGmv() {
			k.sum(m, l, g)
		}
		if name != event.ScopeShow {
			continue
		}
		for _, a := range actsOf {
			if v, ok := a.value(s); ok {
				_, by := m.rise(layer{name: a.name}, v)
				k.other[layer{name: a.name}] += by
			}
		}
	}
	labels := []string{Other}
	switch name {
	case event.ScopeShow:
		labels = append(labels, Other)
		if len(without) > 0 {
			o.gauge(descHeads, float64(heads), labels...)
		}
		for _, a := range actsOf {
			if v, any := k.other[layer{name: a.name}]; any {
				o.counter(a.desc, v, labels...)
			}
		}
	case event.ScopeEsol, event.ScopeBrand:
		if len(without) > 0 {
			o.gauge(rollUps[name].heads, float64(heads), labels...)
		}
	}
	o.restOfMoney(k, l, labels)
}

func (o scrape) restOfMoney(k *kind, l *ledger, labels []string) {
	currencies := map[string]bool{}
	for c := range k.other {
		if c.currency != "" {
			currencies[c.currency] = true
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(currencies)) {
		own := append(slices.Clone(labels), clean(currency))
		for _, c := range l.counters {
			o.counter(c.desc, k.other[layer{c.name, currency}], own...)
		}
		for _, d := range l.gauges {
			if v, any := k.now[layer{d.name, currency}]; any {
				o.gauge(d.desc, v, own...)
			}
		}
	}
}

// titleRunes bounds a title.
const titleRunes = 60

func title(s string) string {
	if r := []rune(clean(s)); len(r) > titleRunes {
		return string(r[:titleRunes-1]) + "…"
	}
	return clean(s)
}

// clean makes a label of text that came from outside.
func clean(s string) string { return strings.ToValidUTF8(s, "�") }
