package gauges

import (
	"unicode/utf8"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Scope is what the feed holds of one show, ESOL, campaign or brand. What it points to is never written again.
type Scope struct {
	Kind, ID string
	Room     *eventpb.Room    // of a show; nil: none
	Insight  *eventpb.Insight // of a show; nil: none
	Money    *eventpb.Money   // nil: none
	Cost     *eventpb.Cost    // of a campaign; nil: none
	Returns  *eventpb.Returns // of a campaign; nil: none
	Brand    string           // of a campaign: whose it is; "": not known
	AsOfMS   int64            // append time of the newest meter in it

	OnAir   int              // of an ESOL: its shows on the air; of a brand: those that sell it
	Heat    *Heat            // of either: those as one body; nil: no heat
	Moments map[string]int64 // of a show: kind → when it happened last, epoch ms
}

// Heat is the heat of an ESOL's or a brand's shows on the air. Nil is not known.
type Heat struct {
	Score, Temperature *float64
	ActiveHeads        int64
}

// Other is the id and esol of what is summed over the scopes without series of their own.
const Other = "__other__"

// showable tells whether a scope can be a label: Prometheus refuses all of a scrape for one that is not UTF-8.
func (s *Scope) showable() bool { return s.ID != "" && s.ID != Other && utf8.ValidString(s.ID) }

func (s *Scope) onAir() bool {
	if s.Kind == event.ScopeEsol || s.Kind == event.ScopeBrand {
		return s.OnAir > 0
	}
	return s.Room.OnAir()
}

func (s *Scope) heat() *eventpb.Heat { return s.Room.Newest().GetHeat() }
