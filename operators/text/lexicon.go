package text

import "slices"

// Class is what an entry of a lexicon is.
type Class uint8

// The classes.
const (
	Term          Class = iota // a word of the brand
	Product                    // a product, by name or alias
	Fact                       // something true of the brand or its products
	Contradiction              // what contradicts a fact; its ID is the fact's
	Beat                       // a beat of the brand's story
	Negative                   // a word that the brand does not like to hear
)

// Entry is something to listen for.
type Entry struct {
	Class Class
	ID    string // unique in its class and brand
	Brand string
	Forms []string // how it is said; they are normalised like comments
}

// Limits of a lexicon. Entries and forms beyond them, forms longer than formBytes, and those of which normalising leaves
// nothing, are not listened for: Lexicon.Dropped counts them.
const (
	EntriesMax = 4096
	FormsMax   = 16384
	formBytes  = 256
	TermsMax   = 32 // entries that one comment names; those with the smallest index stay
)

// Lexicon listens for entries. Immutable, safe for concurrent use.
type Lexicon struct {
	entries  []Entry
	words    []uint64
	patterns []pattern
	machine  *automaton
	dropped  int
}

// Compile makes a lexicon. Entries keep their order: the first is 0.
func Compile(entries []Entry) *Lexicon {
	l := &Lexicon{entries: slices.Clone(entries[:min(len(entries), EntriesMax)])}
	for _, e := range entries[len(l.entries):] {
		l.dropped += len(e.Forms)
	}
	var r Reader
	for i, e := range l.entries {
		l.words = append(l.words, wordOf(&e))
		for _, f := range e.Forms {
			form := r.normalise(f)
			if len(form) == 0 || len(form) > formBytes || len(l.patterns) == FormsMax {
				l.dropped++
				continue
			}
			l.patterns = append(l.patterns, newPattern(form, i))
		}
	}
	taken := 0
	l.machine, taken = newAutomaton(l.patterns)
	l.dropped += len(l.patterns) - taken
	return l
}

// wordOf is an entry as a word among Words: the class is mixed in so that a term and a product of one name stay two.
func wordOf(e *Entry) uint64 {
	h := mix(seed, uint64(e.Class)+1)
	h = hashOf(h, []byte(e.Brand))
	return hashOf(mix(h, uint64(len(e.Brand))), []byte(e.ID))
}

// Len is how many entries there are.
func (l *Lexicon) Len() int { return len(l.entries) }

// Entry is the entry of an index.
func (l *Lexicon) Entry(i uint16) Entry { return l.entries[i] }

// Word is the identity of an entry, which outlives this lexicon: a hash of class, brand and ID.
func (l *Lexicon) Word(i uint16) uint64 { return l.words[i] }

// Dropped is how many forms are beyond the limits or empty.
func (l *Lexicon) Dropped() int { return l.dropped }

// match lists the entries that stand in a normalised text.
func (l *Lexicon) match(text []byte, into []uint16) []uint16 {
	l.machine.match(text, l.patterns, func(value int) { into = include(into, uint16(value)) })
	return into
}

// include keeps a list ascending and within TermsMax.
func include(list []uint16, v uint16) []uint16 {
	at, found := slices.BinarySearch(list, v)
	if found || at == TermsMax {
		return list
	}
	if len(list) == TermsMax {
		list = list[:TermsMax-1]
	}
	return slices.Insert(list, at, v)
}
