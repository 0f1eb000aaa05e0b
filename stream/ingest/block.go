package ingest

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Field numbers of eventpb.Block, for writing one piece by piece.
const (
	blockVersion = 1
	blockSources = 2
	blockEvents  = 3
)

// source is a raw partition as a block names it: encoded once, since every block repeats it.
type source struct{ encoded []byte }

func newSource(topic, topicID string, partition int32) *source {
	s := &eventpb.Source{Topic: topic, TopicId: topicID, Partition: partition}
	b, err := s.MarshalVTStrict()
	if err != nil {
		panic("cannot happen: a source does not encode: " + err.Error())
	}
	return &source{encoded: protowire.AppendBytes(protowire.AppendTag(nil, blockSources, protowire.BytesType), b)}
}

// block collects the events of one target partition as they will be on the wire: events are encoded as they come, so
// nothing of the raw record is kept, and the sources go before them when the block is sealed. The result is byte for
// byte what eventpb.Block.MarshalVTStrict gives.
type block struct {
	sources []*source
	header  int // bytes of version and sources
	events  []byte
	count   int
}

// add encodes e behind the others; its source must not be nil. It returns false, and adds nothing, if the block would
// grow beyond event.MaxBlockBytes: seal it first. A block that is empty takes any event (see maxEventBytes).
func (b *block) add(e *eventpb.Event, from *source) bool {
	index, known := b.index(from)
	e.Source = uint32(index)
	size := e.SizeVT()
	entry := protowire.SizeTag(blockEvents) + protowire.SizeBytes(size)
	if b.count > 0 && 2+b.header+len(from.encoded)+len(b.events)+entry > event.MaxBlockBytes {
		return false
	}
	if !known {
		b.sources = append(b.sources, from)
		b.header += len(from.encoded)
	}
	b.append(e, size)
	return true
}

// addOwn encodes an event that Netsu itself says (a tick), which has no source.
func (b *block) addOwn(e *eventpb.Event) { b.append(e, e.SizeVT()) }

func (b *block) append(e *eventpb.Event, size int) {
	b.events = protowire.AppendTag(b.events, blockEvents, protowire.BytesType)
	b.events = protowire.AppendVarint(b.events, uint64(size))
	from := len(b.events)
	b.events = append(b.events, make([]byte, size)...) // the compiler grows in place
	if _, err := e.MarshalToSizedBufferVTStrict(b.events[from:]); err != nil {
		panic("cannot happen: an event does not encode: " + err.Error())
	}
	b.count++
}

func (b *block) index(from *source) (i int, known bool) {
	for i := len(b.sources) - 1; i >= 0; i-- {
		if b.sources[i] == from {
			return i, true
		}
	}
	return len(b.sources), false
}

// seal returns the block's bytes and empties it, keeping its memory.
func (b *block) seal() []byte {
	out := make([]byte, 0, 2+b.header+len(b.events))
	out = protowire.AppendTag(out, blockVersion, protowire.VarintType)
	out = protowire.AppendVarint(out, event.Version)
	for _, s := range b.sources {
		out = append(out, s.encoded...)
	}
	out = append(out, b.events...)
	clear(b.sources)
	b.sources, b.header, b.events, b.count = b.sources[:0], 0, b.events[:0], 0
	return out
}
