package feed

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

const (
	brandRows      = 50  // bounds the shows of a brand's document; the hottest stay
	brandCampaigns = 100 // bounds its campaigns; those of the least ids stay
)

// brand is what a brand sold, its campaigns, and the heat of the rooms that sell it.
func (m *meters) brand(topic, id, currency string) *Brand {
	d := &Brand{Scope: topic, Kind: event.ScopeBrand, ID: id, Shows: []BrandShow{}, Campaigns: []CampaignRow{}}
	var asOf, watermark int64
	if s := m.scopes[topic]; s != nil {
		d.Money, asOf = moneyDocument(s.money).in(currency), s.asOf
	}
	shows := m.sellers(id)
	var heats []*eventpb.Heat
	for _, s := range shows {
		d.OnAir++
		if len(s.brands) > 1 {
			d.OnAirShared++
		}
		asOf, watermark = max(asOf, s.asOf), lower(watermark, s.room.WatermarkMs)
		if h := s.room.Newest().GetHeat(); h != nil {
			heats = append(heats, h)
		}
		d.Shows = append(d.Shows, brandShow(s))
	}
	slices.SortFunc(d.Shows, hotterOfBrand)
	d.Shows = d.Shows[:min(len(d.Shows), brandRows)]
	for _, s := range m.brands[id] {
		if s.kind == event.ScopeCampaign {
			d.Campaigns = append(d.Campaigns, campaignRow(s, currency))
			asOf = max(asOf, s.asOf)
		}
	}
	slices.SortFunc(d.Campaigns, func(a, b CampaignRow) int { return cmp.Compare(a.ID, b.ID) })
	d.Campaigns = d.Campaigns[:min(len(d.Campaigns), brandCampaigns)]
	d.Heat, d.Age = rollUp(heats), age(asOf, watermark)
	return d
}

// sellers are the shows on the air that sell a brand, in order of scope: sums of floats are to be the same each time.
func (m *meters) sellers(brand string) []*scope {
	var shows []*scope
	for _, s := range m.brands[brand] {
		if s.kind == event.ScopeShow && s.room.OnAir() {
			shows = append(shows, s)
		}
	}
	slices.SortFunc(shows, func(a, b *scope) int { return cmp.Compare(a.name, b.name) })
	return shows
}

// brandShow is of a show what a brand that it sells may know: what all can see. What it sold is of other brands too.
func brandShow(s *scope) BrandShow {
	r := row(s, "")
	return BrandShow{
		Scope: r.Scope, ID: r.ID, EsolID: r.EsolID, Platform: r.Platform, Title: r.Title, State: r.State, Started: r.Started,
		Gauge: r.Gauge, GaugeLo: r.GaugeLo, GaugeHi: r.GaugeHi, Grade: r.Grade, Insufficient: r.Insufficient,
		Temperature: r.Temperature, PowerWatts: r.PowerWatts, ActiveHeads: r.ActiveHeads, Viewers: r.Viewers, Trend: r.Trend,
		Brands: len(s.brands), Age: r.Age,
	}
}

func hotterOfBrand(a, b BrandShow) int {
	return hotter(Row{Gauge: a.Gauge, Temperature: a.Temperature, ID: a.ID}, Row{Gauge: b.Gauge, Temperature: b.Temperature, ID: b.ID})
}
