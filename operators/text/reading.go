package text

import "golang.org/x/text/unicode/norm"

// WordsMax and TermsMax bound what a Reading holds.
const (
	WordsMax = 32
	TermsMax = 32
)

// A Reading is what a comment says.
type Reading struct {
	Hash    uint64   // identity of the normalised text; 0 only if nothing is left of it
	SimHash uint64   // alike for texts that are nearly the same, if Runes >= SimHashRunes; see SimilarHash
	Runes   int      // length of the normalised text
	Words   []uint64 // Hash of each different token, in order of first appearance; of more than WordsMax the first
	Terms   []uint16 // entries of the lexicon that it names, ascending; of more than TermsMax the smallest
	// Question: it asks something. OwnUse: its speaker says to own, have bought or use what is sold. Both may hold.
	Question, OwnUse bool
}

// A Reader reads comments. The zero value is ready; it owns the memory of what it returns, so each goroutine has one.
type Reader struct {
	runes []rune  // the normalised text,
	class []class // and the class of each rune

	pass                    pass // of put; and what it has seen but not written:
	space, joiner, denormal bool
	marks                   int // in a row, up to here

	folded, nfc []byte // to and from the normaliser
	iter        norm.Iter

	words    []uint64
	seen     uint64 // a bit for each word's last six bits
	terms    []uint16
	question bool
	kana     bool
	said     []said
}

// Read reads s, against lx if that is not nil. The slices of the result are valid until the next Read.
func (r *Reader) Read(s string, lx *Lexicon) Reading {
	r.normalise(s)
	r.readWords()
	r.find(lx)
	question, ownUse := r.readSpeech()
	return Reading{
		Hash:     hashText(r.runes),
		SimHash:  simHash(r.runes, r.class),
		Runes:    len(r.runes),
		Words:    r.words,
		Terms:    r.terms,
		Question: question,
		OwnUse:   ownUse,
	}
}

// Normalised is the text that the last Read read, normalised: valid until the next.
func (r *Reader) Normalised() []rune { return r.runes }
