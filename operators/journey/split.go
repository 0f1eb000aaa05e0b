package journey

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// part is what one scope is owed of an order, or of a brand's part of it.
type part struct {
	layers
	units    int64
	windowMS int64
}

func (p *part) add(o part) (err error) {
	if err = p.layers.add(o.layers); err != nil {
		return err
	}
	if p.units, err = event.Add(p.units, o.units); err != nil {
		return err
	}
	p.windowMS = max(p.windowMS, o.windowMS)
	return p.finish()
}

// split divides a part by weights. What is left after refunds is divided as one amount, and so are created and paid;
// the refunds of each are what it paid less that. So net is paid - refunded - cancelled for each, each net is within
// its rounding's distance of its quota, and where nothing is left of the whole nothing is left of any.
func (p *part) split(weights []int64, r attribution.Rounding) ([]part, error) {
	if len(weights) == 1 {
		return []part{*p}, nil
	}
	rest, err := event.Sub(p.paid, p.refunded)
	if err != nil {
		return nil, err
	}
	created, paid, left := r.Split(p.created, weights), r.Split(p.paid, weights), r.Split(rest, weights)
	units := r.Split(p.units, weights)
	parts := make([]part, len(weights))
	for i := range parts {
		q := part{layers: layers{created: created[i], paid: paid[i]}, units: units[i], windowMS: p.windowMS}
		if q.refunded, err = event.Sub(paid[i], left[i]); err != nil {
			return nil, err
		}
		if p.cancelled != 0 { // cancelling takes all that refunds left
			q.cancelled = left[i]
		}
		if err := q.finish(); err != nil {
			return nil, err
		}
		parts[i] = q
	}
	return parts, nil
}

// portion is what one ESOL, or one show, has of a brand's part of an order. That of the ESOL or show "" is nobody's.
type portion struct {
	name    string
	part    part
	inLive  bool
	touches []uint64 // hi and lo by turns
	model   string
}

// claims are who shares a part, as the buyer's half of this fold has it, or as the order itself does.
type claims struct {
	list     []*eventpb.Claim
	model    string
	rounding attribution.Rounding
}

func byEsol(c *eventpb.Claim) string { return c.EsolId }
func byShow(c *eventpb.Claim) string { return c.ShowId }

// portions divides p over the ESOLs, or the shows, of the claims.
func (c *claims) portions(p part, by func(*eventpb.Claim) string) ([]portion, error) {
	var out []portion
	var weights []int64
	for _, claim := range c.list {
		i := slices.IndexFunc(out, func(o portion) bool { return o.name == by(claim) })
		if i < 0 {
			i = len(out)
			out, weights = append(out, portion{name: by(claim), model: c.model}), append(weights, 0)
		}
		weights[i] = event.AddCapped(weights[i], claim.Weight)
		out[i].inLive = out[i].inLive || claim.InLive
		out[i].touches = append(out[i].touches, claim.Touches...)
	}
	parts, err := p.split(weights, c.rounding)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].part = parts[i]
	}
	return out, nil
}

// holding is what a scope has of a whole order: its portions of the parts of all brands.
type holding struct {
	portion
	esol     string
	campaign campaign
	lines    []*eventpb.CreditLine // of deals
	kept     []*eventpb.Kept       // of campaigns
}

// holdings are in order of name.
type holdings []*holding

func (h *holdings) at(name string) *holding {
	i, found := slices.BinarySearchFunc(*h, name, func(have *holding, name string) int {
		return cmp.Compare(have.name, name)
	})
	if !found {
		*h = slices.Insert(*h, i, &holding{portion: portion{name: name}})
	}
	return (*h)[i]
}

// maxCreditTouches is how many touches a credit names, the first of them.
const maxCreditTouches = attribution.MaxTouches

func (h *holding) add(p portion) error {
	h.inLive = h.inLive || p.inLive
	if h.model == "" {
		h.model = p.model
	}
	for i := 0; i+1 < len(p.touches) && len(h.touches) < 2*maxCreditTouches; i += 2 {
		if !named(h.touches, p.touches[i], p.touches[i+1]) {
			h.touches = append(h.touches, p.touches[i], p.touches[i+1])
		}
	}
	return h.part.add(p.part)
}

// touchIDs are the touches as a credit names them.
func (h *holding) touchIDs() (ids []string) {
	for i := 0; i+1 < len(h.touches); i += 2 {
		ids = append(ids, touchID(event.ID{Hi: h.touches[i], Lo: h.touches[i+1]}))
	}
	return ids
}

func named(touches []uint64, hi, lo uint64) bool {
	for i := 0; i+1 < len(touches); i += 2 {
		if touches[i] == hi && touches[i+1] == lo {
			return true
		}
	}
	return false
}

// touchID is how a touch is named; the order itself has no id.
func touchID(id event.ID) string {
	if id.IsZero() {
		return "order"
	}
	return id.String()
}
