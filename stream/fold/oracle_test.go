package fold_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/fold"
)

// told is what readers must have in the end: credits in order per source and target partition; meters and alerts by
// where they came from; and the state per partition.
type told struct {
	credits map[string][]string // "source partition→target partition": offset/index: event
	meters  map[string]string   // netsu-source: partition, key, value
	latest  map[string]string   // the last value of each meter
	alerts  map[string]string
	state   map[int32]map[string]string
}

func newTold() told {
	strings := func() map[string]string { return map[string]string{} }
	return told{map[string][]string{}, strings(), strings(), strings(), map[int32]map[string]string{}}
}

// expected folds the journal once, in one go, in memory. It knows an event again by what it is, not by its position.
func (w *world) expected() told {
	want := newTold()
	for p, records := range w.read(w.topics.Journal, partitions) {
		mem := state.Memory{}
		store := state.NewStore(mem, 0)
		f, err := w.made(store, int32(p))
		w.must(err)
		known := map[uint64]bool{}
		appendMS := int64(0)
		for _, r := range records {
			var b eventpb.Block
			w.must(b.UnmarshalVT(r.Value))
			var fresh []*eventpb.Event
			for _, e := range b.Events {
				if !known[e.IdLo] {
					known[e.IdLo] = true
					fresh = append(fresh, e)
				}
			}
			if len(fresh) == 0 {
				continue
			}
			appendMS = max(appendMS, r.Timestamp.UnixMilli())
			var out operators.Outputs
			w.must(f.Apply(&operators.Record{Partition: int32(p), Offset: r.Offset, AppendMS: appendMS, Events: fresh}, &out))
			w.expect(&want, int32(p), r.Offset, &out)
		}
		mem.Write(store.Cut())
		want.state[int32(p)] = map[string]string{}
		for k, v := range mem {
			want.state[int32(p)][k] = fmt.Sprintf("%x", v)
		}
	}
	return want
}

func (w *world) expect(want *told, p int32, offset int64, out *operators.Outputs) {
	for i, o := range out.Events {
		to := event.Partition(o.Key, partitions)
		at := fmt.Sprintf("%d→%d", p, to)
		o.Event.SourceOffset, o.Event.SourceIndex = offset, uint32(i)
		v, err := o.Event.MarshalVTStrict()
		w.must(err)
		want.credits[at] = append(want.credits[at], fmt.Sprintf("%d/%d: %x", offset, i, v))
	}
	for i, m := range out.Meters {
		var v []byte
		if m.Meter != nil {
			var err error
			v, err = m.Meter.MarshalVTStrict()
			w.must(err)
		}
		line := fmt.Sprintf("%d %s %t %x", event.Partition(m.Key, partitions), m.Key, v == nil, v)
		want.meters[fmt.Sprintf("show/%d/%d/%d", p, offset, i)] = line
		want.latest[m.Key] = line
	}
	for i, a := range out.Alerts {
		v, err := a.Alert.MarshalVTStrict()
		w.must(err)
		want.alerts[fmt.Sprintf("show/%d/%d/%d", p, offset, i)] =
			fmt.Sprintf("%d %s %t %x", event.Partition(a.Key, partitions), a.Key, false, v)
	}
}

// got reads what was really said, as a reader that drops by position does, and what a new machine restores.
func (w *world) got() told {
	got := newTold()
	for to, records := range w.read(w.topics.Credits, partitions) {
		w.gotCredits(&got, to, records)
	}
	w.gotTold(w.topics.Meters, got.meters, got.latest)
	w.gotTold(w.topics.Alerts, got.alerts, map[string]string{})
	db, err := disk.Open("", quiet)
	w.must(err)
	defer func() { w.must(db.Close()) }()
	for p := range int32(partitions) {
		l, err := changelog.Open(context.Background(), changelog.Settings{
			Cluster: w.broker.Cluster(), Topic: w.topics.ShowChangelog, TopicID: w.layout.IDs[w.topics.ShowChangelog],
			Partition: p, TransactionalID: fmt.Sprintf("netsu-show-%d", p),
		})
		w.must(err)
		res, err := l.Restore(context.Background(), db.Task("show", p), &changelog.Progress{})
		l.Close()
		w.must(err)
		if end := w.end(w.topics.Journal, p); res.Marker.InputOffset != end {
			w.t.Errorf("the last checkpoint of partition %d is at %d, its log ends at %d", p, res.Marker.InputOffset, end)
		}
		got.state[p] = contents(w, db.Task("show", p))
	}
	return got
}

func contents(w *world, t *disk.Task) map[string]string {
	m := map[string]string{}
	w.must(t.Scan("", "\xff", func(k string, v []byte) error { m[k] = fmt.Sprintf("%x", v); return nil }))
	return m
}

func (w *world) gotCredits(got *told, to int, records []*kgo.Record) {
	seen := map[int32]event.Position{}
	for _, r := range records {
		var b eventpb.Block
		w.must(b.UnmarshalVT(r.Value))
		if len(b.Sources) != 1 || b.Sources[0].Topic != w.topics.Journal || b.Sources[0].TopicId != w.layout.IDs[w.topics.Journal] {
			w.t.Fatalf("credits have source %v", b.Sources)
		}
		from := b.Sources[0].Partition
		at := fmt.Sprintf("%d→%d", from, to)
		for _, e := range b.Events {
			p := event.Position{Offset: e.SourceOffset, Index: e.SourceIndex}
			if last, ok := seen[from]; ok && !p.After(last) {
				continue
			}
			seen[from] = p
			v, err := e.MarshalVTStrict()
			w.must(err)
			got.credits[at] = append(got.credits[at], fmt.Sprintf("%d/%d: %x", p.Offset, p.Index, v))
		}
	}
}

func (w *world) gotTold(topic string, all, latest map[string]string) {
	seen := map[string]event.Position{} // by key and source partition, as the feed keeps it
	for to, records := range w.read(topic, partitions) {
		for _, r := range records {
			if len(r.Headers) != 1 || r.Headers[0].Key != fold.SourceHeader {
				w.t.Fatalf("%s: headers %v", topic, r.Headers)
			}
			from := string(r.Headers[0].Value)
			line := fmt.Sprintf("%d %s %t %x", to, r.Key, r.Value == nil, r.Value)
			if before, ok := all[from]; ok && before != line {
				w.t.Errorf("%s of %s was said again otherwise:\n%s\n%s", topic, from, before, line)
			}
			all[from] = line
			var part int32
			var p event.Position
			if _, err := fmt.Sscanf(strings.ReplaceAll(from, "/", " "), "show %d %d %d", &part, &p.Offset, &p.Index); err != nil {
				w.t.Fatalf("%s: source %q", topic, from)
			}
			if last, ok := seen[string(r.Key)]; !ok || p.After(last) {
				seen[string(r.Key)] = p
				latest[string(r.Key)] = line
			}
		}
	}
}

// verify compares what was said and is remembered with what should have been.
func (w *world) verify() {
	w.t.Helper()
	want, got := w.expected(), w.got()
	for _, at := range slices.Sorted(maps.Keys(want.credits)) {
		if !slices.Equal(want.credits[at], got.credits[at]) {
			w.t.Errorf("credits %s:\n%s", at, firstDifference(want.credits[at], got.credits[at]))
		}
	}
	for k := range want.meters {
		if _, ok := got.meters[k]; !ok {
			delete(want.meters, k) // compacted away: what is left must be right, and the latest be there
		}
	}
	for name, m := range map[string][2]map[string]string{
		"meters": {want.meters, got.meters}, "latest meters": {want.latest, got.latest}, "alerts": {want.alerts, got.alerts},
		"state of 0": {want.state[0], got.state[0]}, "state of 1": {want.state[1], got.state[1]},
	} {
		if !maps.Equal(m[0], m[1]) {
			w.t.Errorf("%s: %d wanted, %d there, differing: %q", name, len(m[0]), len(m[1]), differences(m[0], m[1]))
		}
	}
	if len(want.credits) == 0 || len(want.meters) == 0 {
		w.t.Error("nothing was said: the test tests nothing")
	}
}

func firstDifference(want, got []string) string {
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			return fmt.Sprintf("at %d of %d (got %d):\nwant %v\n got %v", i, len(want), len(got),
				want[i:min(i+2, len(want))], got[i:min(i+2, len(got))])
		}
	}
	return ""
}

func endOffset(t rapid.TB, cl *kgo.Client, topic string, p int32) int64 {
	t.Helper()
	ends, err := kadm.NewClient(cl).ListEndOffsets(context.Background(), topic)
	if err != nil {
		t.Fatal(err)
	}
	o, ok := ends.Lookup(topic, p)
	if !ok || o.Err != nil {
		t.Fatalf("end of %s/%d: %v", topic, p, o.Err)
	}
	return o.Offset
}

// differences lists a few.
func differences(want, got map[string]string) (out []string) {
	all := maps.Clone(want)
	maps.Copy(all, got)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if w, g := want[k], got[k]; w != g && len(out) < 4 {
			out = append(out, fmt.Sprintf("%s: want %q, got %q", k, w, g))
		}
	}
	return out
}
