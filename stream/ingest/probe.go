package ingest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/netsu/netsu/stream/broker"
)

// place is a raw partition.
type place struct {
	topic     string
	partition int32
}

func (p place) String() string { return fmt.Sprintf("%s/%d", p.topic, p.partition) }

// survey is what the cluster said of the raw topics. Everything that had been written by `at` lies below `ends`.
type survey struct {
	at        time.Time
	ends      map[place]int64 // last stable offsets: what a reader of committed records can reach
	starts    map[place]int64
	committed map[place]int64 // the group's; only for those that have one
	saidMS    map[place]int64 // event time that was reached by then, where the commit says so
}

// group is how far the group has committed, or the log begins.
func (s *survey) group(at place) int64 { return max(s.committed[at], s.starts[at]) }

// said is the time that was reached in a partition, math.MinInt64 where nobody has said.
func (s *survey) said(at place) int64 {
	if ms, ok := s.saidMS[at]; ok {
		return ms
	}
	return math.MinInt64
}

// probe asks at a time for the ends of the raw partitions, and with full for their starts and the group's commits too.
func probe(ctx context.Context, adm *kadm.Client, t broker.Topics, at time.Time, full bool) (*survey, error) {
	topics := t.Raw()
	s := &survey{at: at}
	ends, err := adm.ListCommittedOffsets(ctx, topics...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("listing the ends of the raw topics: %w", err)
	}
	s.ends = listed(ends)
	if !full {
		return s, nil
	}
	starts, err := adm.ListStartOffsets(ctx, topics...)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("listing the starts of the raw topics: %w", err)
	}
	s.starts = listed(starts)
	commits, err := adm.FetchOffsets(ctx, Group(t))
	if err == nil {
		err = commits.Error()
	}
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) { // a group that never committed may not exist yet
		return nil, fmt.Errorf("reading the group's offsets: %w", err)
	}
	s.committed, s.saidMS = map[place]int64{}, map[place]int64{}
	commits.Each(func(o kadm.OffsetResponse) {
		if o.At < 0 {
			return
		}
		at := place{o.Topic, o.Partition}
		s.committed[at] = o.At
		if ms, ok := readNote(o.Metadata); ok {
			s.saidMS[at] = ms
		}
	})
	return s, nil
}

func listed(l kadm.ListedOffsets) map[place]int64 {
	m := map[place]int64{}
	l.Each(func(o kadm.ListedOffset) { m[place{o.Topic, o.Partition}] = o.Offset })
	return m
}

// reached tells whether everything the survey saw has been ingested: by this member, whose lanes say how far they are,
// or by others, who have committed it. What they have committed is as of now, and not of the survey: in a steady stream
// they have never committed all that is there.
func (s *survey) reached(lanes map[place]*lane, full *survey) bool {
	for p, end := range s.ends {
		at := full.group(p)
		if l := lanes[p]; l != nil {
			at = max(l.next, l.start)
		}
		if at < end {
			return false
		}
	}
	return true
}
