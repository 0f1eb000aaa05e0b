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
	w.string(s.id)
	w.int(s.maxEventMS)
	w.int(s.watermarkMS)
	w.int(s.activeAt)
	w.uint(uint64(s.state))
	w.string(s.esol)
	w.string(s.platform)
	w.int(s.lateTotal)
	w.uint(uint64(len(s.lateSample)))
	for _, id := range s.lateSample {
		w.string(id)
	}
	w.bool(s.changed)
	w.int(s.fresh)
	w.int(s.freshFrom)
	w.int(s.emittedMS)
	w.room(&s.final)
	for _, n := range past.acted {
		w.uint(uint64(n))
	}
	w.moments(&s.moments)
	w.trend(&s.trend)
	return w.b
}

func decodeShow(b []byte) (*show, error) {
	r := newReader(b)
	s := newShow(r.string(), 0)
	s.maxEventMS, s.watermarkMS, s.activeAt = r.int(), r.int(), r.int()
	s.closing = finalBefore(s.watermarkMS)
	s.state = eventpb.RoomState(r.uint())
	s.esol, s.platform = r.string(), r.string()
	s.lateTotal = r.int()
	for range r.count(1) {
		s.lateSample = append(s.lateSample, r.string())
	}
	s.changed = r.bool()
	s.fresh, s.freshFrom, s.emittedMS = r.int(), r.int(), r.int()
	r.room(&s.final)
	s.room = s.final
	s.memory = &memory{}
	for i := range s.memory.acted {
		s.memory.acted[i] = int32(r.uint())
	}
	r.moments(&s.moments)
	r.trend(&s.trend)
	if s.final.frozen() {
		s.memory = nil
	}
	return s, r.end()
}

func (w *writer) room(v *room) {
	w.int(v.pane)
	w.bool(v.started)
	w.int(v.start)
	w.int(v.silent)
	for _, x := range []float64{v.q, v.v2, v.acts, v.acts2, v.power} {
		w.float(x)
	}
	w.int(v.active)
	w.int(v.viewers)
	w.int(v.fano.block)
	w.bool(v.fano.whole)
	w.int(v.fano.count)
	for _, x := range []float64{v.fano.weight, v.fano.weight2, v.fano.mean, v.fano.squares} {
		w.float(x)
	}
	w.int(v.contributed)
	w.int(v.people)
	w.int(v.buyers)
	w.int(v.orders)
	for _, t := range v.totals {
		w.int(t.events)
		w.int(t.microjoules)
	}
}

func (r *reader) room(v *room) {
	v.pane, v.started, v.start, v.silent = r.int(), r.bool(), r.int(), r.int()
	for _, x := range []*float64{&v.q, &v.v2, &v.acts, &v.acts2, &v.power} {
		*x = r.float()
	}
	v.active, v.viewers = r.int(), r.int()
	v.fano.block, v.fano.whole, v.fano.count = r.int(), r.bool(), r.int()
	for _, x := range []*float64{&v.fano.weight, &v.fano.weight2, &v.fano.mean, &v.fano.squares} {
		*x = r.float()
	}
	v.contributed, v.people, v.buyers, v.orders = r.int(), r.int(), r.int(), r.int()
	for i := range v.totals {
		v.totals[i] = kindTotal{r.int(), r.int()}
	}
}

func (w *writer) moments(m *moments) {
	w.bool(m.hot)
	w.bool(m.raid)
	w.bool(m.warm)
	w.int(m.recent)
	w.int(m.before)
	for _, n := range m.joins {
		w.int(int64(n))
	}
}

func (r *reader) moments(m *moments) {
	m.hot, m.raid, m.warm = r.bool(), r.bool(), r.bool()
	m.recent, m.before = r.int(), r.int()
	for i := range m.joins {
		m.joins[i] = int32(r.int())
	}
}

// trend writes each chunk as the message that it will be published as.
func (w *writer) trend(t *trend) {
	w.int(t.comments)
	w.int(t.orders)
	w.uint(uint64(len(t.published)))
	for _, from := range t.published {
		w.int(from)
	}
	w.uint(uint64(len(t.chunks)))
	for _, c := range t.chunks {
		w.bool(c.changed)
		b, err := c.publish().MarshalVTStrict()
		if err != nil {
			panic("cannot happen: marshalling a trend: " + err.Error())
		}
		w.bytes(b)
	}
}

func (r *reader) trend(t *trend) {
	t.comments, t.orders = r.int(), r.int()
	for range r.count(1) {
		t.published = append(t.published, r.int())
	}
	for range r.count(2) {
		changed := r.bool()
		var m eventpb.Trend
		if err := m.UnmarshalVT(r.bytes()); err != nil {
			r.fail(fmt.Errorf("reading a trend: %w", err))
			return
		}
		c := &chunk{from: m.FromPane, changed: changed, points: m.Points}
		for _, k := range m.Marks {
			c.marks = append(c.marks, mark{k.Kind, k.TimeMs, k.Id, k.ProductId})
		}
		t.chunks = append(t.chunks, c)
	}
}
