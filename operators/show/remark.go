package show

import (
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/alignment"
	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// remark is a comment of an open pane, read: what is asked of it once its pane is final. It is read when it comes, with the
// lexicon that is in force at its place in the journal; its text is not kept.
type remark struct {
	id, person event.ID
	ref        event.ID // the comment that it answers
	ms         int64
	base       int64 // of its act, microjoules
	account    int64 // when the account was made, epoch ms; 0: unknown
	hash, sim  uint64
	name       string // its event id, as people know it
	words      []uint64
	terms      []uint64        // text.Lexicon.Word of the entries that it names
	at         alignment.Point // where it is in the space of texts; empty: nowhere, or nobody asks (outlook.go)
	runes      int32
	role       eventpb.Role
	question   bool
	own        bool
	command    bool
}

// deed is an act on a product, or one of the ESOL, in an open pane: what its act has no room for.
type deed struct {
	id, person event.ID
	ms         int64
	kind       eventpb.Kind
	action     eventpb.Kind // what a call calls for; 0: anything
	band       uint8        // of a line of an order: 1 + that of its unit's price; 0: not known
	product    string
	asks       []uint64 // of a call: the words that it asks for
}

// Quality is q of MODEL §1: words about the brand are worth more, a question about a product and the word of somebody who
// has it more still.
const (
	qualityBrand    = .5
	qualityQuestion = .5
	qualityOwn      = .3
	qualityMax      = 3.
)

func quality(r *text.Reading, lx *lexicon) float64 {
	q := 1.
	about := lx.about(r.Terms)
	if about {
		q += qualityBrand
	}
	if about && r.Question {
		q += qualityQuestion
	}
	if r.OwnUse {
		q += qualityOwn
	}
	return min(q, qualityMax)
}

// hear reads a comment into its pane and sets what its act is worth. Only the audience's is warmer for what it says.
func (f *Fold) hear(s *show, p *pane, a *act, e *eventpb.Event) {
	lx := f.lexiconOf(s)
	r := f.reader.Read(e.Text, lx.text)
	if a.base > 0 {
		a.text = max(r.Hash, 1) // those that say nothing say the same
		a.base = scale(a.base, quality(&r, lx))
	}
	if r.Hash == 0 {
		return
	}
	f.terms = lx.words(r.Terms, f.terms[:0])
	p.said = append(p.said, remark{
		id: a.id, person: a.person, ref: event.ID{Hi: e.RefHi, Lo: e.RefLo}, ms: e.TimeMs, base: a.base, account: e.AccountCreatedMs,
		hash: r.Hash, sim: r.SimHash, runes: int32(r.Runes), role: e.Role, question: r.Question, own: r.OwnUse,
		command: strings.HasPrefix(e.Text, "!"),
		name:    strings.Clone(e.Id), words: p.keep.words(r.Words), terms: p.keep.words(f.terms),
	})
	if lx.stance != nil {
		f.locate(p, &p.said[len(p.said)-1], lx.stance)
	}
}

// do notes an act on a product. An order is one deed for each product in it.
func (f *Fold) do(s *show, p *pane, a *act, e *eventpb.Event) {
	d := deed{id: a.id, person: a.person, ms: e.TimeMs, kind: a.kind, product: s.name(e.ProductId)}
	switch {
	case a.kind == eventpb.Kind_KIND_CALL:
		d.action = e.Action
		if e.Text != "" {
			lx := f.lexiconOf(s)
			r := f.reader.Read(e.Text, lx.text)
			d.asks = slices.Concat(lx.words(r.Terms, nil), r.Words)
		}
	case e.Order != nil:
		for _, l := range e.Order.Lines[:min(len(e.Order.Lines), linesMax)] {
			if d.product, d.band = s.name(l.ProductId), bandOf(l.UnitPriceMinor, e.Order.Currency); d.product != "" {
				p.deeds = append(p.deeds, d)
			}
		}
		return
	case d.product == "" && !alone(a.kind):
		return
	}
	p.deeds = append(p.deeds, d)
}

// alone tells whether a deed counts without a product.
func alone(k eventpb.Kind) bool {
	return k == eventpb.Kind_KIND_PIN || k == eventpb.Kind_KIND_CALL || k == eventpb.Kind_KIND_INQUIRY
}

// name keeps the name of a product, once for the show; beyond namesMax each time anew.
func (s *show) name(product string) string {
	if product == "" {
		return ""
	}
	kept, ok := s.names[product]
	if !ok {
		kept = strings.Clone(product)
		if s.names == nil {
			s.names = map[string]string{}
		}
		if len(s.names) < namesMax {
			s.names[kept] = kept
		}
	}
	return kept
}

const namesMax = 10_000

// linesMax bounds the lines of an order that count for products; the money of the rest is the ledger's.
const linesMax = 64

// keep holds the words of a pane's comments, and where they are, in few allocations.
type keep struct {
	long  []uint64
	bytes []byte
}

const keepWords = 512

func (k *keep) words(w []uint64) []uint64 {
	if len(w) == 0 {
		return nil
	}
	if len(k.long)+len(w) > cap(k.long) { // what was handed out stays where it is
		k.long = make([]uint64, 0, max(keepWords, len(w)))
	}
	from := len(k.long)
	k.long = append(k.long, w...)
	return k.long[from:len(k.long):len(k.long)]
}

const keepBytes = 1 << 10

func (k *keep) point(p alignment.Point) alignment.Point {
	if len(k.bytes)+len(p) > cap(k.bytes) {
		k.bytes = make([]byte, 0, max(keepBytes, len(p)))
	}
	from := len(k.bytes)
	k.bytes = append(k.bytes, p...)
	return k.bytes[from:len(k.bytes):len(k.bytes)]
}
