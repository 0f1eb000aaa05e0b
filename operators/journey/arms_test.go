package journey

import (
	"strings"
	"testing"

	"github.com/netsu/netsu/operators/holdout"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// trial is a campaign that holds people out, of brand a from 1 h to 20 h.
func trial(id string, ppm uint32, change func(*eventpb.Campaign)) *eventpb.Event {
	return catalogEntry("campaign", id, func(e *eventpb.Catalog) {
		e.Campaign = &eventpb.Campaign{BrandId: "a", StartMs: hourMS, EndMs: 20 * hourMS, HoldoutPpm: ppm}
		if change != nil {
			change(e.Campaign)
		}
	})
}

// inArms is what the desk has of arms, by campaign; person 7's arm is worked out here.
func (d *desk) inArms(order string, ppm uint32) map[string]string {
	all := map[string]string{}
	for key, c := range d.credits {
		kind, id, _ := event.SplitScope(c.Scope)
		if kind != event.ScopeArm || c.OrderId != order {
			continue
		}
		campaign, arm, _ := event.SplitDealID(id)
		if arm != string(holdout.Of(campaign, event.ID{Lo: 7}, ppm)) {
			d.t.Errorf("%s in arm %s", key, arm)
		}
		all[campaign] = all[campaign] + d.net(key)
	}
	return all
}

// An order counts in the experiments that it was made in, whoever sold it, with the part that each is about.
func TestWhatCountsInArms(t *testing.T) {
	both := sold("o", 1, 12*hourMS, paid, 1000)
	both.Order.Lines = []*eventpb.OrderLine{line("a", 1, 600), line("b", 2, 200)}
	credited := sold("o", 1, 12*hourMS, paid, 1000)
	credited.EsolId = "somebody else's"
	unknown := sold("o", 1, 12*hourMS, paid, 1000)
	unknown.PersonLo = 0
	test := sold("o", 1, 12*hourMS, paid, 1000)
	test.Order.Test = true
	orphan := sold("o", 1, 12*hourMS, partially, 0, refund("r", 5))
	orphan.Order.HasAmount = false
	whole := map[string]string{"t": "1000-0-0=1000 USD", "all": "1000-0-0=1000 USD"}
	for _, c := range []struct {
		name   string
		orders []*eventpb.Event
		want   map[string]string
	}{
		{"nobody is credited", []*eventpb.Event{sold("o", 1, 12*hourMS, paid, 1000)}, whole},
		{"somebody is", []*eventpb.Event{credited}, whole},
		{"with another brand's goods", []*eventpb.Event{both}, map[string]string{
			"t": "600-0-0=600 USD", "all": "1000-0-0=1000 USD"}},
		{"before", []*eventpb.Event{sold("o", 1, hourMS-1, paid, 1000)}, map[string]string{"all": whole["all"]}},
		{"after", []*eventpb.Event{sold("o", 1, 20*hourMS, paid, 1000)}, map[string]string{"all": whole["all"]}},
		{"nobody knows whose", []*eventpb.Event{unknown}, nil},
		{"a test", []*eventpb.Event{test}, nil},
		{"not paid", []*eventpb.Event{sold("o", 1, 12*hourMS, created, 1000)}, nil},
		{"refunds of an order that is not known", []*eventpb.Event{orphan}, nil},
		{"refunded", []*eventpb.Event{sold("o", 1, 12*hourMS, paid, 1000), sold("o", 2, 30*hourMS, partially, 1000, refund("r", 400))},
			map[string]string{"t": "1000-400-0=600 USD", "all": "1000-400-0=600 USD"}},
		{"cancelled", []*eventpb.Event{sold("o", 1, 12*hourMS, paid, 1000), sold("o", 2, 30*hourMS, cancelled, 1000)},
			map[string]string{"t": "1000-0-1000=0 USD", "all": "1000-0-1000=0 USD"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			const ppm = 300_000
			catalog := []*eventpb.Event{
				trial("t", ppm, nil), trial("none", 0, nil), trial("theirs", ppm, func(c *eventpb.Campaign) { c.BrandId = "z" }),
				trial("all", ppm, func(c *eventpb.Campaign) { c.BrandId, c.StartMs, c.EndMs = "", 0, 0 }),
			}
			for _, late := range []bool{false, true} {
				d := newDesk(t)
				if !late {
					d.apply(catalog...)
				}
				d.apply(c.orders...)
				if late {
					d.apply(catalog...)
					d.apply(tick)
				}
				got := d.inArms("o", ppm)
				if len(got) != len(c.want) {
					t.Errorf("catalog late %v: %v, want %v", late, got, c.want)
				}
				for id, want := range c.want {
					if got[id] != want {
						t.Errorf("catalog late %v: %s: %s, want %s", late, id, got[id], want)
					}
				}
			}
		})
	}
}

// A share that is changed moves people, one that is taken back leaves nothing, and neither changes who is credited.
func TestArmsFollowTheCatalog(t *testing.T) {
	d := newDesk(t)
	d.apply(spring("linear", nil)...)
	d.apply(touched(1, hourMS, of("f")), sold("o", 1, 12*hourMS, paid, 1000))
	others := func() (n int) {
		for key := range d.credits {
			if !strings.HasPrefix(key, event.ScopeArm) {
				n++
			}
		}
		return n
	}
	before := others()
	for _, ppm := range []uint32{1, holdout.MaxPPM, 250_000, 0} {
		d.apply(trial("t", ppm, nil), tick)
		if got := d.inArms("o", ppm); len(got) != min(1, int(ppm)) || others() != before {
			t.Errorf("%d ppm: %v beside %d credits", ppm, got, others())
		}
	}
}

// Of more experiments than an order counts in, it is those with the least ids.
func TestArmsAreBounded(t *testing.T) {
	d := newDesk(t)
	for i := range 26 {
		for _, of := range []string{"x", "y"} {
			d.apply(trial(of+string(rune('a'+i)), 1, nil))
		}
	}
	d.apply(sold("o", 1, 12*hourMS, paid, 1000))
	got := d.inArms("o", 1)
	if len(got) != maxArms || got["yf"] == "" || got["yg"] != "" {
		t.Errorf("%d: %v", len(got), got)
	}
}
