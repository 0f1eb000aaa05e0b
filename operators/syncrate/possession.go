package syncrate

// possession is who has what: a brand asks how many in the room own what the ESOL shows.
type possession struct {
	known          bool
	owners, active int64
	base           float64
}

// possessionPrior is how many heads the category's base rate is worth.
const possessionPrior = 10

// SetPossession says how many of the active people own something that the ESOL shows or owns, and what share does in
// the category anyway. It stands until the next call.
func (s *State) SetPossession(owners, active int64, base float64) {
	if !(base >= 0) { // NaN too
		base = 0
	}
	active = max(active, 0)
	s.possession = possession{true, min(max(owners, 0), active), active, min(base, .999)}
}

// component is how much more is owned than by chance, as a share of what could be: p shrunk to the base rate.
func (p *possession) component() Component {
	switch {
	case !p.known:
		return Component{Missing: NoPossessions}
	case p.active < followersMin:
		return Component{Missing: TooFewPeople}
	}
	n := float64(p.active) + possessionPrior
	k := float64(p.owners) + float64(possessionPrior*p.base)
	lo, hi := wilson(k, n)
	beyond := func(share float64) float64 { return clamp((share - p.base) / (1 - p.base)) }
	return Component{Value: beyond(k / n), Lo: beyond(lo), Hi: beyond(hi), N: float64(p.active)}
}
