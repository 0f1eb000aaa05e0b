package stream_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/fold"
)

// A witness stands beside a fold, in its state, and counts the events by kind. There are two versions of it, which do not
// read each other's values: so a child with the second is a build whose state has another schema.
//
//	1: version, count               2: version, kind, count; and the table has another name

type witness struct {
	operators.Fold
	version int
	counts  *state.Table[[2]uint64] // kind, count
}

var witnessTables = []string{1: "witness", 2: "witnesses"}

func witnessCodec(version int) state.Codec[[2]uint64] {
	return state.Codec[[2]uint64]{
		Encode: func(v [2]uint64) []byte {
			b := []byte{byte(version)}
			if version == 2 {
				b = binary.BigEndian.AppendUint64(b, v[0])
			}
			return binary.BigEndian.AppendUint64(b, v[1])
		},
		Decode: func(b []byte) (v [2]uint64, err error) {
			switch {
			case len(b) == 9 && b[0] == 1 && version == 1:
				return [2]uint64{0, binary.BigEndian.Uint64(b[1:])}, nil
			case len(b) == 17 && b[0] == 2 && version == 2:
				return [2]uint64{binary.BigEndian.Uint64(b[1:]), binary.BigEndian.Uint64(b[9:])}, nil
			}
			return v, fmt.Errorf("%x is no value of a witness of version %d", b, version)
		},
	}
}

// Apply implements operators.Fold.
func (w *witness) Apply(r *operators.Record, out *operators.Outputs) error {
	for _, e := range r.Events {
		if e.Kind == eventpb.Kind_KIND_TICK {
			continue
		}
		key := fmt.Sprint(int(e.Kind))
		v, _, err := w.counts.Get(key)
		if err != nil {
			return err
		}
		w.counts.Put(key, [2]uint64{uint64(e.Kind), v[1] + 1})
	}
	return w.Fold.Apply(r, out)
}

// witnessed puts a witness beside the folds. It raises their schema by its version, so that 2 is newer than 1.
func witnessed(version int) func(fold.Stage) fold.Stage {
	return func(s fold.Stage) fold.Stage {
		theirs, own := s.Schema, s.New
		s.Schema = theirs + version
		s.New = func(store *state.Store, partition int32) (operators.Fold, error) {
			f, err := own(store, partition)
			if err != nil {
				return nil, err
			}
			return &witness{f, version, state.NewTable(store, witnessTables[version], witnessCodec(version))}, nil
		}
		if version == 2 {
			s.Migrate = func(from int, e state.Entry) ([]state.Entry, error) {
				kind, ok := strings.CutPrefix(e.Key, witnessTables[1]+"/")
				if !ok {
					return nil, nil
				}
				was, err := witnessCodec(1).Decode(e.Value)
				if err != nil {
					return nil, err
				}
				if _, err := fmt.Sscan(kind, &was[0]); err != nil || from != theirs+1 {
					return nil, fmt.Errorf("kind %q, from schema %d: %w", kind, from, err)
				}
				return []state.Entry{{Key: e.Key}, {Key: witnessTables[2] + "/" + kind, Value: witnessCodec(2).Encode(was)}}, nil
			}
		}
		return s
	}
}

// testify compares what the witnesses of all partitions have counted with a plain reading of the logs, each event once.
func testify(ctx context.Context, t *testing.T, c *broker.Cluster, topics broker.Topics, partitions int32) {
	t.Helper()
	for _, s := range [][2]string{
		{topics.Journal, topics.ShowChangelog}, {topics.Journeys, topics.JourneyChangelog}, {topics.Credits, topics.LedgerChangelog},
	} {
		want, total := map[uint64]uint64{}, uint64(0)
		seen := map[string]bool{}
		if err := readTopic(ctx, c, s[0], func(r *kgo.Record) {
			var b eventpb.Block
			if err := b.UnmarshalVT(r.Value); err != nil {
				t.Fatal(err)
			}
			for _, e := range b.Events {
				if e.Kind == eventpb.Kind_KIND_TICK {
					continue
				}
				from := b.Sources[e.Source]
				id := fmt.Sprint(r.Partition, from.TopicId, from.Partition, e.SourceOffset, e.SourceIndex)
				if !seen[id] {
					seen[id] = true
					want[uint64(e.Kind)]++
					total++
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
		got := map[uint64]uint64{}
		for p := range partitions {
			mine := map[string][]byte{}
			if err := changelog.Read(ctx, c, s[1], p, func(e state.Entry) { mine[e.Key] = e.Value }); err != nil {
				t.Fatal(err)
			}
			for key, value := range mine {
				switch table, _, _ := strings.Cut(key, "/"); {
				case table == witnessTables[1] && value != nil:
					t.Errorf("%s/%d still has %s", s[1], p, key)
				case table == witnessTables[2]:
					v, err := witnessCodec(2).Decode(value)
					if err != nil {
						t.Error(err)
					}
					got[v[0]] += v[1]
				}
			}
		}
		if fmt.Sprint(want) != fmt.Sprint(got) || total == 0 {
			t.Errorf("of %s, the witnesses have counted %v by kind, a plain reading finds %v", s[0], got, want)
		}
		t.Logf("%s: %d events, each counted once", s[0], total)
	}
}
