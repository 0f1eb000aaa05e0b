package text

import "slices"

// A role is what a phrase of words_*.go does for Question and OwnUse, and where.
type role uint16

const (
	asks            role = iota // a question, wherever
	asksFirst                   // at the beginning of a clause
	asksLast                    // at the end of a clause, or of a word of Hangul
	asksChinese                 // wherever, in a text without kana
	asksChineseLast             // at the end of a clause, in a text without kana
	opens                       // with a later closes
	closes                      // at the end of a clause, where no space follows
	asksNot                     // takes back what stands within it
	owns                        // own use, wherever
	ownsNot                     // takes back what stands within it
)

// phrases is a list of phrases of one role, in the words of the people.
type phrases struct {
	role  role
	forms []string
}

// speech finds the phrases.
var speech = compileSpeech(questions, ownUses)

func compileSpeech(lists ...[]phrases) *trie {
	b := newBuilder()
	var r Reader
	for _, l := range slices.Concat(lists...) {
		for _, form := range l.forms {
			if r.normalise(form); !b.add(r.runes, uint16(l.role)) {
				panic("cannot happen: too many phrases")
			}
		}
	}
	return b.build()
}

// said is a phrase that stands in the text at [from,to).
type said struct {
	role     role
	from, to int
}

// saidMax phrases of a text count; what comes after them is not looked at.
const saidMax = 64

// readSpeech reports whether the text asks something, and whether its speaker says to own or use it, by what was said.
func (r *Reader) readSpeech() (question, ownUse bool) {
	question = r.question
	opened := -1
	for _, s := range r.said {
		switch s.role {
		case opens:
			if opened < 0 {
				opened = s.to
			}
		case closes:
			question = question || opened >= 0 && s.from >= opened
		case owns:
			ownUse = ownUse || !r.takenBack(s, ownsNot)
		case asks, asksFirst, asksLast, asksChinese, asksChineseLast:
			question = question || !r.takenBack(s, asksNot)
		}
	}
	return question, ownUse
}

func (r *Reader) takenBack(s said, by role) bool {
	for _, n := range r.said {
		if n.role == by && n.from <= s.from && s.to <= n.to {
			return true
		}
	}
	return false
}

// fits reports whether a phrase stands where its role wants it.
func (r *Reader) fits(s said) bool {
	if !r.ends(s.to) || !r.begins(s.from) && r.class[s.from] != hangul {
		return false
	}
	switch s.role {
	case asksFirst:
		return r.clauseFrom(s.from)
	case asksLast:
		return r.clauseTo(s.to)
	case closes:
		return r.clauseTo(s.to) && (s.to == len(r.runes) || r.class[s.to] != space)
	case asksChinese:
		return !r.kana
	case asksChineseLast:
		return !r.kana && r.clauseTo(s.to)
	}
	return true
}

// clauseFrom reports whether a clause begins at i: nothing, a symbol or an emoji is before it.
func (r *Reader) clauseFrom(i int) bool {
	if i > 0 && r.class[i-1] == space {
		i--
	}
	return i == 0 || r.class[i-1] == other || r.class[i-1] == emoji
}

// clauseTo reports whether a clause ends before j: a space, a symbol or an emoji comes, or nothing, or laughter, after
// the last sound drawn out or cut.
func (r *Reader) clauseTo(j int) bool {
	for j < len(r.runes) && (r.runes[j] == 'ー' || r.runes[j] == 'っ' || r.runes[j] == 'ぁ' || r.runes[j] == 'ぇ') {
		j++
	}
	if j == len(r.runes) {
		return true
	}
	switch r.class[j] {
	case other, space, emoji:
		return true
	}
	laughs := r.runes[j] == 'w' || r.runes[j] == '笑' || r.runes[j] == '草' || r.runes[j] == '5' || r.runes[j] == 'ㅋ' ||
		r.runes[j] == 'ㅎ' || r.runes[j] == 'ㅠ'
	return laughs && (j+1 == len(r.runes) || isLetter>>r.class[j+1]&1 == 0)
}
