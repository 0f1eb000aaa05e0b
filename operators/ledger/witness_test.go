package ledger_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// witness reads a ledger's credits and what it says of them, and holds the restatements to their word: with what new orders
// and time brought, they make each meter of the one before it.
type witness struct {
	t         failer
	credits   map[[2]string]*eventpb.Credit // by scope and order, as of now
	said      map[[2]string]bool            // there at the last emission, or moved here since
	settledMS int64
	grown     map[[2]string]layers // by scope and currency: since the last emission, without any restatement
	meters    map[[2]string]layers // as said
	revisions map[string]int64
	reasons   map[string]int // how often each was seen
}

// layers are all sums of a Gmv.
type layers [13]int64

func newWitness(t failer) *witness {
	return &witness{
		t: t, credits: map[[2]string]*eventpb.Credit{}, said: map[[2]string]bool{}, settledMS: -1 << 63,
		grown: map[[2]string]layers{}, meters: map[[2]string]layers{}, revisions: map[string]int64{},
		reasons: map[string]int{},
	}
}

func layersOf(g *eventpb.Gmv) layers {
	return layers{
		g.CreatedMinor, g.PaidMinor, g.NetMinor, g.SettledMinor, g.RefundedMinor, g.CancelledMinor, g.RefundedUnknownMinor,
		g.OrdersCreated, g.OrdersPaid, g.OrdersCancelled, g.OrdersRefunded, g.RefundsUnknown, g.Units,
	}
}

func (w *witness) layersOf(c *eventpb.Credit) layers {
	one := map[bool]int64{true: 1}
	l := layers{0: c.CreatedMinor, 1: c.PaidMinor, 2: c.NetMinor, 4: c.RefundedMinor, 5: c.CancelledMinor, 12: c.Units}
	if c.SettlesMs != 0 && c.SettlesMs <= w.settledMS {
		l[3] = c.NetMinor
	}
	l[8], l[9] = one[c.Paid], one[c.Cancelled]
	if c.RefundOnly {
		l[6], l[11] = c.RefundedMinor, 1
	} else {
		l[7], l[10] = 1, one[c.RefundedMinor != 0]
	}
	return l
}

func (l *layers) add(sign int64, o layers) {
	for i := range l {
		l[i] += sign * o[i]
	}
}

func (w *witness) grow(scope string, c *eventpb.Credit, sign int64) {
	if c != nil {
		at := [2]string{scope, c.Currency}
		l := w.grown[at]
		l.add(sign, w.layersOf(c))
		w.grown[at] = l
	}
}

func (w *witness) event(e *eventpb.Event, appendMS int64) {
	switch {
	case e.Kind == eventpb.Kind_KIND_TICK && appendMS > w.settledMS:
		for key, c := range w.credits {
			w.grow(key[0], c, -1)
			defer w.grow(key[0], c, +1) // by the new time
		}
		w.settledMS = appendMS
	case e.Kind == eventpb.Kind_KIND_CREDIT:
		w.credit(e.Credit)
	}
}

func (w *witness) credit(c *eventpb.Credit) {
	key := [2]string{strings.Clone(c.Scope), strings.Clone(c.OrderId)}
	was := w.credits[key]
	var is *eventpb.Credit
	if c.Currency != "" {
		is = operators.Owned(c)
	}
	switch {
	case was == nil && is == nil:
		return
	case was == nil && (c.Cause == eventpb.Cause_CAUSE_UNSPECIFIED || c.Cause == eventpb.Cause_CAUSE_ATTRIBUTION):
		w.grow(key[0], is, +1)
	case was == nil: // it has moved here
		w.said[key] = true
	case !w.said[key] || is != nil && paysUp(was, is, c.Cause):
		w.grow(key[0], was, -1)
		w.grow(key[0], is, +1)
	}
	if is == nil {
		delete(w.credits, key)
		delete(w.said, key)
	} else {
		w.credits[key] = is
	}
}

// paysUp: the order was created, and is paid.
func paysUp(was, is *eventpb.Credit, cause eventpb.Cause) bool {
	return cause <= eventpb.Cause_CAUSE_ORDER && !was.Paid && is.Paid && was.CreatedMinor == is.CreatedMinor &&
		was.Currency == is.Currency && is.RefundedMinor <= was.RefundedMinor && is.CancelledMinor <= was.CancelledMinor &&
		(is.Cancelled == was.Cancelled || was.Cancelled) && (is.RefundOnly || !was.RefundOnly)
}

// record takes what the ledger said of a record whose events it has been told.
func (w *witness) record(out *operators.Outputs) {
	w.t.Helper()
	if len(out.Meters) == 0 {
		if len(out.Alerts) > 0 {
			w.t.Fatal("restated without a meter: ", out.Alerts[0].Alert)
		}
		return
	}
	want := map[[2]string]layers{}
	for at, l := range w.meters {
		want[at] = l
	}
	for at, l := range w.grown {
		m := want[at]
		m.add(+1, l)
		want[at] = m
	}
	for _, a := range out.Alerts {
		w.restated(a.Alert, want)
	}
	for _, m := range out.Meters {
		if scope, ok := strings.CutSuffix(m.Key, "/money"); ok {
			for at := range w.meters {
				if at[0] == scope {
					delete(w.meters, at)
				}
			}
			for _, g := range m.Meter.GetMoney().GetGmv() {
				w.meters[[2]string{scope, g.Currency}] = layersOf(g)
			}
		}
	}
	for at := range want {
		if _, ok := w.meters[at]; want[at] != w.meters[at] || !ok && want[at] != (layers{}) {
			w.t.Fatal(fmt.Sprintf("%s: %v, and what was said of it comes to %v", at, w.meters[at], want[at]))
		}
	}
	clear(w.grown)
	for key := range w.credits {
		w.said[key] = true
	}
}

func (w *witness) restated(a *eventpb.Alert, want map[[2]string]layers) {
	w.t.Helper()
	r := a.Restatement
	w.reasons[r.Reason.String()]++
	w.revisions[a.Scope]++
	if r.Revision != w.revisions[a.Scope] || a.Id != fmt.Sprintf("%s/restate/%d", a.Scope, r.Revision) || a.Kind != "restate" {
		w.t.Fatal(fmt.Sprintf("after revision %d of %s: %v", w.revisions[a.Scope]-1, a.Scope, a))
	}
	named := slices.Compact(slices.Sorted(slices.Values(r.OrderIds)))
	if len(named) != len(r.OrderIds) || int64(len(named)) != min(8, r.Orders) || r.FromMs > r.ToMs || r.Reason == 0 {
		w.t.Fatal("no evidence: ", r)
	}
	for _, m := range r.Amounts {
		at := [2]string{a.Scope, m.Money.Currency}
		l := want[at]
		l.add(+1, layersOf(m.Money))
		want[at] = l
		if kind, _, _ := event.SplitScope(a.Scope); kind == event.ScopeDeal {
			delete(want, at) // there is no money meter of a deal
		}
	}
}
