package text

// sign is what the manner of a comment says, in whatever language it is.
type sign int

const (
	question sign = 1 << iota
	ownUse
)

// signs finds all phrases of questions.go and owning.go in one pass.
var signs, signPatterns = func() (*automaton, []pattern) {
	var all []pattern
	var r Reader
	add := func(list []string, value sign, end bool) {
		for _, s := range list {
			p := newPattern(r.normalise(s), int(value))
			if p.end = end; scriptOf([]rune(s)[0]) == hangul {
				p.left = false // these are endings
			}
			all = append(all, p)
		}
	}
	add(asking, question, false)
	add(askingAtEnd, question, true)
	add(owning, ownUse, false)
	machine, _ := newAutomaton(all)
	return machine, all
}()

func readSigns(b []byte) sign {
	found := sign(0)
	signs.match(b, signPatterns, func(value int) { found |= sign(value) })
	if asks(b) {
		found |= question
	}
	return found
}

// asks finds a question mark that is not inside an address.
func asks(b []byte) bool {
	for i, c := range b {
		if c == '?' && (i+1 == len(b) || scriptOf(rune(b[i+1])) != spaced) {
			return true
		}
	}
	return false
}
