package oracle

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// kinds in the words of the raw format.
var kinds = map[string]eventpb.Kind{
	"comment": eventpb.Kind_KIND_COMMENT, "retract": eventpb.Kind_KIND_RETRACT, "like": eventpb.Kind_KIND_LIKE,
	"gift": eventpb.Kind_KIND_GIFT, "share": eventpb.Kind_KIND_SHARE, "follow": eventpb.Kind_KIND_FOLLOW,
	"join": eventpb.Kind_KIND_JOIN, "leave": eventpb.Kind_KIND_LEAVE, "product_click": eventpb.Kind_KIND_PRODUCT_CLICK,
	"add_to_cart": eventpb.Kind_KIND_ADD_TO_CART, "checkout": eventpb.Kind_KIND_CHECKOUT,
	"inquiry": eventpb.Kind_KIND_INQUIRY, "coupon_claim": eventpb.Kind_KIND_COUPON_CLAIM,
	"link_visit": eventpb.Kind_KIND_LINK_VISIT, "pin": eventpb.Kind_KIND_PIN, "call": eventpb.Kind_KIND_CALL,
	"viewers": eventpb.Kind_KIND_VIEWERS, "spend": eventpb.Kind_KIND_SPEND, "touch": eventpb.Kind_KIND_TOUCH,
	"order": eventpb.Kind_KIND_ORDER,
}

// body is the state of MODEL §1, walked from the first pane.
type body struct {
	rules *Rules
	room  *room

	belief     *belief
	heat, raw  twin
	active     int64 // A of the pane before
	viewers    int64
	warmAt     map[string]int64
	lastActive map[string]int64
	bought     map[string]bool // of the heads remembered
	people     int64
	buyers     int64
	orders     map[string]bool
	silent     int64                    // empty panes in a row
	events, µJ map[string]int64         // what is believed
	counts     []int64                  // heating acts by pane, for Branching
	said       map[int64]map[string]int // comments by pane and normalised text
	kept       map[string]float64       // J of q by the kind that brought them
	lost       map[string]float64       // W, by sink
	rate, acts float64                  // decayed joules and number of acts radiated: their quotient is ē
}

// twin is the recursion over what is believed, or over everything.
type twin struct {
	q, v2, power float64
	total        int64              // µJ contributed
	warmth       map[string]float64 // u by head, as of body.warmAt
}

// Views yields the view of a show after each pane from its first to last. Whether a pane is final is for the caller to
// judge: the view after an open pane is the provisional one, given what was added so far.
func (o *Oracle) Views(show string, last int64, each func(*eventpb.RoomView)) {
	r := o.rooms[show]
	if r == nil || len(r.acts) == 0 {
		return
	}
	b := &body{rules: &o.rules, room: r, belief: o.belief(show), viewers: -1, warmAt: map[string]int64{},
		heat: twin{warmth: map[string]float64{}}, raw: twin{warmth: map[string]float64{}},
		lastActive: map[string]int64{}, bought: map[string]bool{}, orders: map[string]bool{},
		events: map[string]int64{}, µJ: map[string]int64{}, said: map[int64]map[string]int{}, kept: map[string]float64{},
		lost: map[string]float64{}}
	for pane := r.first; pane <= last; pane++ {
		b.step(pane)
		each(b.view(pane))
	}
}

// View is the room after one pane; nil before the first.
func (o *Oracle) View(show string, pane int64) (view *eventpb.RoomView) {
	o.Views(show, pane, func(v *eventpb.RoomView) { view = v })
	return view
}

// step is one pane of the recursion.
func (b *body) step(pane int64) {
	if b.silent++; len(b.room.acts[pane]) > 0 {
		b.silent = 0
	}
	if b.silent >= b.rules.Silent {
		b.freeze()
		return
	}
	d := b.rules.decay()
	believed, raw, byKind := map[string]int64{}, map[string]int64{}, map[string]int64{} // µJ by head, head and kind
	var heating, all, repeated, doubted int64
	for _, a := range sorted(b.room.acts[pane]) {
		full, energy := b.count(a)
		if energy == 0 {
			continue
		}
		worth := scaled(energy, b.belief.weight(b.rules, a, pane))
		b.µJ[a.Kind] += worth
		heating++
		believed[a.Person] += worth
		raw[a.Person] += energy
		byKind[a.Kind] += worth
		all += worth
		repeated += full - energy
		doubted += energy - worth
		b.rate += joule(worth)
		b.acts++
	}
	b.rate, b.acts = b.rate*d, b.acts*d
	b.counts = append(b.counts, heating)

	var active int64
	for _, at := range b.lastActive {
		if at > pane-b.rules.Active {
			active++
		}
	}
	stay := 1.0 // ℓ: leavers carry their heat away
	if b.active > 0 {
		stay = min(1, float64(active)/float64(b.active))
	}
	b.active = active
	lose := func(sink string, joules float64) { b.lost[sink] = b.lost[sink]*d + (1-d)*joules }
	lose("cooling", b.heat.q*stay*(1-d))
	lose("leaving", b.heat.q*(1-stay))
	lose("repetition", joule(repeated))
	lose("distrust", joule(doubted))
	contributed := b.heat.step(b, pane, believed, stay)
	b.raw.step(b, pane, raw, stay)
	for head := range believed {
		b.warmAt[head] = pane
	}
	lose("saturation", joule(all-contributed))
	for kind := range kinds {
		b.kept[kind] = b.kept[kind]*stay*d + joule(contributed)*ratio(byKind[kind], all)
	}
	b.belief.look(b.rules, pane, b.room.acts[pane], active)
}

// step takes in what heads radiated and says what they contributed, µJ.
func (t *twin) step(b *body, pane int64, radiated map[string]int64, stay float64) int64 {
	d := b.rules.decay()
	var contributed int64
	var squares, radiatedSquares float64
	for _, head := range slices.Sorted(maps.Keys(radiated)) {
		before := t.warmth[head] * math.Pow(d, float64(pane-b.warmAt[head]))
		after := before + joule(radiated[head])
		gain := int64(math.Round(max(0, b.rules.saturated(after)-b.rules.saturated(before)) * 1e6))
		t.warmth[head] = after
		contributed += gain
		squares += joule(gain) * joule(gain)
		radiatedSquares += joule(radiated[head]) * joule(radiated[head])
	}
	if !b.rules.SaturatedV2 {
		squares = radiatedSquares
	}
	t.total += contributed
	t.q = t.q*stay*d + joule(contributed)
	t.v2 = t.v2*stay*d*stay*d + squares
	t.power = t.power*d + (1-d)*joule(contributed)
	return contributed
}

// freeze is a long silence: what is left of heat and heads is nothing. Only what counts acts stays.
func (b *body) freeze() {
	b.rate, b.acts, b.active, b.viewers, b.counts = 0, 0, 0, -1, nil
	for _, t := range []*twin{&b.heat, &b.raw} {
		*t = twin{total: t.total, warmth: map[string]float64{}}
	}
	clear(b.warmAt)
	clear(b.lastActive)
	clear(b.bought)
	clear(b.kept)
	clear(b.lost)
}

// ratio is a share of a whole; 0 of nothing.
func ratio(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// shares are the largest three parts that are above a millionth of their sum.
func shares(of map[string]float64) (all []*eventpb.Share) {
	sum := 0.
	for _, name := range slices.Sorted(maps.Keys(of)) {
		sum += of[name]
		all = append(all, &eventpb.Share{Name: name, Amount: of[name]})
	}
	slices.SortStableFunc(all, func(x, y *eventpb.Share) int { return cmp.Compare(y.Amount, x.Amount) })
	for i, s := range all {
		if s.Share = s.Amount / sum; i == 3 || !(s.Share > 1e-6) {
			return all[:i]
		}
	}
	return all
}

// count takes an act into all that is counted, and says what it is worth in full and what it radiates, µJ. Who radiates is
// active, and nobody else.
func (b *body) count(a *act) (full, energy int64) {
	b.events[a.Kind]++
	if a.Kind == "viewers" {
		b.viewers = a.Count // acts are sorted: the greatest (time, id) is last
	}
	if a.retracted || a.Role != "" && a.Role != "viewer" {
		return 0, 0
	}
	full = int64(math.Round(b.base(a) * 1e6))
	energy = full
	if a.Kind == "comment" {
		energy = scaled(full, 1/math.Sqrt(1+float64(b.copies(a))/5))
	}
	if energy > 0 {
		if _, known := b.lastActive[a.Person]; !known {
			b.people++
		}
		b.lastActive[a.Person] = a.pane
	}
	return full, energy
}

// base is the energy of an act in J, before repetition and trust.
func (b *body) base(a *act) float64 {
	switch a.Kind {
	case "like":
		return joules["like"] * float64(min(a.Count, b.rules.MaxCount))
	case "comment":
		return joules["comment"] * b.belief.quality(a.Text)
	case "gift":
		return 2 + math.Log2(1+b.rules.GiftYen(a.Minor, a.Currency)/100)
	case "order":
		return b.sale(a)
	}
	return joules[a.Kind]
}

// sale is the energy of a version of an order. Of those that open or pay an order one heats, in the first pane that has
// any: the first that names a buyer, else the first. Nobody known never buys again.
func (b *body) sale(a *act) float64 {
	if b.orders[a.Order.OrderID] || !heats(a) || a.Person == "" && b.namedBeside(a) {
		return 0
	}
	b.orders[a.Order.OrderID] = true
	if !b.bought[a.Person] {
		b.bought[a.Person] = true
		b.buyers++
		return orderJoules
	}
	if a.Person == "" {
		return orderJoules
	}
	return repeatOrderJoules
}

func heats(a *act) bool {
	return (a.Order.Status == "created" || a.Order.Status == "paid") && !a.Order.Test
}

func (b *body) namedBeside(a *act) bool {
	return slices.ContainsFunc(b.room.acts[a.pane], func(x *act) bool {
		return x.Kind == "order" && x.Order.OrderID == a.Order.OrderID && x.Person != "" && heats(x)
	})
}

// copies is how many other comments of the room say the same in the last minute of panes, this one included. What the
// ESOL, brand and moderators say is no copy of the room's.
func (b *body) copies(a *act) (n int) {
	text := b.rules.Normalise(a.Text)
	for pane := a.pane - b.rules.CopyPanes + 1; pane <= a.pane; pane++ {
		n += b.texts(pane)[text]
	}
	return n - 1
}

// texts counts what a pane's comments say. It is remembered while walking, as sixty panes ask for it.
func (b *body) texts(pane int64) map[string]int {
	if said, ok := b.said[pane]; ok {
		return said
	}
	said := map[string]int{}
	for _, a := range b.room.acts[pane] {
		if a.Kind == "comment" && !a.retracted && (a.Role == "" || a.Role == "viewer") {
			said[b.rules.Normalise(a.Text)]++
		}
	}
	b.said[pane] = said
	return said
}

func (b *body) view(pane int64) *eventpb.RoomView {
	v := &eventpb.RoomView{Pane: pane, Heat: b.heatOf(pane, &b.heat), Raw: b.heatOf(pane, &b.raw), PeopleTotal: b.people,
		BuyersTotal: b.buyers, OrdersTotal: int64(len(b.orders)), Sources: shares(b.kept), Sinks: shares(b.lost)}
	for kind, n := range b.events {
		v.Totals = append(v.Totals, &eventpb.KindTotal{Kind: kinds[kind], Events: n, Microjoules: b.µJ[kind]})
	}
	slices.SortFunc(v.Totals, func(x, y *eventpb.KindTotal) int { return int(x.Kind) - int(y.Kind) })
	return v
}

func (b *body) heatOf(pane int64, t *twin) *eventpb.Heat {
	r := b.rules
	capacity := float64(b.active) + r.A0 + r.Lurkers*max(0, float64(b.viewers-b.active))
	h := &eventpb.Heat{MicrojoulesTotal: t.total, HeatJoules: t.q, Temperature: t.q / capacity, PowerWatts: t.power,
		ActiveHeads: b.active, CapacityHeads: capacity, Viewers: b.viewers}
	if t.v2 > 0 {
		h.EffectiveActs = t.q * t.q / t.v2
	}
	h.Gauge = r.gauge(h.Temperature)
	if t.q > 0 {
		spread := math.Exp(1.96 * math.Sqrt(b.variance(t)) / t.q)
		h.TemperatureLo, h.TemperatureHi = h.Temperature/spread, h.Temperature*spread
		h.GaugeLo, h.GaugeHi = r.gauge(h.TemperatureLo), r.gauge(h.TemperatureHi)
	}
	age := pane + 1 - b.room.first // panes, this one included
	switch ratio := h.TemperatureHi / h.TemperatureLo; {
	case h.EffectiveActs < 10:
		h.Insufficient = "too_few_acts"
	case b.active < 3:
		h.Insufficient = "too_few_people"
	case float64(age) < 2*r.HalfLife:
		h.Insufficient = "too_young"
	case ratio < 1.5:
		h.Grade = eventpb.Grade_GRADE_A
	case ratio < 2.5:
		h.Grade = eventpb.Grade_GRADE_B
	default:
		h.Grade = eventpb.Grade_GRADE_C
	}
	return h
}

// variance is Var(Q) of MODEL §1. Λ and ē are of what acts radiate, decayed with the heat: Λ/2κ is then half the
// decayed number of acts.
func (b *body) variance(t *twin) float64 {
	if b.acts == 0 {
		return t.v2
	}
	const beta = .5
	n := b.rules.Branching(b.counts)
	kappa := math.Ln2 / b.rules.HalfLife
	gamma := beta * (1 - n)
	mean := b.rate / b.acts
	return t.v2 + mean*mean*(b.acts/2)*(1/((1-n)*(1-n))-1)*gamma/(gamma+kappa)
}

func joule(microjoules int64) float64 { return float64(microjoules) / 1e6 }

// sorted is a pane's acts by (time, id): only the gauge and the first version of an order care.
func sorted(acts []*act) []*act {
	s := slices.Clone(acts)
	slices.SortFunc(s, func(a, b *act) int {
		if a.TimeMS != b.TimeMS {
			return int(a.TimeMS - b.TimeMS)
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return s
}

// Trend yields a show's points up to a pane: one for every ten panes, the last of which is a multiple of 10, less 1.
func (o *Oracle) Trend(show string, last int64, each func(*eventpb.TrendPoint)) {
	var before *eventpb.RoomView
	o.Views(show, last, func(v *eventpb.RoomView) {
		if floorDiv(v.Pane+1, 10)*10 != v.Pane+1 {
			return
		}
		each(&eventpb.TrendPoint{
			Pane: v.Pane, Heat: v.Heat, Viewers: v.Heat.Viewers,
			Comments: events(v, eventpb.Kind_KIND_COMMENT) - events(before, eventpb.Kind_KIND_COMMENT),
			Orders:   v.OrdersTotal - before.GetOrdersTotal(),
		})
		before = v
	})
}

func events(v *eventpb.RoomView, kind eventpb.Kind) int64 {
	for _, t := range v.GetTotals() {
		if t.Kind == kind {
			return t.Events
		}
	}
	return 0
}
