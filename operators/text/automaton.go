package text

import (
	"slices"
	"unicode/utf8"
)

// automaton finds all forms in a text at once (Aho & Corasick 1975), as a table of states by classes of bytes: one look-up a
// byte, whatever the number of forms. Immutable.
type automaton struct {
	class  [256]uint8 // of bytes; 0: in no form
	width  int        // classes
	next   []int32    // state·width + class → state
	output []output   // the forms that end in a state, as a list through next
	first  []int32    // state → its first output; -1: none
}

type output struct {
	form int32
	next int32 // -1: the last
}

// pattern is a normalised form and where it may stand.
type pattern struct {
	bytes []byte
	value int
	// left and right: no letter of a spaced script may touch it there ("art" is not in "party"). end: only what is no
	// letter may follow.
	left, right, end bool
}

// statesMax bounds an automaton: at most 64 K states, some 30 MB with a hundred classes of bytes. Patterns that would need
// more are left out.
const statesMax = 1 << 16

// newAutomaton takes patterns until statesMax is reached and tells how many it took.
func newAutomaton(patterns []pattern) (*automaton, int) {
	a := &automaton{width: 1}
	for _, p := range patterns {
		for _, c := range p.bytes {
			if a.class[c] == 0 {
				a.class[c] = uint8(a.width)
				a.width++
			}
		}
	}
	taken := a.plant(patterns)
	a.link()
	return a, taken
}

const none = -1

// plant makes the tree of all forms.
func (a *automaton) plant(patterns []pattern) int {
	a.grow()
	for i, p := range patterns {
		if len(a.first)+len(p.bytes) > statesMax {
			return i
		}
		state := int32(0)
		for _, c := range p.bytes {
			at := int(state)*a.width + int(a.class[c])
			if a.next[at] == none {
				next := a.grow()
				a.next[at] = next
			}
			state = a.next[at]
		}
		a.output = append(a.output, output{int32(i), a.first[state]})
		a.first[state] = int32(len(a.output) - 1)
	}
	return len(patterns)
}

func (a *automaton) grow() int32 {
	for range a.width {
		a.next = append(a.next, none)
	}
	a.first = append(a.first, none)
	return int32(len(a.first) - 1)
}

// link turns the tree into a machine that never goes back: level by level, what a state lacks it takes from the state of
// its longest proper suffix, and that one's forms end in it too.
func (a *automaton) link() {
	suffix := make([]int32, len(a.first))
	queue := make([]int32, 0, len(a.first))
	for c := range a.width {
		switch s := a.next[c]; s {
		case none:
			a.next[c] = 0
		default:
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		a.inherit(state, suffix[state])
		for c := range a.width {
			at, back := int(state)*a.width+c, a.next[int(suffix[state])*a.width+c]
			if s := a.next[at]; s != none {
				suffix[s] = back
				queue = append(queue, s)
			} else {
				a.next[at] = back
			}
		}
	}
}

// inherit ends a state's list of forms in its suffix's, which is complete.
func (a *automaton) inherit(state, from int32) {
	if a.first[state] == none {
		a.first[state] = a.first[from]
		return
	}
	last := a.first[state]
	for a.output[last].next != none {
		last = a.output[last].next
	}
	a.output[last].next = a.first[from]
}

// match calls found for each pattern that stands in a normalised text where it may.
func (a *automaton) match(text []byte, patterns []pattern, found func(value int)) {
	state := 0
	for i, c := range text {
		state = int(a.next[state*a.width+int(a.class[c])])
		for o := a.first[state]; o != none; o = a.output[o].next {
			if p := &patterns[a.output[o].form]; p.stands(text, i+1-len(p.bytes), i+1) {
				found(p.value)
			}
		}
	}
}

// stands tells whether a pattern found at text[from:to] may stand there.
func (p *pattern) stands(text []byte, from, to int) bool {
	if p.left && from > 0 {
		if c, _ := utf8.DecodeLastRune(text[:from]); touches(c, p.bytes, false) {
			return false
		}
	}
	if p.right && to < len(text) && !endsWord(text[to:], p.bytes) {
		return false
	}
	if p.end {
		for _, c := range string(text[to:]) {
			if k := scriptOf(c); k != other && k != emoji && c != 'w' {
				return false
			}
		}
	}
	return true
}

// touches tells whether a neighbour belongs to the same word as the edge of a form.
func touches(neighbour rune, form []byte, right bool) bool {
	edge, _ := utf8.DecodeRune(form)
	if right {
		edge, _ = utf8.DecodeLastRune(form)
	}
	return scriptOf(neighbour) == scriptOf(edge)
}

// endsWord tells whether a word of a spaced script may end before rest: before another script, or before a plural s.
func endsWord(rest, form []byte) bool {
	c, n := utf8.DecodeRune(rest)
	if !touches(c, form, true) {
		return true
	}
	if c != 's' {
		return false
	}
	after, _ := utf8.DecodeRune(rest[n:])
	return len(rest) == n || !touches(after, form, true)
}

// newPattern is a form with the boundaries that its script asks for: none in scripts without spaces, and after Hangul,
// where particles follow, none at the end.
func newPattern(form []byte, value int) pattern {
	first, _ := utf8.DecodeRune(form)
	last, _ := utf8.DecodeLastRune(form)
	left, right := scriptOf(first), scriptOf(last)
	return pattern{slices.Clone(form), value, left == spaced || left == hangul, right == spaced, false}
}
