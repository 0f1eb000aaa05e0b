package show

import (
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// lexicon is what the brands of a show listen for: their terms, products, facts, story beats and negative words. Shows of
// the same brands share one.
type lexicon struct {
	text   *text.Lexicon     // nil: nothing to listen for
	all    []uint64          // the words that want slots: terms, products, beats and facts
	byWord map[uint64]uint16 // text.Lexicon.Word → entry
	stance *stance           // nil: the brands have no corpus
}

// lexiconsMax bounds the lexicons that are held; one more and all are made anew as they are asked for.
const lexiconsMax = 256

var noLexicon = &lexicon{}

// lexiconOf is the lexicon in force for a show: that of the catalog as it is at this place in the journal.
func (f *Fold) lexiconOf(s *show) *lexicon {
	if s.lexicon == nil || s.lexiconOf != f.catalog.version {
		s.lexicon, s.lexiconOf = f.catalog.lexicon(s.id), f.catalog.version
	}
	return s.lexicon
}

func (c *catalog) lexicon(show string) *lexicon {
	brands := c.brandsOf(show)
	if len(brands) == 0 {
		return noLexicon
	}
	if c.lexiconsOf != c.version || len(c.lexicons) >= lexiconsMax {
		c.lexicons, c.lexiconsOf = map[string]*lexicon{}, c.version
	}
	key := strings.Join(brands, "\x00")
	lx := c.lexicons[key]
	if lx == nil {
		lx = c.compile(brands)
		c.lexicons[key] = lx
	}
	return lx
}

// compile makes the lexicon of brands: entries beyond text's limits are left out, products first, so that what is sold is
// always heard.
func (c *catalog) compile(brands []string) *lexicon {
	var entries []text.Entry
	for _, p := range c.productsOf(brands) {
		entries = append(entries, text.Entry{
			Class: text.Product, ID: p.Id, Brand: p.Product.BrandId,
			Forms: slices.Concat([]string{p.Product.Name}, p.Product.Aliases),
		})
	}
	for _, id := range brands {
		entries = append(entries, brandEntries(id, c.get("brand", id).GetBrand())...)
	}
	compiled, err := text.Compile(entries)
	if compiled == nil { // beyond the bounds the rest is left out, which is an error that a room can live with
		panic("cannot happen: no lexicon: " + err.Error())
	}
	lx := &lexicon{text: compiled, byWord: map[uint64]uint16{}, stance: c.stance(brands)}
	for i := range compiled.Len() {
		w := compiled.Word(uint16(i))
		lx.byWord[w] = uint16(i)
		switch compiled.Entry(uint16(i)).Class {
		case text.Term, text.Product, text.Fact, text.Beat:
			lx.all = append(lx.all, w)
		}
	}
	return lx
}

// productsOf lists the products of brands, in order of id.
func (c *catalog) productsOf(brands []string) (all []*eventpb.Catalog) {
	for _, e := range c.entries {
		if e.Product != nil && slices.Contains(brands, e.Product.BrandId) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *eventpb.Catalog) int { return strings.Compare(a.Id, b.Id) })
	return all
}

// words are the entries of a reading as words that outlive the lexicon.
func (lx *lexicon) words(terms []uint16, into []uint64) []uint64 {
	for _, i := range terms {
		into = append(into, lx.text.Word(i))
	}
	return into
}

// about tells whether a reading names anything of the brand but what it does not like to hear.
func (lx *lexicon) about(terms []uint16) bool {
	return slices.ContainsFunc(terms, func(i uint16) bool { return isAbout(lx.text.Entry(i).Class) })
}

// isAbout is about, of words.
func (lx *lexicon) isAbout(words []uint64) bool {
	return slices.ContainsFunc(words, func(w uint64) bool {
		e, ok := lx.entry(w)
		return ok && isAbout(e.Class)
	})
}

func isAbout(c text.Class) bool { return c != text.Negative && c != text.Contradiction }

// entry finds a word; not, if the catalog has dropped it since.
func (lx *lexicon) entry(word uint64) (text.Entry, bool) {
	i, ok := lx.byWord[word]
	if !ok {
		return text.Entry{}, false
	}
	return lx.text.Entry(i), true
}

// productOf is the product that a word names.
func (lx *lexicon) productOf(word uint64) (id string, ok bool) {
	e, ok := lx.entry(word)
	return e.ID, ok && e.Class == text.Product
}

// product is the word of a product.
func (lx *lexicon) product(id string) (word uint64, ok bool) {
	for _, w := range lx.all {
		if p, is := lx.productOf(w); is && p == id {
			return w, true
		}
	}
	return 0, false
}

func (lx *lexicon) len() int {
	if lx.text == nil {
		return 0
	}
	return lx.text.Len()
}

// brandEntries are what a brand listens for beside its products. What contradicts a fact is an entry of the fact's own id.
func brandEntries(brand string, b *eventpb.Brand) (all []text.Entry) {
	add := func(class text.Class, terms []*eventpb.Term) {
		for _, t := range terms {
			all = append(all, text.Entry{Class: class, ID: t.Id, Brand: brand, Forms: t.Forms})
			if class == text.Fact && len(t.ContradictedBy) > 0 {
				all = append(all, text.Entry{Class: text.Contradiction, ID: t.Id, Brand: brand, Forms: t.ContradictedBy})
			}
		}
	}
	add(text.Term, b.GetLexicon())
	add(text.Fact, b.GetFacts())
	add(text.Beat, b.GetBeats())
	add(text.Negative, b.GetNegative())
	return all
}
