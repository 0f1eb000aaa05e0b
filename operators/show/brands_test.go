package show

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// drawEntry is any catalog entry that says of somebody whose something is.
func drawEntry(t *rapid.T) *eventpb.Catalog {
	brand := rapid.SampledFrom([]string{"", "b0", "b1", "b2", "b3"})
	c := &eventpb.Catalog{Kind: rapid.SampledFrom([]string{"show", "campaign", "product"}).Draw(t, "kind")}
	c.Deleted = rapid.IntRange(0, 5).Draw(t, "deleted") == 0
	switch c.Kind {
	case "show":
		c.Id, c.Show = "S/1", &eventpb.Show{
			BrandIds:    rapid.SliceOfN(brand, 0, 2).Draw(t, "brands"),
			CampaignIds: rapid.SliceOfN(rapid.SampledFrom([]string{"c0", "c1"}), 0, 2).Draw(t, "campaigns"),
		}
	case "campaign":
		c.Id, c.Campaign = rapid.SampledFrom([]string{"c0", "c1"}).Draw(t, "id"), &eventpb.Campaign{BrandId: brand.Draw(t, "brand")}
	case "product":
		c.Id, c.Product = rapid.SampledFrom([]string{"lip", "pen"}).Draw(t, "id"), &eventpb.Product{BrandId: brand.Draw(t, "brand")}
	}
	if c.Deleted {
		c.Show, c.Campaign, c.Product = nil, nil, nil
	}
	return c
}

// TestARoomNamesTheBrandsItSells: whatever the catalog says in what order, and whatever is put on air in between, the room that
// was said last sells for the brands of the last catalog: a plain look at all that happened, which knows neither caches nor when
// a room is said. So a change of any entry that matters has the room said anew.
func TestARoomNamesTheBrandsItSells(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		last, shown := map[string]*eventpb.Catalog{}, map[string]bool{}
		ms := int64(base)
		var rs []*operators.Record
		say := func(e *eventpb.Event) {
			rs = append(rs, &operators.Record{Offset: int64(len(rs)), AppendMS: ms, Events: []*eventpb.Event{e}})
		}
		say(&eventpb.Event{Kind: eventpb.Kind_KIND_LIKE, IdLo: 1, TimeMs: ms, ShowId: "S/1", Count: 1})
		for i := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 2).Draw(rt, "step") {
			case 0:
				id := rapid.SampledFrom([]string{"lip", "pen", "unknown"}).Draw(rt, "put on air")
				say(&eventpb.Event{Kind: eventpb.Kind_KIND_PIN, IdLo: uint64(i + 2), TimeMs: ms, ShowId: "S/1", ProductId: id})
				shown[id] = true
			case 1:
				c := drawEntry(rt)
				say(&eventpb.Event{Kind: eventpb.Kind_KIND_CATALOG, TimeMs: ms, Catalog: c})
				last[c.Kind+"/"+c.Id] = c
			case 2: // until all so far is final
				to := ms + 60_000
				rs = append(rs, ticks(int64(len(rs)), ms, to)...)
				ms = to
			}
		}
		rs = append(rs, ticks(int64(len(rs)), ms, ms+60_000)...)
		s, _ := run(t, rs)

		sells := map[string]bool{}
		show := last["show/S/1"].GetShow()
		for _, id := range show.GetBrandIds() {
			sells[id] = true
		}
		for _, id := range show.GetCampaignIds() {
			sells[last["campaign/"+id].GetCampaign().GetBrandId()] = true
		}
		for id := range shown {
			sells[last["product/"+id].GetProduct().GetBrandId()] = true
		}
		delete(sells, "")
		if want := slices.Sorted(maps.Keys(sells)); !slices.Equal(s.room.BrandIds, want) {
			rt.Fatalf("the room sells %v, expected %v", s.room.BrandIds, want)
		}
	})
}

// TestARoomNamesSoManyBrandsAndNoMore: those of the least ids, whatever the order in the catalog.
func TestARoomNamesSoManyBrandsAndNoMore(t *testing.T) {
	f, _ := newFold(t, state.Memory{})
	var all []string
	for i := range 3 * brandsMax {
		all = append(all, fmt.Sprintf("b%03d", 3*brandsMax-i))
	}
	f.learn(&eventpb.Catalog{Kind: "show", Id: "S", Show: &eventpb.Show{BrandIds: all}})
	got := f.brandsSold(newShow("S", base))
	slices.Sort(all)
	if !slices.Equal(got, all[:brandsMax]) {
		t.Errorf("%d brands, from %s to %s", len(got), got[0], got[len(got)-1])
	}
}

// TestASilentRoomIsSaidAnewUnderItsBrands: a show that has ended is said by nothing but what changes it. An entry that gives it
// another brand does, and one that concerns others, or changes something else, does not.
func TestASilentRoomIsSaidAnewUnderItsBrands(t *testing.T) {
	f, _ := newFold(t, state.Memory{})
	f.learn(&eventpb.Catalog{Kind: "show", Id: "S", Show: &eventpb.Show{CampaignIds: []string{"c"}}})
	s := newShow("S", base)
	s.study.owners.shown = []string{"lip"}
	f.insert(s)
	for _, c := range []struct {
		entry *eventpb.Catalog
		again bool
	}{
		{&eventpb.Catalog{Kind: "campaign", Id: "c", Campaign: &eventpb.Campaign{BrandId: "b"}}, true},
		{&eventpb.Catalog{Kind: "campaign", Id: "c", Campaign: &eventpb.Campaign{BrandId: "b", SpendMinor: 7}}, false},
		{&eventpb.Catalog{Kind: "campaign", Id: "d", Campaign: &eventpb.Campaign{BrandId: "b"}}, false},
		{&eventpb.Catalog{Kind: "product", Id: "lip", Product: &eventpb.Product{BrandId: "b"}}, true},
		{&eventpb.Catalog{Kind: "product", Id: "pen", Product: &eventpb.Product{BrandId: "b"}}, false},
		{&eventpb.Catalog{Kind: "product", Id: "lip", Deleted: true}, true},
		{&eventpb.Catalog{Kind: "campaign", Id: "c", Deleted: true}, true},
	} {
		s.changed, f.changed = false, nil
		f.learn(c.entry)
		if s.changed != c.again {
			t.Errorf("after %v the room is said anew: %v", c.entry, s.changed)
		}
	}
}
