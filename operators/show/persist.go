package show

import (
	"fmt"
	"strconv"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/shardset"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// The state of the fold, by table. What is tentative is never written, so the bytes depend on the log alone.
//
//	clock/0              append time, ingested time, progress
//	catalog/KIND/ID      an entry of the catalog
//	room/SHOW            final room, clock, moments, open trend chunks
//	heads/SHOW/NNN       a 1024th of its heads and orders (shardset)
//	acts/SHOW/PANE/NNNN  4096 acts of an open pane, with what they say and do
//	texts/SHOW/PANE      what was said in one of the last 60 final panes
//	study/SHOW           the study, beside:
//	people/SHOW/NNN      a 1024th of the people it knows
//	profile/SHOW         what the show says of its ESOL
//	words/SHOW, contagion/SHOW, sync/SHOW, outlook/SHOW, trust/SHOW
//	trusted/SHOW/NNN     a 1024th of the people whom trust remembers
//	trusttexts/SHOW/PANE the texts last said in one of its last 60 panes
//	rawwords/SHOW, rawcontagion/SHOW, rawsync/SHOW   the same with everyone believed, where that is not the same
//
// A key is put once per cut: encoding it, which only a cut does, takes its mark away.
type tables struct {
	clock     *state.Table[*Fold]
	catalog   *state.Table[*eventpb.Catalog]
	rooms     *state.Table[*show]
	heads     *state.Table[*headsPart]
	acts      *state.Table[*actChunk]
	texts     *state.Table[*textList]
	study     *state.Table[*show]
	people    *state.Table[*peoplePart]
	profiles  *state.Table[*show]
	libraries []library
	twins     []library
	trust     trustTables
}

// headsPart is a part of a show's memory, or as decoded its content.
type headsPart struct {
	show   *show
	n      int
	heads  []goneHead
	orders []goneOrder
}

// actChunk is a piece of an open pane, or as decoded its content.
type actChunk struct {
	pane   *pane
	n      int
	acts   []act
	extras []extra
	said   []remark
	deeds  []deed
}

// textList is what was said in a final pane, or as decoded its content.
type textList struct {
	show  *show
	pane  int64
	texts []textCount
}

// Schema is the version of the fold's state: which keys there are, and what they hold. An older one is migrated.
const Schema = 5

// encoding is the version that every value starts with, but for those of a library that has its own. No other is read.
const encoding = 3

type (
	writer struct{ *codec.Writer }
	reader struct{ *codec.Reader }
)

func newWriter() writer         { return writer{codec.NewWriter(encoding)} }
func newReader(b []byte) reader { return reader{codec.NewReader(b, encoding)} }

const (
	clockKey  = "0"
	chunkActs = 4096

	partDigits = 3 // of a part's number
)

func (f *Fold) newTables(s *state.Store) tables {
	return tables{
		clock:     state.NewMirror(s, "clock", state.Codec[*Fold]{Encode: encodeClock, Decode: decodeClock}),
		catalog:   state.NewMirror(s, "catalog", state.Codec[*eventpb.Catalog]{Encode: encodeEntry, Decode: decodeEntry}),
		rooms:     state.NewMirror(s, "room", state.Codec[*show]{Encode: encodeShow, Decode: decodeShow}),
		heads:     state.NewMirror(s, "heads", state.Codec[*headsPart]{Encode: encodeHeads, Decode: decodeHeads}),
		acts:      state.NewMirror(s, "acts", state.Codec[*actChunk]{Encode: encodeActs, Decode: decodeActs}),
		texts:     state.NewMirror(s, "texts", state.Codec[*textList]{Encode: encodeTexts, Decode: decodeTexts}),
		study:     state.NewMirror(s, "study", state.Codec[*show]{Encode: encodeStudy, Decode: decodeStudy}),
		people:    state.NewMirror(s, "people", state.Codec[*peoplePart]{Encode: encodePeople, Decode: decodePeople}),
		profiles:  state.NewMirror(s, "profile", state.Codec[*show]{Encode: encodeProfile, Decode: decodeProfile}),
		libraries: newLibraries(s), twins: newTwins(s), trust: newTrustTables(s),
	}
}

func chunkOf(i int) int  { return i / chunkActs }
func chunksOf(n int) int { return (n + chunkActs - 1) / chunkActs }

func partKey(show string, n int) string { return show + "/" + hexOf(uint64(n), partDigits) }
func paneKey(s *show, k int64) string   { return s.id + "/" + hexOf(uint64(k), 16) }
func chunkKey(s *show, k int64, n int) string {
	return s.id + "/" + hexOf(uint64(k), 16) + "/" + hexOf(uint64(n), 4)
}

// hexOf is n in digits hex digits, at most 16: what fmt does with %016x, at a tenth of the time.
func hexOf(n uint64, digits int) string {
	var b [16]byte
	for i := digits - 1; i >= 0; i, n = i-1, n>>4 {
		b[i] = "0123456789abcdef"[n&15]
	}
	return string(b[:digits])
}

// cutKey splits a number of fixed width off the end of a key.
func cutKey(key string, width int) (rest string, n int64, err error) {
	at := len(key) - width - 1
	if at < 0 || key[at] != '/' {
		return "", 0, fmt.Errorf("the state key %q has no number at its end", key)
	}
	u, err := strconv.ParseUint(key[at+1:], 16, 64)
	return key[:at], int64(u), err
}

func (f *Fold) markClock() {
	if !f.marked {
		f.marked = true
		f.tables.clock.Put(clockKey, f)
	}
}

func (f *Fold) markShow(s *show) {
	if !s.marked {
		s.marked = true
		f.tables.rooms.Put(s.id, s)
	}
}

// markActs marks the chunk that holds act i of the pane.
func (f *Fold) markActs(s *show, p *pane, i int) {
	if n := chunkOf(i); n >= len(p.marked) || p.marked[n] == nil {
		f.markChunk(s, p, n)
	}
}

func (f *Fold) markChunk(s *show, p *pane, n int) {
	for len(p.marked) <= n {
		p.marked = append(p.marked, nil)
	}
	if p.marked[n] == nil {
		p.marked[n] = &actChunk{pane: p, n: n}
		f.tables.acts.Put(chunkKey(s, p.number, n), p.marked[n])
	}
}

func (f *Fold) dropChunk(s *show, p *pane, n int) {
	p.marked[n] = nil
	if n < p.inState {
		f.tables.acts.Delete(chunkKey(s, p.number, n))
	} else {
		f.tables.acts.Withdraw(chunkKey(s, p.number, n))
	}
}

// keep marks what a pane that has become final changed in the show's memory.
func (f *Fold) keep(s *show, u *undo, k int64) {
	var dirty shardset.Set
	if u.frozen != nil {
		dirty = s.stored
	}
	for i := range u.touched {
		dirty.Add(partOf(u.touched[i].id))
	}
	for _, x := range u.sales {
		dirty.Add(partOf(x.ref))
	}
	for _, g := range u.headsGone {
		dirty.Add(partOf(g.id))
	}
	for _, g := range u.ordersGone {
		dirty.Add(partOf(g.id))
	}
	s.stored.Union(&dirty)
	fresh := s.inCut.Take(&dirty)
	fresh.Each(func(n int) { f.tables.heads.Put(partKey(s.id, n), &headsPart{show: s, n: n}) })
	if s.memory == nil {
		return
	}
	if len(*s.memory.texts(k)) > 0 {
		f.tables.texts.Put(paneKey(s, k), &textList{show: s, pane: k})
	}
	if len(*s.memory.texts(k - textPanes)) > 0 {
		f.dropTexts(s, k-textPanes)
	}
}

// dropTexts may withdraw: a pane becomes final, and its texts are put, once.
func (f *Fold) dropTexts(s *show, k int64) { f.tables.texts.Withdraw(paneKey(s, k)) }

func (f *Fold) dropHeads(s *show) {
	s.stored.Each(func(n int) { f.tables.heads.Delete(partKey(s.id, n)) })
	s.stored, s.inCut = shardset.Set{}, shardset.Set{}
}

// forgetShow removes every key of a show.
func (f *Fold) forgetShow(s *show) {
	s.goBack(s.final.pane)
	f.tables.rooms.Delete(s.id)
	f.forgetStudy(s)
	f.tables.profiles.Delete(s.id)
	f.dropHeads(s)
	for _, p := range s.panes {
		for n := range chunksOf(len(p.acts)) {
			f.dropChunk(s, p, n)
		}
	}
	if s.memory != nil {
		for k := s.final.pane - textPanes + 1; k <= s.final.pane; k++ {
			if len(*s.memory.texts(k)) > 0 {
				f.dropTexts(s, k)
			}
		}
	}
}

// load reads the whole state.
func (f *Fold) load() error {
	if err := f.tables.clock.Range("", "", func(_ string, c *Fold) error {
		f.appendMS, f.ingestedMS, f.progress, f.emitted = c.appendMS, c.ingestedMS, c.progress, c.emitted
		return nil
	}); err != nil {
		return err
	}
	if err := f.tables.catalog.Range("", "", func(key string, c *eventpb.Catalog) error {
		f.catalog.entries[key] = c
		return nil
	}); err != nil {
		return err
	}
	if err := f.tables.rooms.Range("", "", func(_ string, s *show) error {
		f.insert(s)
		if s.changed {
			f.changed = append(f.changed, s)
		}
		return nil
	}); err != nil {
		return err
	}
	if err := f.loadPanes(); err != nil {
		return err
	}
	if err := f.loadProfiles(); err != nil {
		return err
	}
	if err := f.loadStudies(); err != nil {
		return err
	}
	for _, s := range f.order { // what is away is looked at like the rest, and not kept
		if s.unread = s.silent(); f.mayPutAway(s) {
			s.putStudyAway()
		}
	}
	if err := f.tables.heads.Range("", "", func(key string, v *headsPart) error {
		s, n, err := f.partOf(key)
		if err == nil && !s.unread {
			s.loadPart(n, v)
		}
		return err
	}); err != nil {
		return err
	}
	return f.loadLibraries()
}

// partOf is whose part a key is, and which.
func (f *Fold) partOf(key string) (*show, int, error) {
	id, n, err := cutKey(key, partDigits)
	if err != nil {
		return nil, 0, err
	}
	s := f.shows[id]
	if s == nil {
		return nil, 0, errNoRoom(id)
	}
	if n >= shardset.Shards {
		return nil, 0, fmt.Errorf("the state has part %d of show %q; there are %d", n, id, shardset.Shards)
	}
	return s, int(n), nil
}

// loadPanes reads what was said and done.
func (f *Fold) loadPanes() error {
	if err := f.tables.acts.Range("", "", func(key string, v *actChunk) error {
		rest, _, err := cutKey(key, 4)
		if err != nil {
			return err
		}
		id, k, err := cutKey(rest, 16)
		if err != nil {
			return err
		}
		s, err := f.owner(id)
		if err != nil {
			return err
		}
		s.loadActs(k, v)
		return nil
	}); err != nil {
		return err
	}
	return f.tables.texts.Range("", "", func(key string, v *textList) error {
		id, k, err := cutKey(key, 16)
		if err != nil {
			return err
		}
		s, err := f.owner(id)
		if err != nil {
			return err
		}
		*s.memory.texts(k) = v.texts
		for _, t := range v.texts {
			s.memory.say(t.hash, t.n)
		}
		return nil
	})
}

// owner is the show that a part of the state belongs to, with a memory to put it in.
func (f *Fold) owner(id string) (*show, error) {
	s := f.shows[id]
	if s == nil {
		return nil, errNoRoom(id)
	}
	if s.memory == nil {
		s.memory = &memory{}
	}
	return s, nil
}

func (s *show) loadPart(n int, v *headsPart) {
	if s.memory == nil {
		s.memory = &memory{}
	}
	for _, h := range v.heads {
		slot, _ := s.memory.shards[shardOf(h.id)].heads.put(h.id)
		*slot = h.head
	}
	for _, o := range v.orders {
		slot, _ := s.memory.shards[shardOf(o.id)].orders.put(o.id)
		*slot = o.pane
	}
	s.memory.heads += len(v.heads)
	s.memory.orders += len(v.orders)
	s.stored.Add(n)
}

func (s *show) loadActs(k int64, v *actChunk) {
	p := s.paneAt(k)
	p.acts = append(p.acts, v.acts...)
	p.extras = append(p.extras, v.extras...)
	p.said = append(p.said, v.said...)
	p.deeds = append(p.deeds, v.deeds...)
	p.marked = append(p.marked, nil)
	p.inState = len(p.marked)
	for _, a := range v.acts {
		at, _ := s.ids.put(a.id)
		*at = k
	}
	for _, x := range v.extras {
		if x.kind == eventpb.Kind_KIND_RETRACT {
			s.retractions++
		}
	}
}

func encodeClock(f *Fold) []byte {
	f.marked = false
	w := newWriter()
	w.Int(f.appendMS)
	w.Int(f.ingestedMS)
	w.Int(f.progress)
	w.Int(f.emitted)
	return w.Done()
}

func decodeClock(b []byte) (*Fold, error) {
	r := newReader(b)
	f := &Fold{appendMS: r.Int(), ingestedMS: r.Int(), progress: r.Int(), emitted: r.Int()}
	return f, r.End()
}

func encodeEntry(c *eventpb.Catalog) []byte {
	w := newWriter()
	b, err := c.MarshalVTStrict()
	if err != nil {
		panic("cannot happen: marshalling a catalog entry: " + err.Error())
	}
	w.Bytes(b)
	return w.Done()
}

func decodeEntry(b []byte) (*eventpb.Catalog, error) {
	r := newReader(b)
	c := &eventpb.Catalog{}
	if err := c.UnmarshalVT(r.Bytes()); err != nil {
		r.Fail(fmt.Errorf("reading a catalog entry: %w", err))
	}
	return c, r.End()
}

func encodeHeads(v *headsPart) []byte {
	past := v.show.asFinal() // which may exchange the memory
	v.show.inCut.Remove(v.n)
	heads, orders := past.part(v.show.memory, v.n)
	return (&headsPart{heads: heads, orders: orders}).encode()
}

func (v *headsPart) encode() []byte {
	w := newWriter()
	w.Uint(uint64(len(v.heads)))
	for _, h := range v.heads {
		w.ID(h.id)
		w.Float(h.head.heat)
		w.Float(h.head.raw)
		w.Int(h.head.last)
		w.Bool(h.head.bought)
	}
	w.Uint(uint64(len(v.orders)))
	for _, o := range v.orders {
		w.ID(o.id)
		w.Int(o.pane)
	}
	return w.Done()
}

func decodeHeads(b []byte) (*headsPart, error) {
	r := newReader(b)
	v := &headsPart{}
	for range r.Count(34) {
		v.heads = append(v.heads, goneHead{r.ID(), head{heat: r.Float(), raw: r.Float(), last: r.Int(), bought: r.Bool()}})
	}
	for range r.Count(17) {
		v.orders = append(v.orders, goneOrder{r.ID(), r.Int()})
	}
	return v, r.End()
}

func encodeTexts(v *textList) []byte {
	w := newWriter()
	list := *v.show.memory.texts(v.pane)
	w.Uint(uint64(len(list)))
	for _, t := range list {
		w.Hash(t.hash)
		w.Int(t.n)
	}
	return w.Done()
}

func decodeTexts(b []byte) (*textList, error) {
	r := newReader(b)
	v := &textList{}
	for range r.Count(9) {
		v.texts = append(v.texts, textCount{r.Hash(), r.Int()})
	}
	return v, r.End()
}
