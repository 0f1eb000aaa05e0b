package text

// Tokens, by runs of one script:
//
//	letters and digits    the word, of two runes or more, without 's; ' between letters and . , between digits belong
//	http://…, www.…       the host, without www
//	Han, kana             every pair of neighbours; a single one as it is
//	Thai and its kin      every three neighbouring grapheme clusters; one or two as they are
//	Hangul                the word, of two syllables or more
//	emoji                 the whole sequence, without skin tones; a flag as one
//
// Close to UAX #29 where that finds words, and n-grams where it would need a dictionary (MODEL §2).
func (r *Reader) readWords() {
	r.words, r.seen, r.question, r.kana = r.words[:0], 0, false, false
	for i := 0; i < len(r.runes); {
		switch v := r.class[i]; v {
		case alpha, digit:
			i = r.word(i)
		case han, hira, kata, long:
			r.kana = r.kana || v != han
			i = r.pairs(i)
		case south:
			i = r.clusters(i)
		case hangul:
			j := r.run(i, 1<<hangul|1<<mark)
			r.addRun(i, j, 2)
			i = j
		case emoji:
			i = r.emoji(i)
		default:
			r.question = r.question || asking(r.runes[i])
			i++
		}
	}
}

// run is the end of the run of the given classes that i is in.
func (r *Reader) run(i int, set uint32) int {
	for i++; i < len(r.class) && set>>r.class[i]&1 != 0; i++ {
	}
	return i
}

func (r *Reader) addRun(i, j, least int) {
	if j-i >= least && len(r.words) < WordsMax {
		r.add(hashRunes(r.runes[i:j]))
	}
}

// add adds a word unless it is there.
func (r *Reader) add(h uint64) {
	if len(r.words) == WordsMax {
		return
	}
	bit := uint64(1) << (h & 63)
	if r.seen&bit != 0 {
		for _, w := range r.words {
			if w == h {
				return
			}
		}
	}
	r.seen |= bit
	r.words = append(r.words, h)
}

const inWord = uint32(1<<alpha | 1<<digit | 1<<mark)

func (r *Reader) word(i int) int {
	if from, to, end := r.url(i); end > i {
		r.addRun(from, to, 1)
		return end
	}
	j := r.run(i, inWord)
	for j+1 < len(r.runes) && r.joins(j) {
		j = r.run(j+1, inWord)
	}
	end := j
	if j-i > 2 && r.runes[j-1] == 's' && r.runes[j-2] == '\'' {
		end = j - 2
	}
	r.addRun(i, end, 2)
	return j
}

// joins reports whether what is at i holds a word together with what is on both sides.
func (r *Reader) joins(i int) bool {
	before, after := r.class[i-1], r.class[i+1]
	switch r.runes[i] {
	case '\'':
		return after == alpha && before != digit
	case '.', ',':
		return before == digit && after == digit
	}
	return false
}

// Addresses as they look once runs are one rune.
var schemes = [...][]rune{[]rune("htps:/"), []rune("htp:/"), []rune("w.")}

// url finds an address at i: its host is [from,to), and end is where it ends; 0 if there is none.
func (r *Reader) url(i int) (from, to, end int) {
	if r.runes[i] != 'h' && r.runes[i] != 'w' {
		return 0, 0, 0
	}
	from = i
	for _, s := range schemes {
		if hasPrefix(r.runes[from:], s) {
			from += len(s)
		}
	}
	if from == i || from == len(r.runes) || inWord>>r.class[from]&1 == 0 {
		return 0, 0, 0
	}
	for to = from; to < len(r.runes) && (inWord>>r.class[to]&1 != 0 || r.runes[to] == '.' || r.runes[to] == '-'); to++ {
	}
	for end = to; end < len(r.runes) && '!' <= r.runes[end] && r.runes[end] <= '~'; end++ {
	}
	for r.runes[to-1] == '.' {
		to--
	}
	return from, to, end
}

func hasPrefix(runes, prefix []rune) bool {
	if len(runes) < len(prefix) {
		return false
	}
	for i, c := range prefix {
		if runes[i] != c {
			return false
		}
	}
	return true
}

func (r *Reader) pairs(i int) int {
	set := uint32(1<<r.class[i] | 1<<mark)
	switch r.class[i] {
	case hira, kata:
		set |= 1 << long
	case long:
		set |= 1 << kata
	}
	j := r.run(i, set)
	r.addRun(i, min(j, i+2), 1)
	for i += 2; i < j && len(r.words) < WordsMax; i++ {
		r.add(hashRunes(r.runes[i-1 : i+1]))
	}
	return j
}

// clusters adds the trigrams of grapheme clusters of the run at i: a letter and the marks after it are one.
func (r *Reader) clusters(i int) int {
	j := r.run(i, 1<<south|1<<southM)
	first, second, third := i, i, i // where the last three clusters begin
	n := 1
	for k := i + 1; k < j; k++ {
		if r.class[k] != south {
			continue
		}
		if n++; n > 3 {
			r.addRun(first, k, 1)
		}
		if n >= 3 {
			first = second
		}
		second, third = third, k
	}
	r.addRun(first, j, 1)
	return j
}

// emoji adds the sequence at i: an emoji and those joined to it, or the two letters of a flag.
func (r *Reader) emoji(i int) int {
	h, n := uint64(seed), 0
	j := i
	for ; j < len(r.runes); j++ {
		c := r.runes[j]
		tone := 0x1f3fb <= c && c <= 0x1f3ff
		flag := n == 1 && j == i+1 && isFlag(c) && isFlag(r.runes[i])
		if j > i && !tone && !flag && c != zwj && r.runes[j-1] != zwj {
			break
		}
		if tone {
			continue
		}
		h = mix(h, uint64(c))
		n++
	}
	r.question = r.question || asking(r.runes[i])
	if n > 0 {
		r.add(finish(h))
	}
	return j
}

func isFlag(c rune) bool { return 0x1f1e6 <= c && c <= 0x1f1ff }

// asking reports whether c is a question mark.
func asking(c rune) bool {
	switch c {
	case '?', '⁇', '⁈', '⁉', '؟', '❓', '❔':
		return true
	}
	return false
}
