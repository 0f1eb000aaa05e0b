package history

import (
	"encoding/binary"
	"fmt"
)

// How a column of integers is written. The shortest of the three is taken; arithmetic wraps, so that every int64 comes
// back.
const (
	intsSame   = 0 // one value for all
	intsDelta  = 1 // the first, then differences: gauges
	intsDelta2 = 2 // the first, the first difference, then differences of differences: counters
)

// appendInts writes values; how many there are is the reader's to know.
func appendInts(b []byte, values []int64) []byte {
	if len(values) == 0 {
		return b
	}
	same := true
	one, two := 0, 0
	var prev, slope int64
	for i, v := range values {
		same = same && v == values[0]
		d := v - prev
		one += size(d)
		if i < 2 { // as appendInts writes them
			two += size(d)
		} else {
			two += size(d - slope)
		}
		prev, slope = v, d
	}
	switch {
	case same:
		return binary.AppendVarint(append(b, intsSame), values[0])
	case one <= two:
		b, two = append(b, intsDelta), -1
	default:
		b = append(b, intsDelta2)
	}
	prev, slope = 0, 0
	for i, v := range values {
		d := v - prev
		if two < 0 || i < 2 {
			b = binary.AppendVarint(b, d)
		} else {
			b = binary.AppendVarint(b, d-slope)
		}
		prev, slope = v, d
	}
	return b
}

// size is how many bytes a varint takes.
func size(v int64) int {
	u := uint64(v<<1) ^ uint64(v>>63)
	n := 1
	for ; u >= 0x80; u >>= 7 {
		n++
	}
	return n
}

// appendRuns writes which rows have a value, as the lengths of runs: with, without, with … until all rows are told.
func appendRuns(b []byte, has []bool) []byte {
	for i, state := 0, true; i < len(has); state = !state {
		from := i
		for i < len(has) && has[i] == state {
			i++
		}
		b = binary.AppendUvarint(b, uint64(i-from))
	}
	return b
}

// reader reads what is written here. After an error it reads zeros.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrDamaged, what)
	}
}

func (r *reader) uvarint() uint64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("it ends within a number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// count reads a number of things, of which there can be at most so many.
func (r *reader) count(most int) int {
	v := r.uvarint()
	if v > uint64(most) {
		r.fail(fmt.Sprintf("%d of what there are %d at most", v, most))
		return 0
	}
	return int(v)
}

// ints reads n values; nil after an error.
func (r *reader) ints(n int) []int64 {
	if n == 0 || r.err != nil {
		return nil
	}
	how := r.count(intsDelta2)
	if how != intsSame && n > len(r.b) {
		r.fail("a column is longer than what is left")
		return nil
	}
	values := make([]int64, n)
	var prev, slope int64
	for i := range values {
		switch {
		case how == intsSame && i > 0:
		case how == intsDelta2 && i >= 2:
			slope += r.varint()
			prev += slope
		default:
			slope = r.varint()
			prev += slope
		}
		values[i] = prev
	}
	if r.err != nil {
		return nil
	}
	return values
}

// runs reads which of n rows have a value; nil after an error.
func (r *reader) runs(n int) []bool {
	has := make([]bool, n)
	for i, state := 0, true; i < n && r.err == nil; state = !state {
		run := r.count(n - i)
		if run == 0 && i > 0 {
			r.fail("an empty run")
		}
		for range run {
			has[i] = state
			i++
		}
	}
	if r.err != nil {
		return nil
	}
	return has
}

func (r *reader) text(most int) string {
	n := r.count(most)
	if r.err != nil || n > len(r.b) {
		r.fail("a text is longer than what is left")
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}
