package show

import (
	"testing"

	"github.com/netsu/netsu/operators/syncrate"
	"github.com/netsu/netsu/stream/event/eventpb"
)

func (th *theater) cancel(person uint64, id string) *eventpb.Event {
	e := th.order(person, id, "lip")
	e.Order.Status = eventpb.OrderStatus_ORDER_STATUS_CANCELLED
	return e
}

// Owners are who has an order that stands, or says to own what the ESOL owns or shows.
func TestWhoOwnsWhatIsShown(t *testing.T) {
	pin := func(th *theater) { th.apply(th.act(eventpb.Kind_KIND_PIN, 0, "lip")) }
	for name, c := range map[string]struct {
		do      func(th *theater)
		owners  float64 // of 20 who are active
		missing string
		base    float64
		grade   eventpb.Grade
	}{
		"nobody can know":               {func(th *theater) { pin(th) }, 0, syncrate.NoPossessions, .0298, 0},
		"two bought":                    {func(th *theater) { pin(th); th.apply(th.order(1, "a", "lip"), th.order(2, "b", "lip")) }, 2, "", .0298, 0},
		"nothing was shown, so no base": {func(th *theater) { th.apply(th.order(1, "a", "pen"), th.order(2, "b", "pen")) }, 2, "", .01, 0},
		"one cancelled":                 {func(th *theater) { th.apply(th.order(1, "a", "lip"), th.order(2, "b", "lip"), th.cancel(2, "b")) }, 1, "", .01, 0},
		"one of two cancelled":          {func(th *theater) { th.apply(th.order(1, "a", "lip"), th.order(1, "b", "lip"), th.cancel(1, "b")) }, 1, "", .01, 0},
		"twice cancelled": {func(th *theater) {
			th.apply(th.order(1, "a", "lip"), th.order(1, "b", "lip"), th.cancel(1, "b"), th.cancel(1, "b"))
		}, 1, "", .01, 0},
		"another's order cancelled": {func(th *theater) { th.apply(th.order(1, "a", "lip"), th.cancel(1, "z")) }, 1, "", .01, 0},
		"three orders, all cancelled": {func(th *theater) {
			th.apply(th.order(1, "a", "lip"), th.order(1, "b", "lip"), th.order(1, "c", "lip"), th.cancel(1, "a"), th.cancel(1, "b"), th.cancel(1, "c"))
		}, 1, "", .01, 0},
		"says to own what is on air":         {func(th *theater) { pin(th); th.apply(th.say(3, "持ってます！")) }, 1, "", .0298, 0},
		"says to own with nothing on air":    {func(th *theater) { th.apply(th.say(3, "持ってます！")) }, 0, syncrate.NoPossessions, .01, 0},
		"says to own what the ESOL owns":     {func(th *theater) { th.apply(th.say(3, "クリーム持ってます")) }, 1, "", .01, 0},
		"says to own what she does not own":  {func(th *theater) { pin(th); th.apply(th.say(3, "ペン持ってます")) }, 0, syncrate.NoPossessions, .0298, 0},
		"the ESOL's own word does not count": {func(th *theater) { pin(th); th.apply(th.host("持ってます！")) }, 0, syncrate.NoPossessions, .0298, 0},
		"a product without a base is shown":  {func(th *theater) { pin(th); th.apply(th.act(eventpb.Kind_KIND_PIN, 0, "pen"), th.order(1, "a", "lip")) }, 1, "", .0298, eventpb.Grade_GRADE_C},
	} {
		t.Run(name, func(t *testing.T) {
			th := newTheater(t)
			th.learn(
				&eventpb.Catalog{Kind: "show", Id: "S", Show: &eventpb.Show{BrandIds: []string{"b"}, EsolId: "hanako"}},
				&eventpb.Catalog{Kind: "esol", Id: "hanako", Esol: &eventpb.Esol{Owns: []string{"cream"}}},
				&eventpb.Catalog{Kind: "product", Id: "lip", Product: &eventpb.Product{Name: "リップ", BrandId: "b", BaseOwnedPpm: 20_000}},
				&eventpb.Catalog{Kind: "product", Id: "cream", Product: &eventpb.Product{Name: "クリーム", BrandId: "b", BaseOwnedPpm: 10_000}},
				&eventpb.Catalog{Kind: "product", Id: "pen", Product: &eventpb.Product{Name: "ペン", BrandId: "b"}},
			)
			for n := range uint64(20) {
				th.apply(th.act(eventpb.Kind_KIND_LIKE, 1+n, ""))
			}
			th.ms += 1000
			c.do(th)
			th.ms += 1000
			th.reload()
			th.pass(100_000)
			e := th.said.insight.Sync.Possession
			if e.Insufficient != c.missing {
				t.Fatalf("%v", e)
			}
			if c.missing != "" {
				return
			}
			want := max(0, ((c.owners+10*c.base)/30-c.base)/(1-c.base))
			near(t, "possession", e.Value, want, 1e-12)
			if e.N != 20 || c.grade != 0 && e.Grade != c.grade {
				t.Errorf("%v", e)
			}
		})
	}
}

// Who has gone is not in the room's share; and possession is a component of the rate when another is there.
func TestPossessionIsOfTheActive(t *testing.T) {
	th := newTheater(t)
	for n := range uint64(20) {
		th.apply(th.order(1+n, th.act(eventpb.Kind_KIND_LIKE, 1, "").Id, "lip"))
	}
	for s := range uint64(400) {
		th.apply(th.act(eventpb.Kind_KIND_LIKE, 100+s%50, ""))
		th.ms += 1000
	}
	th.pass(60_000)
	e := th.said.insight.Sync.Possession
	if e.Insufficient != "" || e.Value != 0 || e.N != 50 {
		t.Errorf("fifty who own nothing: %v", e)
	}
}
