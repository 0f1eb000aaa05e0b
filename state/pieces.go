package state

import (
	"fmt"
	"strconv"
	"strings"
)

// pieceBytes is what a piece holds; two of them, and their keys, fit an entry of a changelog. Tests make it small.
var pieceBytes = 512 << 10

// Pieces lies between a Store and its Backing, and has values that are larger than a Kafka record may be kept in pieces: a
// fold's value is as large as its room is busy, and one that could not be written would stop its partition for good.
//
//	key              the first pieceBytes of the value
//	key, NUL, 0001   the next, and so on until one that is shorter, which may be empty
//
// A value shorter than pieceBytes is its own and only piece, so a state from before there were pieces reads as it is: a
// longer one is whole. Keys hold no NUL, since no id may (stream/ingest). Pieces that are left behind
// a value that has become shorter, or is gone, are not read. They are deleted with it where this Pieces has read or written the
// longer one, and else with the next cut that has the key after a scan has come by.
//
// One goroutine owns it, as it does the Store.
type Pieces struct {
	backing Backing
	more    map[string]int // pieces after the first, of the keys that are known to have any: few
}

var _ Backing = (*Pieces)(nil)

// NewPieces returns the pieces in a backing.
func NewPieces(b Backing) *Pieces { return &Pieces{backing: b, more: map[string]int{}} }

func pieceKey(key string, n int) string { return fmt.Sprintf("%s\x00%04x", key, n) }

// Joined is for who reads entries in the order in which Split's were written, as from a changelog: take is called with each,
// and end after the last; fn gets them whole.
func Joined(fn func(Entry)) (take func(Entry) error, end func() error) {
	j := joining{p: NewPieces(nil), fn: func(key string, value []byte) error { fn(Entry{key, value}); return nil }}
	return func(e Entry) error { return j.take(e.Key, e.Value) }, j.end
}

// Get implements Backing.
func (p *Pieces) Get(key string) ([]byte, error) {
	value, err := p.backing.Get(key)
	if err != nil || len(value) != pieceBytes {
		return value, err
	}
	for n := 1; ; n++ {
		piece, err := p.backing.Get(pieceKey(key, n))
		switch {
		case err != nil:
			return nil, err
		case piece == nil && n == 1: // it was written whole, and happens to have this size
			return value, nil
		case piece == nil:
			return nil, fmt.Errorf("the state %q lacks its piece %d", key, n)
		}
		p.more[key] = max(p.more[key], n)
		value = append(value, piece...)
		if len(piece) < pieceBytes {
			return value, nil
		}
	}
}

// Scan implements Backing.
func (p *Pieces) Scan(from, to string, fn func(key string, value []byte) error) error {
	s := joining{p: p, fn: fn}
	if err := p.backing.Scan(from, to, s.take); err != nil {
		return err
	}
	return s.end()
}

// joining puts together what a scan comes by.
type joining struct {
	p     *Pieces
	fn    func(string, []byte) error
	key   string
	value []byte
	n     int  // pieces of it after the first
	open  bool // there may be more of it
}

func (j *joining) take(key string, piece []byte) error {
	base, number, further := strings.Cut(key, "\x00")
	if further && base == j.key {
		if !j.open { // of a longer value that was there before
			return j.left(base, number)
		}
		j.n++
		if key != pieceKey(base, j.n) {
			return fmt.Errorf("the state %q lacks its piece %d", base, j.n)
		}
		j.p.more[base] = j.n
		j.value = append(j.value, piece...)
		if len(piece) == pieceBytes {
			return nil
		}
		j.open = false
		return j.fn(j.key, j.value)
	}
	if err := j.end(); err != nil {
		return err
	}
	if further { // of a value that was deleted unread
		return j.left(base, number)
	}
	if j.key, j.value, j.n, j.open = key, piece, 0, len(piece) == pieceBytes; j.open {
		return nil
	}
	return j.fn(key, piece)
}

// left takes note of a piece that nothing reads.
func (j *joining) left(base, number string) error {
	n, err := strconv.ParseUint(number, 16, 31)
	if err != nil {
		return fmt.Errorf("the state %q has a piece with the number %q", base, number)
	}
	j.p.more[base] = max(j.p.more[base], int(n))
	return nil
}

// end ends the value at hand: one that seemed to have further pieces was whole.
func (j *joining) end() error {
	if !j.open {
		return nil
	}
	if j.n > 0 {
		return fmt.Errorf("the state %q lacks its piece %d", j.key, j.n+1)
	}
	j.open = false
	return j.fn(j.key, j.value)
}

// Split makes of a cut what is written: entries of which none is larger than a piece and its key.
func (p *Pieces) Split(entries []Entry) []Entry {
	large := false
	for _, e := range entries {
		large = large || len(e.Value) >= pieceBytes || p.more[e.Key] > 0
	}
	if !large {
		return entries
	}
	out := make([]Entry, 0, len(entries)+16)
	for _, e := range entries {
		had, n := p.more[e.Key], 0
		delete(p.more, e.Key)
		if len(e.Value) < pieceBytes {
			out = append(out, e)
		} else {
			rest := e.Value
			for ; len(rest) >= pieceBytes; n++ {
				out = append(out, Entry{keyOf(e.Key, n), rest[:pieceBytes:pieceBytes]})
				rest = rest[pieceBytes:]
			}
			out = append(out, Entry{keyOf(e.Key, n), append([]byte{}, rest...)}) // not nil: that would be a deletion
			p.more[e.Key] = n
		}
		for n++; n <= had; n++ {
			out = append(out, Entry{Key: pieceKey(e.Key, n)})
		}
	}
	return out
}

func keyOf(key string, n int) string {
	if n == 0 {
		return key
	}
	return pieceKey(key, n)
}
