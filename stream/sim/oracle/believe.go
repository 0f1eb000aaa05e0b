package oracle

import (
	"math"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// belief is what a comment is worth beyond its kind: its quality by what it says, and how far its author is believed. Texts
// are read by operators/text and people judged by operators/trust, which have oracles of their own; what is independent
// here is which comments they are given, and when what they say counts.
type belief struct {
	reader  text.Reader
	lexicon *text.Lexicon
	judge   *trust.State
	asked   map[uint64]int64 // words that calls asked for, by the last pane that did
}

// words of a call count as asked for in its pane and the 120 after; who writes one in a comment of at most 24 characters
// does as asked.
const (
	askedPanes = 120
	askedRunes = 24
)

func (o *Oracle) belief(show string) *belief {
	lexicon, err := text.Compile(o.entries(show))
	if err != nil {
		panic("cannot happen: more entries than a test has: " + err.Error())
	}
	return &belief{lexicon: lexicon, judge: trust.New(), asked: map[uint64]int64{}}
}

// entries are what the brands of a show listen for.
func (o *Oracle) entries(show string) (all []text.Entry) {
	entry := o.catalog["show/"+show].GetShow()
	brands := map[string]bool{}
	for _, id := range entry.GetBrandIds() {
		brands[id] = true
	}
	for _, id := range entry.GetCampaignIds() {
		brands[o.catalog["campaign/"+id].GetCampaign().GetBrandId()] = true
	}
	delete(brands, "")
	for _, c := range o.catalog {
		if c.Product != nil && brands[c.Product.BrandId] {
			all = append(all, text.Entry{Class: text.Product, ID: c.Id, Brand: c.Product.BrandId,
				Forms: append([]string{c.Product.Name}, c.Product.Aliases...)})
		}
		if c.Brand != nil && brands[c.Id] {
			for class, terms := range map[text.Class][]*eventpb.Term{text.Term: c.Brand.Lexicon, text.Fact: c.Brand.Facts,
				text.Beat: c.Brand.Beats, text.Negative: c.Brand.Negative} {
				for _, t := range terms {
					all = append(all, text.Entry{Class: class, ID: t.Id, Brand: c.Id, Forms: t.Forms})
				}
			}
		}
	}
	return all
}

// quality is q of MODEL §1.
func (f *belief) quality(s string) float64 {
	r := f.reader.Read(s, f.lexicon)
	about := slices.ContainsFunc(r.Terms, func(i uint16) bool { return f.lexicon.Entry(i).Class != text.Negative })
	q := 1.
	if about {
		q += .5
		if r.Question {
			q += .5
		}
	}
	if r.OwnUse {
		q += .3
	}
	return min(q, 3)
}

// weight is w of MODEL §4, 1 for whom nothing is held against.
func (f *belief) weight(r *Rules, a *act, pane int64) float64 {
	if a.Person == "" || r.Credulous {
		return 1
	}
	return min(1, f.judge.Weight(r.person(a.Person), pane)/trust.Default)
}

// look has the judge see a pane.
func (f *belief) look(r *Rules, pane int64, acts []*act, active int64) {
	f.hearCalls(pane, acts)
	var seen []trust.Act
	for _, a := range acts {
		if a.Kind != "comment" || a.retracted || a.Person == "" || a.Role != "" && a.Role != "viewer" {
			continue
		}
		v := f.reader.Read(a.Text, f.lexicon)
		if v.Hash == 0 {
			continue
		}
		words := slices.Clone(v.Words)
		for _, i := range v.Terms {
			words = append(words, f.lexicon.Word(i))
		}
		prompted := v.Runes <= askedRunes && slices.ContainsFunc(words, func(w uint64) bool {
			at, ok := f.asked[w]
			return ok && at+askedPanes >= pane
		})
		seen = append(seen, trust.Act{ID: r.id(a.ID), Person: r.person(a.Person), MS: a.TimeMS, Comment: true,
			Kind: uint8(eventpb.Kind_KIND_COMMENT), Hash: v.Hash, SimHash: v.SimHash, Runes: v.Runes, Prompted: prompted,
			Command: strings.HasPrefix(a.Text, "!"), AccountMS: a.AccountMS})
	}
	f.judge.Step(pane, seen, active)
}

func (f *belief) hearCalls(pane int64, acts []*act) {
	for w, at := range f.asked {
		if at+askedPanes < pane {
			delete(f.asked, w)
		}
	}
	for _, a := range sorted(acts) {
		if a.Kind != "call" || a.Text == "" {
			continue
		}
		v := f.reader.Read(a.Text, f.lexicon)
		words := slices.Clone(v.Words)
		for _, i := range v.Terms {
			words = append(words, f.lexicon.Word(i))
		}
		for _, w := range words {
			f.asked[w] = pane
		}
	}
}

func (r *Rules) person(s string) event.ID { return r.hashed(s, (*event.Hasher).Person) }
func (r *Rules) id(s string) event.ID     { return r.hashed(s, (*event.Hasher).Event) }

func (r *Rules) hashed(s string, by func(*event.Hasher, []byte) event.ID) event.ID {
	if r.Hasher != nil {
		return by(r.Hasher, []byte(s))
	}
	if id, err := event.ParseID(s); err == nil {
		return id
	}
	return event.ID{Hi: text.Hash(s), Lo: text.Hash(s + "#")}
}

// scaled is an energy by a factor, to a microjoule.
func scaled(microjoules int64, by float64) int64 { return int64(math.Round(float64(microjoules) * by)) }
