package show

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/likeness"
	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A brand asks: who else is like this ESOL? profile is what her show says of that (operators/likeness). It counts with
// each final pane, whoever is known already: a person costs one hash a pane. It lasts as long as the show.
type profile struct {
	theta  likeness.Theta
	words  [64]int64
	prices [8]int64
	hours  [24]int64
	people likeness.Sketch // of those who heated the room and are believed
	terms  []termCount     // at most termsMax, in order of their first mention

	marked bool // its key is in the next cut
}

type termCount struct {
	word uint64
	n    int64 // comments
}

const (
	partProfile = "profile"
	// profilePanes is how often the profile is said; and once more when the room comes to rest.
	profilePanes = 300
	// termsMax bounds the terms that have names. What is mentioned first when there are as many counts among the words
	// only.
	termsMax = 48
)

// profile takes a final pane of the study into the profile of its show, and says it when it is time.
func (f *Fold) profile(sc *scene, out *operators.Outputs) {
	p := &sc.show.profile
	p.step(sc)
	if !p.marked {
		p.marked = true
		f.tables.profiles.Put(sc.show.id, sc.show)
	}
	if due(sc.pane, profilePanes) {
		f.sayProfile(sc, out)
	}
}

func (p *profile) step(sc *scene) {
	hour := event.FloorDiv(sc.pane, 3600) % 24
	for i := range sc.heads {
		h := &sc.heads[i]
		p.hours[(hour+24)%24] += h.believed
		if !h.id.IsZero() && h.weight >= believedWeight {
			p.people.Add(h.id)
		}
	}
	heard := &sc.show.study.heard
	for i := range heard.uses {
		p.words[likeness.WordDim(heard.uses[i].Word)]++
	}
	for _, c := range heard.said {
		for _, w := range c.terms {
			p.mention(w)
		}
	}
	for i := range sc.deeds {
		if d := &sc.deeds[i]; d.band > 0 && sc.sold(d.id) {
			p.prices[d.band-1]++
		}
	}
	if due(sc.pane, likeness.SamplePanes) && sc.heat.Insufficient == "" {
		p.theta.Add(sc.heat.Temperature / audienceT50)
	}
}

// believedWeight is trustedWeight as a head's weight in its heat has it: over that of anybody.
var believedWeight = trustedWeight / trust.Default

func (p *profile) mention(word uint64) {
	i := slices.IndexFunc(p.terms, func(t termCount) bool { return t.word == word })
	switch {
	case i >= 0:
		p.terms[i].n++
	case len(p.terms) < termsMax:
		p.terms = append(p.terms, termCount{word, 1})
	}
}

// sayProfile says the profile, if the show is somebody's and its heat was ever known. It is not taken back with the show:
// what an ESOL is like outlives a day of silence, and a straggler that begins the show anew has nothing to put in its
// place.
func (f *Fold) sayProfile(sc *scene, out *operators.Outputs) {
	s, p := sc.show, &sc.show.profile
	esol := f.esolOf(s)
	if esol == "" || p.theta.Samples == 0 {
		return
	}
	v := likeness.Profile{
		Esol: esol, Name: f.catalog.get("esol", esol).GetEsol().GetName(), Pane: sc.pane,
		Largest: s.study.people.tally.people[0], Microjoules: sc.room.heat.contributed, Theta: p.theta,
		Words: p.words, Prices: p.prices, Hours: p.hours, Named: likeness.Collect(p.named(sc)), People: p.people,
	}
	out.Meter(f.meter(s, partProfile, &eventpb.Meter{Profile: v.Message(s.id)}))
}

// stageMicrojoules is what the people of a product are worth to its category, by stage.
var stageMicrojoules = [8]int64{
	0, joule, inquiryMicrojoule, clickMicrojoule, cartMicrojoule, checkoutMicrojoule, orderMicrojoule, againMicrojoule,
}

// named lists what the catalog has names for: terms that the audience said, and categories and brands of the products
// that it acted on, as the catalog has them now.
func (p *profile) named(sc *scene) (all []likeness.Named) {
	for _, t := range p.terms {
		e, ok := sc.lx.entry(t.word)
		if ok && (e.Class == text.Term || e.Class == text.Product) {
			all = append(all, likeness.Named{
				Dim: likeness.WordDim(t.word), ID: e.Brand + "/" + e.ID, Name: e.Forms[0], Amount: t.n,
			})
		}
	}
	products := sc.show.study.products.all
	for _, id := range slices.Sorted(maps.Keys(products)) {
		t := products[id]
		entry := sc.fold.catalog.get("product", id).GetProduct()
		if entry.GetCategory() != "" {
			energy := int64(0)
			for i, n := range t.people {
				energy += n * stageMicrojoules[i]
			}
			all = append(all, likeness.Named{
				Dim: likeness.CategoryDim(entry.Category), ID: entry.Category, Name: entry.Category, Amount: energy,
			})
		}
		if brand := entry.GetBrandId(); brand != "" {
			name := cmp.Or(sc.fold.catalog.get("brand", brand).GetBrand().GetName(), brand)
			all = append(all, likeness.Named{
				Dim: likeness.InterestDim(brand), ID: brand, Name: name, Amount: t.people[0],
			})
		}
	}
	return all
}

// bandOf is 1 + the band of a price, 0 for a price or a currency that says nothing. Money stays an integer.
func bandOf(minor int64, currency string) uint8 {
	microyen := uint64(microyenPerMinor(currency))
	if minor <= 0 || microyen == 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(minor), microyen)
	if hi > 0 || lo>>62 > 0 {
		return uint8(len(likeness.PriceBands))
	}
	return uint8(1 + likeness.PriceBand(int64(lo/1e6)))
}
