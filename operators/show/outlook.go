package show

import (
	"bytes"
	"errors"

	"github.com/netsu/netsu/operators/alignment"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A brand asks: does the room speak of what I speak of, and does its talk move where I want to be? Only a show of a brand
// with a corpus is listened to for it: elsewhere nothing is kept.

// outlook is where the room's talk is since the show began, the ESOL's too, and where the room's moves.
type outlook struct {
	audience, esol alignment.Texts
	drift          alignment.Direction
}

// locate keeps where a comment is, as the reader has just read it. Of nobody known, or of nobody who counts, nothing.
func (f *Fold) locate(p *pane, c *remark, st *stance) {
	if c.role == eventpb.Role_ROLE_ESOL || audience(c.role) && !c.person.IsZero() {
		f.buf = st.of.weights.Pack(f.reader.Normalised(), f.buf[:0])
		c.at = p.keep.point(f.buf)
	}
}

// overhear takes in what was said in a final pane, by whom the room's words are counted of.
func (st *study) overhear(sc *scene) {
	var said alignment.Texts
	for _, c := range sc.said {
		if len(c.at) == 0 {
			continue
		}
		if st.outlook == nil {
			st.outlook = &outlook{}
		}
		switch {
		case c.role == eventpb.Role_ROLE_ESOL:
			st.outlook.esol.Take(c.at)
		case sc.counts(c):
			said.Take(c.at)
		}
	}
	if said.N > 0 {
		st.outlook.audience.Merge(&said)
		st.outlook.drift.Step(sc.pane, &said)
	}
}

// othersMany is how many other brands make a rank worth a B: by chance a room ranks its brand first of 21 once in 21. [JUDG]
const othersMany = 20

// view is the outlook as of the end of a pane, in a room whose brands stand at st.
func (o *outlook) view(pane int64, st *stance) *eventpb.Alignment {
	if o == nil {
		o = &outlook{}
	}
	brands := alignment.NewBrands(&st.now, st.others())
	rank := func(of *alignment.Texts) *eventpb.Estimate {
		t := brands.Worldview(of)
		e := termEstimate(t)
		if t.Missing == "" && t.N >= othersMany {
			e.Grade = eventpb.Grade_GRADE_B
		}
		return e
	}
	said := &eventpb.Alignment{Worldview: rank(&o.audience), WorldviewEsol: rank(&o.esol)}
	if st.target.N == 0 {
		said.Direction = &eventpb.Estimate{Insufficient: alignment.NoTarget}
		return said
	}
	o.drift.Step(pane, &alignment.Texts{}) // silence counts, too
	target, now := st.target.Mean(), st.now.Mean()
	said.Direction = termEstimate(o.drift.Toward(&target, &now))
	return said
}

// termEstimate is a term for people. How sure a rank or a cosine is, nobody has measured: C.
func termEstimate(t alignment.Term) *eventpb.Estimate {
	e := &eventpb.Estimate{Value: t.Value, N: t.N, Insufficient: t.Missing}
	if t.Missing == "" {
		e.Grade = eventpb.Grade_GRADE_C
	}
	return e
}

// noReference is why there is neither worldview nor direction where the show's brands have no corpus.
const noReference = "no_reference"

// noOutlook is what there is to say in a show without one.
func noOutlook() *eventpb.Alignment {
	none := func() *eventpb.Estimate { return &eventpb.Estimate{Insufficient: noReference} }
	return &eventpb.Alignment{Worldview: none(), WorldviewEsol: none(), Direction: none()}
}

func (o *outlook) Encode() []byte {
	w := newWriter()
	for _, t := range []*alignment.Texts{&o.audience, &o.esol} {
		w.Int(t.N)
		for _, x := range t.Sum {
			w.Int(x)
		}
	}
	w.Bytes(o.drift.Encode())
	return w.Done()
}

var errOutlook = errors.New("the outlook's state makes no sense")

func decodeOutlook(b []byte) (*outlook, error) {
	r := newReader(b)
	o := &outlook{}
	for _, t := range []*alignment.Texts{&o.audience, &o.esol} {
		if t.N = r.Int(); t.N < 0 {
			r.Fail(errOutlook)
		}
		for i := range t.Sum {
			t.Sum[i] = r.Int()
		}
	}
	drift, err := alignment.DecodeDirection(r.Bytes())
	if err != nil {
		r.Fail(err)
		return nil, r.End()
	}
	o.drift = *drift
	return o, r.End()
}

// point reads where a comment is, if anywhere.
func (r reader) point() alignment.Point {
	at := alignment.Point(bytes.Clone(r.Bytes()))
	if len(at) > 0 && !at.Valid() {
		r.Fail(errOutlook)
	}
	return at
}
