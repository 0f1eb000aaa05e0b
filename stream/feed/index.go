package feed

import (
	"slices"

	"github.com/netsu/netsu/stream/event"
)

// touch names the topics that show s.
func (m *meters) touch(s *scope, touched func(string)) {
	if s.kind == event.ScopeDeal {
		touched(event.Scope(event.ScopeCampaign, s.campaign))
		return
	}
	touched(s.name)
	if s.kind == event.ScopeCampaign {
		touched(boardTopic)
	}
	for _, brand := range s.brandsNow() {
		touched(event.Scope(event.ScopeBrand, brand))
	}
	if s.kind != event.ScopeShow {
		return
	}
	touched(boardTopic)
	if e := s.room.GetEsolId(); e != "" {
		m.touchEsol(e, touched)
	}
}

// touchEsol names the topics that show an ESOL's shows: its own, and the campaigns whose deals tell how many are there.
func (m *meters) touchEsol(id string, touched func(string)) {
	touched(event.Scope(event.ScopeEsol, id))
	for campaign := range m.campaigns[id] {
		touched(event.Scope(event.ScopeCampaign, campaign))
	}
}

// index keeps the ESOL's list of shows in step with the room's esol_id, and the campaign's of deals.
func (m *meters) index(s *scope, touched func(string)) {
	if s.kind == event.ScopeDeal {
		m.indexDeal(s)
		return
	}
	m.indexBrands(s, touched)
	e := s.room.GetEsolId()
	if e == s.esol {
		return
	}
	if s.esol != "" {
		m.touchEsol(s.esol, touched)
	}
	m.unindexEsol(s)
	if e == "" {
		return
	}
	if m.esols[e] == nil {
		m.esols[e] = map[string]*scope{}
	}
	m.esols[e][s.name] = s
	s.esol = e
}

func (m *meters) indexDeal(s *scope) {
	if m.deals[s.campaign] == nil {
		m.deals[s.campaign] = map[string]*scope{}
	}
	m.deals[s.campaign][s.name] = s
	if m.campaigns[s.esol] == nil {
		m.campaigns[s.esol] = map[string]bool{}
	}
	m.campaigns[s.esol][s.campaign] = true
}

// maxBrands bounds the brands of a show that are indexed: as many as the show fold names.
const maxBrands = 32

// brandsNow are the brands whose document shows s.
func (s *scope) brandsNow() []string {
	switch {
	case s.kind == event.ScopeCampaign && s.brand != "":
		return []string{s.brand}
	case s.kind == event.ScopeShow:
		all := s.room.GetBrandIds()
		return all[:min(len(all), maxBrands)]
	}
	return nil
}

// indexBrands keeps the brands' lists of shows and campaigns in step with what those say.
func (m *meters) indexBrands(s *scope, touched func(string)) {
	now := s.brandsNow()
	if slices.Equal(now, s.brands) {
		return
	}
	for _, brand := range s.brands {
		touched(event.Scope(event.ScopeBrand, brand))
	}
	m.unindexBrands(s)
	for _, brand := range now {
		if m.brands[brand] == nil {
			m.brands[brand] = map[string]*scope{}
		}
		m.brands[brand][s.name] = s
	}
	s.brands = now
}

func (m *meters) unindexBrands(s *scope) {
	for _, brand := range s.brands {
		delete(m.brands[brand], s.name)
		if len(m.brands[brand]) == 0 {
			delete(m.brands, brand)
		}
	}
	s.brands = nil
}

func (m *meters) unindex(s *scope) {
	if s.kind == event.ScopeDeal {
		m.unindexDeal(s)
		return
	}
	m.unindexBrands(s)
	m.unindexEsol(s)
}

func (m *meters) unindexEsol(s *scope) {
	if s.esol == "" {
		return
	}
	delete(m.esols[s.esol], s.name)
	if len(m.esols[s.esol]) == 0 {
		delete(m.esols, s.esol)
	}
	s.esol = ""
}

// unindexDeal is the inverse of indexDeal. A campaign has one deal with an ESOL, so nothing else holds its entry there.
func (m *meters) unindexDeal(s *scope) {
	delete(m.deals[s.campaign], s.name)
	if len(m.deals[s.campaign]) == 0 {
		delete(m.deals, s.campaign)
	}
	delete(m.campaigns[s.esol], s.campaign)
	if len(m.campaigns[s.esol]) == 0 {
		delete(m.campaigns, s.esol)
	}
}
