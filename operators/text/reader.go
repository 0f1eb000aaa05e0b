package text

// Reader reads comments. It owns scratch memory: one goroutine at a time. The zero value is ready.
type Reader struct {
	cutters
	raw     []byte // as it came, folded and composed
	wide    []byte // scratch of fold
	text    []byte // normalised
	runes   []rune // of text
	scripts []script
	grams   []uint64
	words   []uint64
	terms   []uint16
}

// Reading is what a comment says. Its slices are good until the next Read.
type Reading struct {
	Hash    uint64   // identity of the normalised text; 0: nothing is left of it
	SimHash uint64   // likeness, from SimHashRunes on; 0 below
	Runes   int      // of the normalised text
	Words   []uint64 // distinct words by hash, in order of first appearance, at most WordsMax
	Terms   []uint16 // entries of the lexicon that it names, ascending, at most TermsMax
	// Question: it asks something. OwnUse: it says that the speaker has it, has bought it or uses it.
	Question, OwnUse bool
}

// Read reads one comment by a lexicon, which may be nil.
func (r *Reader) Read(s string, lx *Lexicon) Reading {
	if r.wordCutter == nil {
		r.cutters = newCutters()
	}
	b := r.normalise(s)
	r.scripts = r.scripts[:0]
	for _, c := range r.runes {
		k := scriptOf(c)
		if c == joiner { // holds an emoji together, or it would not be here
			k = emoji
		}
		r.scripts = append(r.scripts, k)
	}
	v := Reading{Hash: identity(b), Runes: len(r.runes)}
	if v.Runes == 0 {
		return v
	}
	if v.Runes >= SimHashRunes {
		v.SimHash = r.simHash()
	}
	r.cut()
	r.terms = r.terms[:0]
	if lx != nil {
		r.terms = lx.match(b, r.terms)
	}
	v.Words, v.Terms = r.words, r.terms
	signs := readSigns(b)
	v.Question, v.OwnUse = signs&question != 0, signs&ownUse != 0
	return v
}
