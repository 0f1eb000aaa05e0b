package feed

import "github.com/netsu/netsu/stream/event"

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
	e := s.room.GetEsolId()
	if e == s.esol {
		return
	}
	if s.esol != "" {
		m.touchEsol(s.esol, touched)
	}
	m.unindex(s)
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

func (m *meters) unindex(s *scope) {
	switch {
	case s.kind == event.ScopeDeal:
		m.unindexDeal(s)
		return
	case s.esol == "":
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
