package fx

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// What Put refuses.
var (
	ErrFull = errors.New("the table has 512 rates, and takes no more")
	ErrRate = errors.New("not a rate: two currencies that differ, and decimal text above zero of at most 18 digits")
)

const (
	entriesMax = 512
	digitsMax  = 18
)

// Table is the rates by id. It is not safe for concurrent use.
type Table struct {
	pivot   string
	entries []entry // by pair, then time, then id: the last that is in force counts
}

type entry struct {
	id, base, quote string
	text            string // of the rate, as the catalog has it
	rate            *big.Rat
	fromMS          int64
}

// New is an empty table that makes cross rates through pivot; "" means that it makes none.
func New(pivot string) *Table { return &Table{pivot: pivot} }

// Put takes in what the catalog says under fx/id, in place of what it said before. The error is ErrRate or ErrFull, and
// then nothing has changed.
func (t *Table) Put(id string, x *eventpb.Fx) error {
	rate, ok := parse(x.Rate)
	_, base := event.Exponent(x.Base)
	_, quote := event.Exponent(x.Quote)
	if !ok || !base || !quote || x.Base == x.Quote {
		return ErrRate
	}
	at := t.find(id)
	if at < 0 && len(t.entries) >= entriesMax {
		return ErrFull
	}
	if at >= 0 {
		t.entries = slices.Delete(t.entries, at, at+1)
	}
	e := entry{strings.Clone(id), strings.Clone(x.Base), strings.Clone(x.Quote), strings.Clone(x.Rate), rate, x.FromMs}
	at, _ = slices.BinarySearchFunc(t.entries, e, byPair)
	t.entries = slices.Insert(t.entries, at, e)
	return nil
}

// Delete forgets what the catalog said under fx/id.
func (t *Table) Delete(id string) {
	if at := t.find(id); at >= 0 {
		t.entries = slices.Delete(t.entries, at, at+1)
	}
}

// Version is 16 hex digits of the hash of all rates in force at a time; "" where there is none.
func (t *Table) Version(atMS int64) string {
	h, none := sha256.New(), true
	for i, e := range t.entries {
		if e.fromMS > atMS || i+1 < len(t.entries) && t.entries[i+1].supersedes(e, atMS) {
			continue
		}
		none = false
		fmt.Fprintf(h, "%s %s %s %d\n", e.base, e.quote, e.rate.RatString(), e.fromMS)
	}
	if none {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Begins tells whether a rate's time is after one time and not after another: between the two, what is in force may have
// changed without a Put.
func (t *Table) Begins(afterMS, throughMS int64) bool {
	return slices.ContainsFunc(t.entries, func(e entry) bool { return e.fromMS > afterMS && e.fromMS <= throughMS })
}

// direct is the entry in force for a pair as it is, nil where there is none.
func (t *Table) direct(base, quote string, atMS int64) *entry {
	var found *entry
	for i := range t.entries {
		if e := &t.entries[i]; e.base == base && e.quote == quote && e.fromMS <= atMS {
			found = e
		}
	}
	return found
}

func (t *Table) find(id string) int {
	return slices.IndexFunc(t.entries, func(e entry) bool { return e.id == id })
}

// supersedes tells whether e, the next entry, is of former's pair and in force too.
func (e entry) supersedes(former entry, atMS int64) bool {
	return e.base == former.base && e.quote == former.quote && e.fromMS <= atMS
}

func byPair(a, b entry) int {
	return cmp.Or(strings.Compare(a.base, b.base), strings.Compare(a.quote, b.quote), cmp.Compare(a.fromMS, b.fromMS),
		strings.Compare(a.id, b.id))
}

// parse reads decimal text: digits with at most one point between two of them.
func parse(text string) (*big.Rat, bool) {
	digits := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c != '.' || i == 0 || i == len(text)-1:
			return nil, false
		}
	}
	if digits == 0 || digits > digitsMax {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(text) // refuses a second point
	return r, ok && r.Sign() > 0
}
