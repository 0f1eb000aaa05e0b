package show

import (
	"maps"
	"slices"

	"github.com/netsu/netsu/operators/alignment"
	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Where do the brands of the catalog stand? Each where its corpus is, in a space whose weights come of all corpora: what
// every brand says weighs little. It is a function of the catalog as it is at a place in the journal.
type reference struct {
	weights *alignment.Weights
	brands  map[string]*position // by id; those that have said enough to stand anywhere
	ids     []string             // of them, in order
}

// position is where somebody is, and where they want to be.
type position struct{ now, target alignment.Texts }

// stance is where the brands of a show stand, as one.
type stance struct {
	position
	of *reference
	by []string // the brands of the show
}

// Limits [JUDG]: of a brand's texts, the first that come to corpusRunes are read; of more than stancesMax brands with a
// corpus, the first in order of id stand somewhere. At both bounds a change of a corpus costs its partition about .35 s,
// and .6 s where all have as much of a target (BenchmarkRefer).
const (
	corpusRunes = 20_000
	stancesMax  = 256
)

// corpusOf are the normalised texts that are read.
func corpusOf(texts []string) (all []string) {
	runes := 0
	for _, t := range texts {
		n := text.Normalise(t)
		if runes += len([]rune(n)); runes > corpusRunes {
			break
		}
		all = append(all, n)
	}
	return all
}

// reference is that of the catalog as it is. It is made when somebody asks, after a brand has changed what it says.
func (c *catalog) reference() *reference {
	if c.referred == nil {
		c.referred = c.refer()
	}
	return c.referred
}

func (c *catalog) refer() *reference {
	corpora := map[string][]string{}
	for _, e := range c.entries {
		if n := len(e.GetBrand().GetCorpus()); n >= alignment.TextsMin {
			corpora[e.Id] = e.Brand.Corpus
		}
	}
	ids := slices.Sorted(maps.Keys(corpora))
	ids = ids[:min(len(ids), stancesMax)]
	var grams alignment.Grams
	for _, id := range ids {
		corpora[id] = corpusOf(corpora[id])
		for _, t := range corpora[id] {
			grams.Add(t)
		}
	}
	r := &reference{weights: grams.Weights(), brands: map[string]*position{}}
	for _, id := range ids {
		p := &position{}
		addAll(&p.now, corpora[id], r.weights)
		if p.now.N < alignment.TextsMin {
			continue
		}
		addAll(&p.target, corpusOf(c.get("brand", id).GetBrand().GetTarget()), r.weights)
		r.brands[id], r.ids = p, append(r.ids, id)
	}
	return r
}

func addAll(sum *alignment.Texts, texts []string, w *alignment.Weights) {
	for _, t := range texts {
		sum.Add(t, w)
	}
}

// speakAlike tells whether two versions of an entry stand at the same place.
func speakAlike(a, b *eventpb.Catalog) bool {
	return slices.Equal(a.GetBrand().GetCorpus(), b.GetBrand().GetCorpus()) &&
		slices.Equal(a.GetBrand().GetTarget(), b.GetBrand().GetTarget())
}

// stance is where brands stand as one; nil: nowhere, as none has a corpus.
func (c *catalog) stance(brands []string) *stance {
	if !slices.ContainsFunc(brands, func(id string) bool { return len(c.get("brand", id).GetBrand().GetCorpus()) > 0 }) {
		return nil
	}
	st := &stance{of: c.reference(), by: brands}
	for _, id := range brands {
		if p := st.of.brands[id]; p != nil {
			st.now.Merge(&p.now)
			st.target.Merge(&p.target)
		}
	}
	if st.now.N == 0 {
		return nil
	}
	return st
}

// others are the other brands.
func (s *stance) others() (all []*alignment.Texts) {
	for _, id := range s.of.ids {
		if !slices.Contains(s.by, id) {
			all = append(all, &s.of.brands[id].now)
		}
	}
	return all
}
