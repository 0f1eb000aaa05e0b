package show

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A producer asks: where does my heat come from, and where does it go? The heat of a room is a sum over kinds of acts,
// each cooling and carried away like the whole, so that
//
//	Σ kept = Q        and        ΔQ = contributed - cooled - carried away
//
// hold at every pane. What a pane's heads contribute after saturation is shared among kinds by what they radiated.
type balance struct {
	kept [kinds]float64 // joules of the room's heat, by the kind of act that brought them

	// What is lost, watts, as power is: repetition and saturation and distrust before energy becomes heat, cooling and
	// leaving after.
	repetition, saturation, distrust, cooling, leaving float64
}

// sharesMax is how many sources and sinks are shown.
const sharesMax = 3

// step is taken before the room's own: q is the heat that cools in this pane.
func (b *balance) step(q, leave float64, in *input) {
	keep := float64(leave * stable.Decay)
	radiated := int64(0)
	for _, e := range in.radiated {
		radiated += e
	}
	for k := range b.kept {
		b.kept[k] = float64(b.kept[k] * keep)
		if in.radiated[k] > 0 {
			part := float64(in.radiated[k]) / float64(radiated)
			b.kept[k] += float64(float64(in.heat.microjoules)/joule) * part
		}
	}
	mean := func(watts *float64, joules float64) {
		*watts = float64(*watts*stable.Decay) + float64((1-stable.Decay)*joules)
	}
	mean(&b.repetition, float64(in.repeated)/joule)
	mean(&b.distrust, float64(in.doubted)/joule)
	mean(&b.saturation, float64(radiated-in.heat.microjoules)/joule)
	mean(&b.leaving, float64(q*(1-leave)))
	mean(&b.cooling, float64(float64(q*leave)*(1-stable.Decay)))
}

// sources are the kinds that most of the heat came from.
func (b *balance) sources() []*eventpb.Share {
	var all []*eventpb.Share
	for k, joules := range b.kept {
		if joules > 0 {
			all = append(all, &eventpb.Share{Name: kindNames[k], Amount: joules})
		}
	}
	return largest(all)
}

// sinks are the largest losses. Cooling is one like the others: a room that only cools has nothing else to mend.
func (b *balance) sinks() []*eventpb.Share {
	return largest([]*eventpb.Share{
		{Name: "cooling", Amount: b.cooling}, {Name: "distrust", Amount: b.distrust},
		{Name: "leaving", Amount: b.leaving}, {Name: "repetition", Amount: b.repetition},
		{Name: "saturation", Amount: b.saturation},
	})
}

// largest keeps the largest three that are above a millionth of the whole, and says what share of it each is.
func largest(all []*eventpb.Share) []*eventpb.Share {
	whole := 0.
	for _, s := range all {
		whole += s.Amount
	}
	all = slices.DeleteFunc(all, func(s *eventpb.Share) bool { return !(s.Amount > float64(1e-6*whole)) })
	slices.SortFunc(all, func(a, b *eventpb.Share) int {
		return cmp.Or(-cmp.Compare(a.Amount, b.Amount), strings.Compare(a.Name, b.Name))
	})
	all = all[:min(len(all), sharesMax)]
	for _, s := range all {
		s.Share = s.Amount / whole
	}
	return all
}

// kindName is a kind in the words of the raw topics.
func kindName(k eventpb.Kind) string { return kindNames[k] }

// kindNames are made once: a room says the names of its sources ten times a second.
var kindNames = func() (names [kinds]string) {
	for k := range names {
		names[k] = strings.ToLower(strings.TrimPrefix(eventpb.Kind(k).String(), "KIND_"))
	}
	return names
}()
