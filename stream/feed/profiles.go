package feed

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/operators/likeness"
)

// maxProfiles bounds the shows whose profiles are held, some 2 KB each. One more evicts a 64th of them, those whose
// latest pane is the oldest. Profiles outlive the other parts of their shows, which is why they are held apart: what an
// ESOL is like is known from what she did last month.
const maxProfiles = 20_000

// profiles is what is known of each ESOL, of the shows that said something of her. It is not safe for concurrent use;
// the entries that it hands out are, and do not change.
type profiles struct {
	shows map[string]*shownProfile                // by scope
	esols map[string]map[string]*likeness.Profile // esol id → of her shows, by scope
	stale map[string]struct{}                     // ESOLs whose entry is to be made anew
	at    map[string]int                          // esol id → index of her entry
	all   []*likeness.Entry
}

type shownProfile struct {
	place   place
	profile *likeness.Profile
}

func newProfiles() profiles {
	return profiles{
		shows: map[string]*shownProfile{}, esols: map[string]map[string]*likeness.Profile{},
		stale: map[string]struct{}{}, at: map[string]int{},
	}
}

// set stores what a show says; it is absolute.
func (p *profiles) set(c change) {
	p.remove(c.scope)
	p.evict()
	p.shows[c.scope] = &shownProfile{c.place, c.profile}
	esol := c.profile.Esol
	if p.esols[esol] == nil {
		p.esols[esol] = map[string]*likeness.Profile{}
	}
	p.esols[esol][c.scope] = c.profile
	p.stale[esol] = struct{}{}
}

func (p *profiles) remove(scope string) {
	held := p.shows[scope]
	if held == nil {
		return
	}
	esol := held.profile.Esol
	delete(p.shows, scope)
	delete(p.esols[esol], scope)
	if len(p.esols[esol]) == 0 {
		delete(p.esols, esol)
	}
	p.stale[esol] = struct{}{}
}

func (p *profiles) evict() {
	if len(p.shows) < maxProfiles {
		return
	}
	type aged struct {
		scope string
		pane  int64
	}
	all := make([]aged, 0, len(p.shows))
	for scope, s := range p.shows {
		all = append(all, aged{scope, s.profile.Pane})
	}
	slices.SortFunc(all, func(a, b aged) int {
		return cmp.Or(cmp.Compare(a.pane, b.pane), cmp.Compare(a.scope, b.scope))
	})
	for _, s := range all[:1+len(all)/64] {
		p.remove(s.scope)
	}
}

// refresh makes entries anew where something has changed since the last time: so what is said in between costs nothing.
func (p *profiles) refresh() {
	if len(p.stale) == 0 {
		return
	}
	p.all = slices.Clone(p.all)
	for id := range p.stale {
		p.renew(id)
	}
	clear(p.stale)
}

// find gives the ESOL's entry (nil: there is none) and those of all, as they are now. The slice is never written to again.
func (p *profiles) find(esol string) (*likeness.Entry, []*likeness.Entry) {
	p.refresh()
	at, ok := p.at[esol]
	if !ok {
		return nil, p.all
	}
	return p.all[at], p.all
}

func (p *profiles) renew(esol string) {
	at, known := p.at[esol]
	shows := p.esols[esol]
	switch {
	case len(shows) == 0:
		if known {
			last := len(p.all) - 1
			p.all[at] = p.all[last]
			p.at[p.all[at].Profile.Esol] = at
			p.all[last] = nil
			p.all = p.all[:last]
			delete(p.at, esol)
		}
		return
	case !known:
		at = len(p.all)
		p.at[esol], p.all = at, append(p.all, nil)
	}
	merged := &likeness.Profile{}
	for _, s := range shows {
		merged.Merge(s)
	}
	p.all[at] = likeness.NewEntry(merged)
}
