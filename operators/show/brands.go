package show

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// A brand asks: who sells me, and how hot are they together? A room says for whom it sells; what the brand's rooms come to
// together is for who sees all partitions (stream/feed).

// brandsMax bounds the brands that a room names: of more, those of the least ids are named. No show has as many.
const brandsMax = 32

// sold are the brands that a show sells for, as of a version of the catalog and a number of products put on air, of which
// none is ever taken out.
type sold struct {
	brands         []string
	version, shown int64
}

// brandsSold are those that the show is about (catalog.brandsOf), and those of the products put on air up to the final pane.
func (f *Fold) brandsSold(s *show) []string {
	shown := s.hasShown()
	now := sold{version: f.catalog.version, shown: int64(len(shown))}
	if s.sold != nil && s.sold.version == now.version && s.sold.shown == now.shown {
		return s.sold.brands
	}
	all := f.catalog.brandsOf(s.id)
	for _, id := range shown {
		if brand := f.catalog.get("product", id).GetProduct().GetBrandId(); brand != "" {
			all = append(all, brand)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	now.brands = slices.Clip(all[:min(len(all), brandsMax)])
	s.sold = &now
	return now.brands
}

// brandOf is whose a campaign or a product is.
func brandOf(c *eventpb.Catalog) string {
	return cmp.Or(c.GetCampaign().GetBrandId(), c.GetProduct().GetBrandId())
}

// rebrand has the shows said anew that sell for another brand now that a campaign's or a product's entry is another.
func (f *Fold) rebrand(old, is *eventpb.Catalog) {
	if brandOf(old) == brandOf(is) {
		return
	}
	for _, s := range f.order {
		concerned := false
		switch is.Kind {
		case "campaign":
			concerned = slices.Contains(f.catalog.show(s.id).GetCampaignIds(), is.Id)
		case "product":
			_, concerned = slices.BinarySearch(s.hasShown(), is.Id)
		}
		if concerned {
			f.change(s)
		}
	}
}
