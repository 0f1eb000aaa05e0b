package text

import "slices"

// find finds the forms of lx and the phrases of speech in the text, wherever they stand, overlapping or not: terms
// within the edges of begins and ends, phrases where their roles want them.
func (r *Reader) find(lx *Lexicon) {
	r.terms, r.said = r.terms[:0], r.said[:0]
	terms := speech
	if lx != nil {
		terms = lx.trie
	}
	for i, c := range r.runes {
		next := rune(0)
		if i+1 < len(r.runes) {
			next = r.runes[i+1]
		}
		single, pair := singleBit(c), pairBit(c, next)
		if lx != nil && terms.mayBegin(single, pair) && r.begins(i) {
			r.termsAt(i, terms)
		}
		if speech.mayBegin(single, pair) {
			r.phrasesAt(i)
		}
	}
}

func (r *Reader) termsAt(i int, t *trie) {
	p := root
	for j := i; j < len(r.runes); j++ {
		if p = t.step(p, r.runes[j]); p == root {
			return
		}
		if p.ends() && r.ends(j+1) {
			for _, e := range t.found(p) {
				r.addTerm(e)
			}
		}
	}
}

func (r *Reader) phrasesAt(i int) {
	p := root
	for j := i; j < len(r.runes); j++ {
		if p = speech.step(p, r.runes[j]); p == root {
			return
		}
		if !p.ends() {
			continue
		}
		for _, o := range speech.found(p) {
			s := said{role(o), i, j + 1}
			if len(r.said) < saidMax && r.fits(s) {
				r.said = append(r.said, s)
			}
		}
	}
}

func (r *Reader) addTerm(e uint16) {
	at, there := slices.BinarySearch(r.terms, e)
	if there || at == TermsMax {
		return
	}
	if len(r.terms) == TermsMax {
		r.terms = r.terms[:TermsMax-1]
	}
	r.terms = slices.Insert(r.terms, at, e)
}

// begins reports whether a form may begin at i. A letter of an alphabet, a digit and a syllable of Hangul begin one
// only if they begin a word: "art" is not in "party". And nothing begins within a grapheme cluster.
func (r *Reader) begins(i int) bool {
	if i == 0 {
		return true
	}
	before := r.class[i-1]
	switch r.class[i] {
	case alpha, digit:
		return inWord>>before&1 == 0
	case hangul:
		return before != hangul && before != mark
	case mark, southM:
		return false
	}
	return r.runes[i-1] != zwj
}

// ends reports whether a form may end before j. A letter of an alphabet and a digit end one only if they end a word,
// but for the s of a plural; Hangul may go on, with a particle. And nothing ends within a grapheme cluster.
func (r *Reader) ends(j int) bool {
	if j == len(r.runes) {
		return true
	}
	after := r.class[j]
	switch last := r.class[j-1]; {
	case after == mark || after == southM:
		return false
	case inWord>>last&1 == 0 || inWord>>after&1 == 0:
		return true
	case last == alpha && r.runes[j] == 's' && r.runes[j-1] < 0x250:
		return j+1 == len(r.runes) || (inWord|1<<southM)>>r.class[j+1]&1 == 0
	}
	return false
}
