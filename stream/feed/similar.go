package feed

import (
	"math"
	"net/http"

	"github.com/netsu/netsu/operators/likeness"
	"github.com/netsu/netsu/stream/access"
)

// Similar is the answer of GET /v1/esols/{id}/similar: ESOLs with the same heat and alike audiences (MODEL §6). Where
// insufficient is set (too_few_shows, too_few_people, too_short, no_traits), too little is known of the ESOL to compare
// it, and similar is empty.
type Similar struct {
	EsolFacts
	Insufficient *string      `json:"insufficient"`
	Layout       int          `json:"layout"` // version of what cosines are of
	Similar      []SimilarHit `json:"similar"`
}

// EsolFacts is what is known of one ESOL's shows. No number in it enters a score but theta, with its interval.
type EsolFacts struct {
	EsolID   string   `json:"esol_id"`
	Name     string   `json:"name"` // of the catalog; "" where it has none
	Shows    int64    `json:"shows"`
	Audience int64    `json:"audience_people"` // distinct people; of several shows an estimate, some 9 % off
	Theta    *float64 `json:"theta"`           // the audiences' temperature over that of a middling room
	ThetaLo  *float64 `json:"theta_lo"`        // 95 % interval
	ThetaHi  *float64 `json:"theta_hi"`
}

// SimilarHit is an ESOL who is like the one asked for: score = cosine · heat_match · lower_bound.
type SimilarHit struct {
	EsolFacts
	Score     *float64 `json:"score"`
	Cosine    *float64 `json:"cosine"`
	HeatMatch *float64 `json:"heat_match"` // min θ / max θ
	// LowerBound times heat_match is the lower end of its 95 % interval.
	LowerBound *float64      `json:"lower_bound"`
	Overlap    *Overlap      `json:"overlap"` // null: an audience of fewer than 50 people
	Traits     []SharedTrait `json:"shared_traits"`
}

// Overlap is how far two audiences are the same people, estimated from 128 minima of hashes.
type Overlap struct {
	Jaccard *float64 `json:"jaccard"`
	SE      *float64 `json:"se"`
	People  int64    `json:"people"` // in both
}

// SharedTrait is something that two ESOLs have in common, and its share of their cosine. Words and interests that the
// catalog has no name for are one trait of their kind without names.
type SharedTrait struct {
	Kind     string   `json:"kind"` // word, category, price, hour, interest
	Names    []string `json:"names"`
	IDs      []string `json:"ids"`
	FromYen  *int64   `json:"from_yen"`  // of a price: the band's lower end
	BelowYen *int64   `json:"below_yen"` // and its upper; null: the highest band
	HourUTC  *int     `json:"hour_utc"`  // of an hour
	Share    *float64 `json:"share"`
}

const (
	similarRows    = 10
	maxSimilarRows = 100
	similarTraits  = 8 // of a hit, the largest
)

func (s *Server) getSimilar(w http.ResponseWriter, r *http.Request) {
	// It tells of all ESOLs, and of what they sell at which prices.
	if !s.permitted(w, r, "esol/*", access.Room|access.Money|access.Insight) {
		return
	}
	if !query(w, r, "limit", "min_audience") {
		return
	}
	limit, ok := whole(w, r, "limit", similarRows, 1, maxSimilarRows)
	if !ok {
		return
	}
	least, ok := whole(w, r, "min_audience", 0, 0, math.MaxInt64)
	if !ok {
		return
	}
	id := r.PathValue("id")
	asked, all, live := s.hub.similar(id)
	switch {
	case !live:
		s.catchingUp(w)
	case asked == nil:
		fail(w, http.StatusNotFound, "NOT_FOUND", "nothing is known of what the ESOL is like",
			"a show says it with its first five minutes, if it names its ESOL; ids are those of /v1/meters/esol/{id}")
	default:
		hits := likeness.Search(all, asked, likeness.Options{Limit: int(limit), MinAudience: least})
		reply(w, http.StatusOK, similarDocument(asked, hits))
	}
}

// similar is find, once the meters have been read.
func (h *hub) similar(esol string) (asked *likeness.Entry, all []*likeness.Entry, live bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.live {
		return nil, nil, false
	}
	asked, all = h.meters.profiles.find(esol)
	return asked, all, true
}

func similarDocument(asked *likeness.Entry, hits []likeness.Hit) *Similar {
	d := &Similar{
		EsolFacts: esolFacts(asked), Insufficient: nonEmpty(asked.Insufficient), Layout: likeness.Layout,
		Similar: []SimilarHit{},
	}
	for _, h := range hits {
		v := SimilarHit{
			EsolFacts: esolFacts(h.Entry), Score: finite(h.Score), Cosine: finite(h.Cosine),
			HeatMatch: finite(h.HeatMatch), LowerBound: finite(h.LowerBound), Traits: []SharedTrait{},
		}
		if o, ok := likeness.OverlapOf(asked, h.Entry); ok {
			v.Overlap = &Overlap{finite(o.Jaccard), finite(o.SE), o.People}
		}
		for _, t := range likeness.Traits(asked, h.Entry, similarTraits) {
			v.Traits = append(v.Traits, sharedTrait(t))
		}
		d.Similar = append(d.Similar, v)
	}
	return d
}

func esolFacts(e *likeness.Entry) EsolFacts {
	p := e.Profile
	f := EsolFacts{EsolID: p.Esol, Name: p.Name, Shows: p.Shows, Audience: e.Audience}
	if mean, lo, hi, ok := p.Theta.Interval(); ok {
		f.Theta, f.ThetaLo, f.ThetaHi = finite(mean), finite(lo), finite(hi)
	}
	return f
}

func sharedTrait(t likeness.Trait) SharedTrait {
	d := SharedTrait{Kind: t.Kind.String(), Names: []string{}, IDs: []string{}, Share: finite(t.Share)}
	d.Names, d.IDs = append(d.Names, t.Names...), append(d.IDs, t.IDs...)
	switch t.Kind {
	case likeness.Hours:
		d.HourUTC = ptr(t.Band)
	case likeness.Prices:
		d.FromYen = ptr(likeness.PriceBands[t.Band])
		if t.Band+1 < len(likeness.PriceBands) {
			d.BelowYen = ptr(likeness.PriceBands[t.Band+1])
		}
	}
	return d
}
