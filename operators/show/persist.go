package show

import (
	"fmt"
	"math/bits"
	"strconv"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// The state of the fold, by table. What is tentative is never written, so the bytes depend on the log alone.
//
//	clock/0              append time, ingested time, progress
//	catalog/KIND/ID      an entry of the catalog
//	room/SHOW            final room, clock, moments, open trend chunks
//	heads/SHOW/NN        a 32nd of its heads and orders
//	acts/SHOW/PANE/NNNN  4096 acts of an open pane, with what they say and do
//	texts/SHOW/PANE      what was said in one of the last 60 final panes
//	study/SHOW           the study, beside:
//	people/SHOW/NN       a 32nd of the people it knows
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
	heads     *state.Table[*shardValue]
	acts      *state.Table[*actChunk]
	texts     *state.Table[*textList]
	study     *state.Table[*show]
	people    *state.Table[*peopleShard]
	profiles  *state.Table[*show]
	libraries []library
	twins     []library
	trust     trustTables
}

// shardValue is one shard of a show's memory, or as decoded its content.
type shardValue struct {
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
const Schema = 4

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
)

func (f *Fold) newTables(s *state.Store) tables {
	return tables{
		clock:     state.NewTable(s, "clock", state.Codec[*Fold]{Encode: encodeClock, Decode: decodeClock}),
		catalog:   state.NewTable(s, "catalog", state.Codec[*eventpb.Catalog]{Encode: encodeEntry, Decode: decodeEntry}),
		rooms:     state.NewTable(s, "room", state.Codec[*show]{Encode: encodeShow, Decode: decodeShow}),
		heads:     state.NewTable(s, "heads", state.Codec[*shardValue]{Encode: encodeShard, Decode: decodeShard}),
		acts:      state.NewTable(s, "acts", state.Codec[*actChunk]{Encode: encodeActs, Decode: decodeActs}),
		texts:     state.NewTable(s, "texts", state.Codec[*textList]{Encode: encodeTexts, Decode: decodeTexts}),
		study:     state.NewTable(s, "study", state.Codec[*show]{Encode: encodeStudy, Decode: decodeStudy}),
		people:    state.NewTable(s, "people", state.Codec[*peopleShard]{Encode: encodePeople, Decode: decodePeople}),
		profiles:  state.NewTable(s, "profile", state.Codec[*show]{Encode: encodeProfile, Decode: decodeProfile}),
		libraries: newLibraries(s), twins: newTwins(s), trust: newTrustTables(s),
	}
}

func chunkOf(i int) int  { return i / chunkActs }
func chunksOf(n int) int { return (n + chunkActs - 1) / chunkActs }

func shardKey(s *show, n int) string  { return s.id + "/" + hexOf(uint64(n), 2) }
func paneKey(s *show, k int64) string { return s.id + "/" + hexOf(uint64(k), 16) }
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
	var dirty uint32
	if u.frozen != nil {
		dirty = s.inShards
	}
	for i := range u.touched {
		dirty |= 1 << shardOf(u.touched[i].id)
	}
	for _, x := range u.sales {
		dirty |= 1 << shardOf(x.ref)
	}
	for _, g := range u.headsGone {
		dirty |= 1 << shardOf(g.id)
	}
	for _, g := range u.ordersGone {
		dirty |= 1 << shardOf(g.id)
	}
	s.inShards |= dirty
	for dirty &^= s.inCut; dirty != 0; dirty &= dirty - 1 {
		n := bits.TrailingZeros32(dirty)
		s.inCut |= 1 << n
		f.tables.heads.Put(shardKey(s, n), &shardValue{show: s, n: n})
	}
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

func (f *Fold) dropShards(s *show) {
	for ; s.inShards != 0; s.inShards &= s.inShards - 1 {
		f.tables.heads.Delete(shardKey(s, bits.TrailingZeros32(s.inShards)))
	}
	s.inCut = 0
}

// forgetShow removes every key of a show.
func (f *Fold) forgetShow(s *show) {
	s.goBack(s.final.pane)
	f.tables.rooms.Delete(s.id)
	f.forgetStudy(s)
	f.tables.profiles.Delete(s.id)
	f.dropShards(s)
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
	if err := f.tables.heads.Range("", "", func(key string, v *shardValue) error {
		s, n, err := f.shardOf(key)
		if err == nil && !s.unread {
			s.loadShard(n, v)
		}
		return err
	}); err != nil {
		return err
	}
	return f.loadLibraries()
}

// shardOf is whose shard a key is, and which.
func (f *Fold) shardOf(key string) (*show, int, error) {
	id, n, err := cutKey(key, 2)
	if err != nil {
		return nil, 0, err
	}
	s := f.shows[id]
	if s == nil {
		return nil, 0, errNoRoom(id)
	}
	if n >= shards {
		return nil, 0, fmt.Errorf("the state has shard %d of show %q; there are %d", n, id, shards)
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

func (s *show) loadShard(n int, v *shardValue) {
	if s.memory == nil {
		s.memory = &memory{}
	}
	sh := &s.memory.shards[n]
	for _, h := range v.heads {
		slot, _ := sh.heads.put(h.id)
		*slot = h.head
	}
	for _, o := range v.orders {
		slot, _ := sh.orders.put(o.id)
		*slot = o.pane
	}
	s.memory.heads += sh.heads.n
	s.memory.orders += sh.orders.n
	s.inShards |= 1 << n
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

func encodeShard(v *shardValue) []byte {
	past := v.show.asFinal()
	v.show.inCut &^= 1 << v.n
	now := &shard{}
	if v.show.memory != nil {
		now = &v.show.memory.shards[v.n]
	}
	heads, orders := past.shard(now, v.n)
	w := newWriter()
	w.Uint(uint64(len(heads)))
	for _, h := range heads {
		w.ID(h.id)
		w.Float(h.head.heat)
		w.Float(h.head.raw)
		w.Int(h.head.last)
		w.Bool(h.head.bought)
	}
	w.Uint(uint64(len(orders)))
	for _, o := range orders {
		w.ID(o.id)
		w.Int(o.pane)
	}
	return w.Done()
}

func decodeShard(b []byte) (*shardValue, error) {
	r := newReader(b)
	v := &shardValue{}
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
