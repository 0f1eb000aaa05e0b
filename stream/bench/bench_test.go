package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/feed/livemeter"
)

// TestMain is the program that a run starts as its children.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == ChildCommand {
		if err := Child(context.Background(), os.Stdin, os.Stdout); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestRunMeasuresEveryPhase(t *testing.T) {
	var said []string
	r, err := Run(t.Context(), Config{Events: 6000, Shows: 7, Seed: 3, Dir: t.TempDir(), Partitions: 2, LatencySeconds: 1,
		ProfileDir: t.TempDir(), Progress: func(format string, _ ...any) { said = append(said, format) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Phases) != 4 || r.Events != 6000 || r.Bytes < 100*6000 || len(said) == 0 {
		t.Fatalf("report %+v", r)
	}
	for i, name := range []string{Consume, Decode, Room, All} {
		p := r.Phases[i]
		if p.Name != name || p.Events != 6000 || p.Wall <= 0 || p.CPU <= 0 {
			t.Errorf("phase %d is %+v, want 6000 events of %s", i, p, name)
		}
		if runtime.GOOS == "linux" && p.PeakRSS < 1<<20 {
			t.Errorf("%s: a peak of %d bytes", name, p.PeakRSS)
		}
	}
	if l := r.Latency; l.Comments < 5 || l.P50 <= 0 || l.P50 > l.P99 || l.P99 > l.Max || l.Frames <= 0 || l.Rate < 10 {
		t.Errorf("latency %+v", *l)
	}
	var table bytes.Buffer
	if err := r.Print(&table); err != nil || !strings.Contains(table.String(), "room") {
		t.Errorf("printed %q, %v", &table, err)
	}
	b, err := json.Marshal(r)
	if err != nil || !json.Valid(b) {
		t.Error(err)
	}
}

func TestWrongSettingsAreRefused(t *testing.T) {
	for _, c := range []Config{{Shows: 1}, {Events: 1}, {Events: 1, Shows: 1, Phases: []string{"ingest"}}} {
		if r, err := Run(t.Context(), c); err == nil {
			t.Errorf("%+v gives %+v", c, r)
		}
	}
}

func TestSameSeedSameRecords(t *testing.T) {
	a, err := generate(t.Context(), shows(5, 9, backlogStart, 1), 3000)
	if err != nil {
		t.Fatal(err)
	}
	b, err := generate(t.Context(), shows(5, 9, backlogStart, 1), 3000)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Error("the records differ")
	}
	c, err := generate(t.Context(), shows(6, 9, backlogStart, 1), 3000)
	if err != nil {
		t.Fatal(err)
	}
	if reflect.DeepEqual(a, c) {
		t.Error("another seed makes the same records")
	}
}

// A busy end of ticks must not hide the last record that is more, nor a partition without one be taken for done late.
func TestLastOffsetsSkipTicks(t *testing.T) {
	e, err := broker.StartEmbedded(broker.EmbeddedSettings{Logger: logger(), TidyEvery: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	topics := broker.DefaultTopics()
	if _, err := broker.Create(t.Context(), e.Cluster(), topics, 3, 1); err != nil {
		t.Fatal(err)
	}
	block := func(kinds ...eventpb.Kind) []byte {
		b := &eventpb.Block{Version: event.Version}
		for _, k := range kinds {
			b.Events = append(b.Events, &eventpb.Event{Kind: k})
		}
		v, err := b.MarshalVTStrict()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tick := block(eventpb.Kind_KIND_TICK)
	data := block(eventpb.Kind_KIND_TICK, eventpb.Kind_KIND_LIKE)
	var records []*kgo.Record
	add := func(partition int32, value []byte, n int) {
		for range n {
			records = append(records, &kgo.Record{Topic: topics.Journal, Partition: partition, Value: value, Timestamp: time.Now()})
		}
	}
	add(0, data, 2)
	add(0, tick, 600) // more than the first look goes back
	add(1, tick, 5)
	add(1, data, 1)
	add(2, tick, 9)
	cl, err := e.Cluster().Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	got, err := lastOffsets(t.Context(), e.Cluster(), topics.Journal)
	if want := map[int32]int64{0: 1, 1: 5}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("last offsets %v, %v, want %v", got, err, want)
	}
}

// The feed's own examples are what commentsIn must understand.
func TestCommentsInReadsTheFeed(t *testing.T) {
	var frames []string
	for _, name := range []string{"snap", "delta"} {
		frame, err := os.ReadFile("../feed/testdata/example_" + name + "_show.json")
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, string(frame))
	}
	var f livemeter.Follower
	for _, c := range []struct {
		frame string
		n     int
		ok    bool
		bad   bool
	}{
		{frame: `{"t":"ack","sub":1,"topic":"show/S42","keys":{"/money/gmv":"currency","/room/provisional/totals":"kind"}}`},
		{frame: frames[0], n: 1904, ok: true},
		{frame: frames[1], n: 1904, ok: true},
		{frame: frames[1], bad: true}, // again: not from the state that is held
		{frame: frames[0], n: 1904, ok: true},
		{frame: strings.Replace(frames[1], `"12800"`, `"12801"`, 1), bad: true}, // not what its hash says
		{frame: `{"t":"snap","sub":1,"data":null,"reason":"not_yet"}`},
		{frame: `{"t":"hb","n":1}`},
		{frame: `{"t":"err","message":"no"}`, bad: true},
		{frame: `{`, bad: true},
	} {
		n, ok, err := commentsIn(&f, []byte(c.frame))
		if n != c.n || ok != c.ok || (err != nil) != c.bad {
			t.Errorf("%.60s: %d, %v, %v", c.frame, n, ok, err)
		}
	}
}

func TestProbeCountsEachCommentOnce(t *testing.T) {
	at := time.Now()
	p := &probe{}
	for k := range 6 { // one a second: the first three are the warm-up
		p.sent = append(p.sent, at.Add(time.Duration(k)*time.Second))
	}
	p.counted(2, at.Add(1100*time.Millisecond))
	p.counted(4, at.Add(3200*time.Millisecond))
	p.counted(4, at.Add(3300*time.Millisecond))
	p.counted(5, at.Add(4400*time.Millisecond))
	l, err := p.summary(7)
	if err != nil {
		t.Fatal(err)
	}
	if l.Comments != 2 || l.Unseen != 1 || l.P50 != 200*time.Millisecond || l.Max != 400*time.Millisecond || l.Rate != 7 {
		t.Errorf("%+v", *l)
	}
	if _, err := (&probe{sent: p.sent}).summary(7); err == nil {
		t.Error("a feed that shows nothing has a latency")
	}
}
