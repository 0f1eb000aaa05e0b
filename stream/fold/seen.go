package fold

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// sourcesMax bounds the sources whose positions are kept. There is one per partition of an upstream topic, and again
// when a topic is deleted and made anew; no installation comes near.
const sourcesMax = 1 << 16

var errSources = errors.New("more than 65,536 upstream partitions have been seen; the state must be rebuilt")

// seen is the greatest position per source. It is part of the task's state: the marker holds it.
type seen struct {
	at  map[source]*event.Position
	of  []*event.Position // of the block at hand, by index of its sources
	new []*eventpb.Event  // of the block at hand
}

type source struct {
	topic, id string
	partition int32
}

func newSeen(marks []state.SourceMark) *seen {
	s := &seen{at: map[source]*event.Position{}}
	for _, m := range marks {
		s.at[source{m.Topic, m.TopicID, m.Partition}] = &event.Position{Offset: m.Offset, Index: m.Index}
	}
	return s
}

// fresh returns the events of b that come after what has been seen from their source, and takes those for seen. Events
// without a source are fresh. The slice is good until the next call. b stays as it is: its memory is reused by the next
// decode, and what were cut off its end would then not be reset.
func (s *seen) fresh(b *eventpb.Block) ([]*eventpb.Event, error) {
	if len(b.Sources) == 0 {
		return b.Events, nil
	}
	s.of = s.of[:0]
	for _, src := range b.Sources {
		at := s.at[source{src.Topic, src.TopicId, src.Partition}]
		if at == nil {
			if len(s.at) >= sourcesMax {
				return nil, errSources
			}
			at = &event.Position{Offset: -1}
			s.at[source{strings.Clone(src.Topic), strings.Clone(src.TopicId), src.Partition}] = at
		}
		s.of = append(s.of, at)
	}
	s.new = s.new[:0]
	for _, e := range b.Events {
		p := event.Position{Offset: e.SourceOffset, Index: e.SourceIndex}
		if p.After(*s.of[e.Source]) {
			*s.of[e.Source] = p
			s.new = append(s.new, e)
		}
	}
	return s.new, nil
}

// marks are the positions in the order that a marker has them.
func (s *seen) marks() []state.SourceMark {
	marks := make([]state.SourceMark, 0, len(s.at))
	for src, at := range s.at {
		if at.Offset < 0 {
			continue // named by a block, but nothing came of it
		}
		marks = append(marks, state.SourceMark{
			Topic: src.topic, TopicID: src.id, Partition: src.partition, Offset: at.Offset, Index: at.Index,
		})
	}
	slices.SortFunc(marks, func(a, b state.SourceMark) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.TopicID, b.TopicID), cmp.Compare(a.Partition, b.Partition))
	})
	return marks
}
