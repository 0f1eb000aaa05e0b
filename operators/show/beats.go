package show

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A brand asks: is our story told, and do they tell it again? A beat is told by ESOL or brand, and retold by people of the
// audience, each counted once.
type beats struct {
	all    map[beatID]*beat
	retold idMap[struct{}] // of a person and a beat
}

type beatID struct{ brand, id string }

type beat struct {
	told, people, microjoules int64
}

// Limits: beatsMax beats of a show; beyond retoldMax pairs of a person and a beat nobody new is counted.
const (
	beatsMax  = 256
	retoldMax = 50_000
)

func (b *beats) step(sc *scene) {
	for _, c := range sc.said {
		for _, w := range c.terms {
			e, ok := sc.lx.entry(w)
			if !ok || e.Class != text.Beat {
				continue
			}
			b.tell(sc, beatID{e.Brand, e.ID}, c)
		}
	}
}

func (b *beats) tell(sc *scene, id beatID, c *remark) {
	t := b.all[id]
	if t == nil {
		if len(b.all) >= beatsMax {
			return
		}
		t = &beat{}
		b.all[id] = t
	}
	if !audience(c.role) {
		t.told++
		return
	}
	t.microjoules += sc.radiated(c)
	if c.person.IsZero() || b.retold.n >= retoldMax {
		return
	}
	if _, known := b.retold.put(pairOf(c.person, id.brand+"\x00"+id.id)); !known {
		t.people++
	}
}

// radiated is what a comment gave the room, before repetition and saturation took their part.
func (sc *scene) radiated(c *remark) int64 { return scale(c.base, sc.show.weight(c.person, sc.pane)) }

func (b *beats) view() []*eventpb.Beat {
	var all []*eventpb.Beat
	for id, t := range b.all {
		all = append(all, &eventpb.Beat{
			BrandId: id.brand, Id: id.id, Told: t.told, RetoldPeople: t.people, Joules: float64(t.microjoules) / joule,
		})
	}
	slices.SortFunc(all, func(a, b *eventpb.Beat) int {
		return cmp.Or(strings.Compare(a.BrandId, b.BrandId), strings.Compare(a.Id, b.Id))
	})
	return all
}
