package text

import (
	"errors"
	"fmt"
	"slices"
)

// Class is what an entry of a lexicon is.
type Class uint8

const (
	Term          Class = iota // a word of the brand
	Product                    // what is sold
	Fact                       // something true about the brand or a product
	Contradiction              // the contrary of a fact, with its id
	Beat                       // a part of the brand's story
	Negative                   // a word against it
)

// An Entry is one thing that comments may name. ID is its product, fact, … within its class and brand.
type Entry struct {
	Class Class
	ID    string
	Brand string
	Forms []string // how it is written
}

// Bounds of a lexicon.
const (
	EntriesMax   = 4096  // entries
	FormsMax     = 16384 // forms of all entries
	FormRunesMax = 64    // runes of a form, normalised
)

// ErrTooMany says that a lexicon went beyond its bounds.
var ErrTooMany = errors.New("beyond the bounds of a lexicon")

// A Lexicon finds entries in comments. Compile makes one; it does not change, and any number of Readers may use it at
// once.
type Lexicon struct {
	entries []Entry
	words   []uint64
	trie    *trie
}

// Compile makes a Lexicon of entries, in their order. Forms that normalise to nothing are left out.
//
// Beyond the bounds it leaves out, in order: entries after the first EntriesMax, forms after the first FormsMax or
// longer than FormRunesMax, and forms that 262,144 runes of different prefixes leave no room for. Then its error is
// ErrTooMany with how many, and the Lexicon has the rest and may be used.
func Compile(entries []Entry) (*Lexicon, error) {
	lostEntries, lostForms, forms := max(0, len(entries)-EntriesMax), 0, 0
	l := &Lexicon{entries: slices.Clone(entries[:len(entries)-lostEntries])}
	b := newBuilder()
	var r Reader
	for i := range l.entries {
		e := &l.entries[i]
		e.Forms = slices.Clone(e.Forms)
		l.words = append(l.words, hashName(e.Class, e.Brand, e.ID))
		for _, form := range e.Forms {
			r.normalise(form)
			if len(r.runes) == 0 {
				continue
			}
			if len(r.runes) > FormRunesMax || forms == FormsMax || !b.add(r.runes, uint16(i)) {
				lostForms++
				continue
			}
			forms++
		}
	}
	l.trie = b.build()
	if lostEntries+lostForms > 0 {
		return l, fmt.Errorf("%w: %d entries and %d forms left out", ErrTooMany, lostEntries, lostForms)
	}
	return l, nil
}

// Len is the number of entries.
func (l *Lexicon) Len() int { return len(l.entries) }

// Entry is the entry of index i, as in Reading.Terms.
func (l *Lexicon) Entry(i uint16) Entry { return l.entries[i] }

// Entries are all entries, not to be changed.
func (l *Lexicon) Entries() []Entry { return l.entries }

// Word is the word id of entry i beside those of Reading.Words: a function of class, brand and id, whatever the forms
// and the other entries.
func (l *Lexicon) Word(i uint16) uint64 { return l.words[i] }
