package show

import (
	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A producer asks: what is wrong, and since when? A diagnosis is a rule over final numbers that is told once, with the
// numbers that led to it, and again only after it has been over. All thresholds are [JUDG].
type diagnoses struct {
	panes [diagnosePanes]diagnosePane
	sum   diagnosePane // over the ring
	age   int64        // panes

	ordersBefore int64 // of the show, those that have left the ring
	hotFor       int64 // panes in a row that the room has been hot for sure
	reverseFor   int64
	sinceOrder   int64 // panes; counts only once something has been sold
	sold         bool
	calls        []watchedCall
	told         [diagnosisKinds]bool // and not yet over
	floods       []toldFlood
}

// diagnosePane is what the rules look back on.
type diagnosePane struct{ orders, comments, about int32 }

type watchedCall struct {
	pane        int64
	temperature float64
	low         float64
}

// toldFlood is a flood that has been told: it is not told again while it goes on.
type toldFlood struct {
	hash uint64
	last int64 // pane in which it was last seen
}

const (
	hotNotBuying = iota
	coldBrand
	reverseFlow
	noOrder
	diagnosisKinds
)

const (
	diagnosePanes = 600
	ponderPanes   = 180 // a state has to last this long to be one
	crowd         = 20  // active heads below which a rule says nothing
	brandQuiet    = .02 // of the comments of ten minutes
	brandComments = 100
	cooledPanes   = 90
	cooledTo      = .75
	callsWatched  = 8
	noOrderPanes  = 600
	soldBefore    = 3
	buyingLess    = .5
	floodAccounts = 10
	floodComments = 20 // a minute
	floodsTold    = 32
	floodOver     = 300
)

func (d *diagnoses) rest() { *d = diagnoses{} }

// diagnose looks at a final pane after everything else has.
func (f *Fold) diagnose(sc *scene, out *operators.Outputs) {
	st := sc.show.study
	d, h := &st.diagnoses, sc.heat
	d.count(sc)
	st.ignition.watch(sc, out)
	hot := h.Insufficient == "" && h.Grade != eventpb.Grade_GRADE_C && h.Gauge >= hotGauge
	d.hotFor = streak(d.hotFor, hot)
	d.watchBuying(sc, h, out)
	d.watchBrand(sc, h, out)
	d.watchOrders(sc, out)
	d.watchCalls(sc, h, out)
	d.watchFlow(sc, h, out)
	d.watchFloods(sc, out)
}

func streak(n int64, goesOn bool) int64 {
	if goesOn {
		return n + 1
	}
	return 0
}

// count takes the pane into the last ten minutes.
func (d *diagnoses) count(sc *scene) {
	slot := &d.panes[uint64(sc.pane)%diagnosePanes]
	d.sum = diagnosePane{d.sum.orders - slot.orders, d.sum.comments - slot.comments, d.sum.about - slot.about}
	d.ordersBefore += int64(slot.orders)
	*slot = diagnosePane{orders: int32(len(sc.sales))}
	for _, c := range sc.said {
		if audience(c.role) {
			slot.comments++
			slot.about += int32(count(sc.lx.isAbout(c.terms)))
		}
	}
	d.sum = diagnosePane{d.sum.orders + slot.orders, d.sum.comments + slot.comments, d.sum.about + slot.about}
	d.age++
	d.sinceOrder++
	if slot.orders > 0 {
		d.sold, d.sinceOrder = true, 0
	}
}

// begins tells whether a diagnosis holds now and did not before.
func (d *diagnoses) begins(which int, holds bool) bool {
	begins := holds && !d.told[which]
	d.told[which] = holds
	return begins
}

func (d *diagnoses) aboutShare() float64 {
	if d.sum.comments == 0 {
		return 0
	}
	return float64(d.sum.about) / float64(d.sum.comments)
}

// watchBuying: the room has been hot for three minutes and buys less than half of what it bought before. Emotion that does
// not sell is known from the field: it is the talk about products that turns heat into orders.
func (d *diagnoses) watchBuying(sc *scene, h *eventpb.Heat, out *operators.Outputs) {
	before := 0.
	if d.age > 2*diagnosePanes {
		before = float64(float64(d.ordersBefore)*diagnosePanes) / float64(d.age-diagnosePanes)
	}
	active := float64(max(sc.room.active, 1))
	holds := d.hotFor >= ponderPanes && sc.room.active >= crowd && d.age >= diagnosePanes &&
		(before >= soldBefore && float64(d.sum.orders) < buyingLess*before || before == 0 && d.sum.orders == 0)
	if d.begins(hotNotBuying, holds) {
		sc.alert(out, "hot_not_buying", number("gauge", h.Gauge), number("product_talk_share", d.aboutShare()),
			number("orders_10m", float64(d.sum.orders)), number("conversion_10m", float64(d.sum.orders)/active),
			number("conversion_before", before/active))
	}
}

// watchBrand: the room is hot and does not talk about the brand. The brand is cold, and not the ESOL bad.
func (d *diagnoses) watchBrand(sc *scene, h *eventpb.Heat, out *operators.Outputs) {
	holds := d.hotFor >= ponderPanes && len(sc.lx.all) > 0 && d.sum.comments >= brandComments &&
		d.aboutShare() < brandQuiet
	if d.begins(coldBrand, holds) {
		sc.alert(out, "cold_brand", number("gauge", h.Gauge), number("brand_share", d.aboutShare()),
			number("terms_comments", float64(d.sum.about)))
	}
}

// watchOrders: something was sold, people are there, and nothing has been sold for ten minutes.
func (d *diagnoses) watchOrders(sc *scene, out *operators.Outputs) {
	holds := d.sold && d.sinceOrder >= noOrderPanes && sc.room.active >= crowd && d.ordersBefore >= soldBefore
	if d.begins(noOrder, holds) {
		rate := float64(float64(d.ordersBefore)*diagnosePanes) / float64(max(d.age-d.sinceOrder, 1))
		sc.alert(out, "no_order", number("minutes", float64(d.sinceOrder/60)),
			number("people_active", float64(sc.room.active)), number("orders_before_per_10m", rate))
	}
}

// watchCalls: a minute and a half after a call to action the room is clearly cooler than at it.
func (d *diagnoses) watchCalls(sc *scene, h *eventpb.Heat, out *operators.Outputs) {
	for len(d.calls) > 0 && d.calls[0].pane+cooledPanes <= sc.pane {
		c := d.calls[0]
		d.calls = d.calls[1:]
		if h.TemperatureHi < c.low && h.Temperature < cooledTo*c.temperature {
			sc.alert(out, "cooled_after_call", number("temperature_before", c.temperature),
				number("temperature_after", h.Temperature), number("seconds", cooledPanes))
		}
	}
	if h.Insufficient != "" {
		return
	}
	for i := range sc.deeds {
		if sc.deeds[i].kind == eventpb.Kind_KIND_CALL && len(d.calls) < callsWatched {
			d.calls = append(d.calls, watchedCall{sc.pane, h.Temperature, h.TemperatureLo})
			return
		}
	}
}

// watchFlow: for two minutes the audience has been hotter than who should warm it.
func (d *diagnoses) watchFlow(sc *scene, h *eventpb.Heat, out *operators.Outputs) {
	esol, room := sc.show.study.bodies.esol.theta(esolT50), audienceTheta(h)
	d.reverseFor = streak(d.reverseFor, esol.Insufficient == "" && room.Insufficient == "" && room.Lo > esol.Hi)
	if d.begins(reverseFlow, d.reverseFor >= ponderPanes) {
		sc.alert(out, "reverse_flow", number("theta_esol", esol.Value), number("theta_audience", room.Value))
	}
}
