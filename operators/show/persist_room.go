package show

import (
	"fmt"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// encodeShow writes what a show is beside its heads, acts and texts: as of its final pane.
func encodeShow(s *show) []byte {
	past := s.asFinal()
	s.marked = false
	w := newWriter()
	w.Str(s.id)
	w.Int(s.maxEventMS)
	w.Int(s.watermarkMS)
	w.Int(s.activeAt)
	w.Uint(uint64(s.state))
	w.Str(s.esol)
	w.Str(s.platform)
	w.Int(s.lateTotal)
	w.Uint(uint64(len(s.lateSample)))
	for _, id := range s.lateSample {
		w.Str(id)
	}
	w.Bool(s.changed)
	w.Int(s.fresh)
	w.Int(s.freshFrom)
	w.Int(s.emittedMS)
	w.room(&s.final)
	for _, n := range past.acted {
		w.Uint(uint64(n))
	}
	w.moments(&s.moments)
	w.trend(&s.trend)
	return w.Done()
}

func decodeShow(b []byte) (*show, error) {
	r := newReader(b)
	s := newShow(r.Str(), 0)
	s.maxEventMS, s.watermarkMS, s.activeAt = r.Int(), r.Int(), r.Int()
	s.closing = finalBefore(s.watermarkMS)
	s.state = eventpb.RoomState(r.Uint())
	s.esol, s.platform = r.Str(), r.Str()
	s.lateTotal = r.Int()
	for range r.Count(1) {
		s.lateSample = append(s.lateSample, r.Str())
	}
	s.changed = r.Bool()
	s.fresh, s.freshFrom, s.emittedMS = r.Int(), r.Int(), r.Int()
	r.room(&s.final)
	s.room = s.final
	s.memory = &memory{}
	for i := range s.memory.acted {
		s.memory.acted[i] = int32(r.Uint())
	}
	r.moments(&s.moments)
	r.trend(&s.trend)
	if s.final.frozen() {
		s.memory = nil
	}
	return s, r.End()
}

func (w writer) room(v *room) {
	w.Int(v.pane)
	w.Bool(v.started)
	w.Int(v.start)
	w.Int(v.silent)
	w.warmth(&v.heat)
	w.warmth(&v.raw)
	w.Float(v.acts)
	w.Float(v.acts2)
	w.balance(&v.balance)
	w.Int(v.active)
	w.Int(v.viewers)
	w.Int(v.fano.block)
	w.Bool(v.fano.whole)
	w.Int(v.fano.count)
	for _, x := range []float64{v.fano.weight, v.fano.weight2, v.fano.mean, v.fano.squares} {
		w.Float(x)
	}
	w.Int(v.people)
	w.Int(v.buyers)
	w.Int(v.orders)
	for _, t := range v.totals {
		w.Int(t.events)
		w.Int(t.microjoules)
	}
}

func (r reader) room(v *room) {
	v.pane, v.started, v.start, v.silent = r.Int(), r.Bool(), r.Int(), r.Int()
	r.warmth(&v.heat)
	r.warmth(&v.raw)
	v.acts, v.acts2 = r.Float(), r.Float()
	r.balance(&v.balance)
	v.active, v.viewers = r.Int(), r.Int()
	v.fano.block, v.fano.whole, v.fano.count = r.Int(), r.Bool(), r.Int()
	for _, x := range []*float64{&v.fano.weight, &v.fano.weight2, &v.fano.mean, &v.fano.squares} {
		*x = r.Float()
	}
	v.people, v.buyers, v.orders = r.Int(), r.Int(), r.Int()
	for i := range v.totals {
		v.totals[i] = kindTotal{r.Int(), r.Int()}
	}
}

func (w writer) warmth(v *warmth) {
	w.Float(v.q)
	w.Float(v.v2)
	w.Float(v.power)
	w.Int(v.contributed)
}

func (r reader) warmth(v *warmth) {
	v.q, v.v2, v.power, v.contributed = r.Float(), r.Float(), r.Float(), r.Int()
}

func (w writer) balance(v *balance) {
	for _, x := range v.kept {
		w.Float(x)
	}
	for _, x := range []float64{v.repetition, v.saturation, v.distrust, v.cooling, v.leaving} {
		w.Float(x)
	}
}

func (r reader) balance(v *balance) {
	for i := range v.kept {
		v.kept[i] = r.Float()
	}
	for _, x := range []*float64{&v.repetition, &v.saturation, &v.distrust, &v.cooling, &v.leaving} {
		*x = r.Float()
	}
}

func (w writer) moments(m *moments) {
	w.Bool(m.hot)
	w.Bool(m.raid)
	w.Bool(m.warm)
	w.Int(m.recent)
	w.Int(m.before)
	for _, n := range m.joins {
		w.Int(int64(n))
	}
}

func (r reader) moments(m *moments) {
	m.hot, m.raid, m.warm = r.Bool(), r.Bool(), r.Bool()
	m.recent, m.before = r.Int(), r.Int()
	for i := range m.joins {
		m.joins[i] = int32(r.Int())
	}
}

// trend writes each chunk as the message that it will be published as.
func (w writer) trend(t *trend) {
	w.Int(t.comments)
	w.Int(t.orders)
	w.Uint(uint64(len(t.published)))
	for _, from := range t.published {
		w.Int(from)
	}
	w.Uint(uint64(len(t.chunks)))
	for _, c := range t.chunks {
		w.Bool(c.changed)
		b, err := c.publish().MarshalVTStrict()
		if err != nil {
			panic("cannot happen: marshalling a trend: " + err.Error())
		}
		w.Bytes(b)
	}
}

func (r reader) trend(t *trend) {
	t.comments, t.orders = r.Int(), r.Int()
	for range r.Count(1) {
		t.published = append(t.published, r.Int())
	}
	for range r.Count(2) {
		changed := r.Bool()
		var m eventpb.Trend
		if err := m.UnmarshalVT(r.Bytes()); err != nil {
			r.Fail(fmt.Errorf("reading a trend: %w", err))
			return
		}
		c := &chunk{from: m.FromPane, changed: changed, points: m.Points}
		for _, k := range m.Marks {
			c.marks = append(c.marks, mark{k.Kind, k.TimeMs, k.Id, k.ProductId})
		}
		t.chunks = append(t.chunks, c)
	}
}
