package stream_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/bridge"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/source"
)

// TestKafkaKilledBridgeWritesTheSame kills the process of the bridge again and again while a house's topics are written and
// part of what came is in the raw topics, or as soon as part of it is committed. What is folded of these in the end is, byte for byte, what plain JSON comes to,
// and the dead letters are the records that were spoilt.
//
// Nothing is folded until the bridge is through, and at most two pieces of the show are not committed at a kill: how much
// of it is written again is bounded by records, not by how fast this machine is. So what comes twice is never too late to
// be known as such.
func TestKafkaKilledBridgeWritesTheSame(t *testing.T) {
	k := brokertest.Real(t)
	k.Create(t, 3)
	seed, lives, lasts := seedOf(t), 6, 60*time.Second
	if *long {
		lives, lasts = 40, 6*time.Minute
	}
	sc := play(t, seed, lasts, 1, sim.Wire{Disorder: 3 * time.Second, DuplicateRate: .01})
	housed(t, &sc)
	want := sc.undisturbed(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	h := newHouse(ctx, t, k)
	pieces := h.pieces(sc, lives, lasts)
	h.send(pieces[0]) // the catalogue, which is not bridged
	rng := rand.New(rand.NewPCG(seed, 1))
	for i, piece := range pieces[1 : 1+lives] {
		if i%2 == 0 {
			h.dieWriting(piece, rng)
			continue
		}
		h.dieCommitting(piece)
		h.committed()
	}
	h.send(pieces[1+lives])
	h.committed()
	if h.doubled() == 0 {
		t.Error("no kill came between what was written and its commit: the test has lost its teeth")
	}

	start(t, child{DataDir: t.TempDir(), Brokers: h.child.Brokers, Prefix: k.Prefix})
	got := settled(ctx, t, k.Cluster, k.Topics, sc.shows, 2*time.Second)
	if d := diff(finals(want), finals(got)); d != "" {
		t.Errorf("NETSU_TEST_SEED=%d: after the kills, final meters differ:\n%s", seed, d)
	}
	if d := gocmp.Diff(map[string]int64{"bad_bytes": int64(h.spoilt)}, deadLetters(ctx, t, k.Cluster, k.Topics)); d != "" {
		t.Errorf("NETSU_TEST_SEED=%d: dead letters by reason (-want +got):\n%s", seed, d)
	}
}

// house is topics of a house on a real Kafka, and the process that bridges them.
type house struct {
	t      *testing.T
	ctx    context.Context
	k      brokertest.Kafka
	w      writers
	cl     *kgo.Client
	adm    *kadm.Client
	child  child
	raw    int64 // records that the raw topics must have in the end, without what is written again
	spoilt int
	// rare are paths of the registry's schemas that one record each needs; while gate is locked, they are not answered.
	rare map[string]bool
	gate sync.RWMutex
}

func newHouse(ctx context.Context, t *testing.T, k brokertest.Kafka) *house {
	fake := srfake.NewRegistry(srfake.WithGlobalCompat(sr.CompatNone))
	h := &house{t: t, ctx: ctx, k: k, w: writers{t, fake},
		cl: k.Client(t, broker.LogWriter()...), rare: map[string]bool{}}
	h.adm = kadm.NewClient(h.cl)
	known := fake.Handler()
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.rare[r.URL.Path] {
			h.gate.RLock()
			defer h.gate.RUnlock()
		}
		known.ServeHTTP(w, r)
	}))
	t.Cleanup(registry.Close)
	mappings := t.TempDir()
	h.child = child{DataDir: t.TempDir(), Brokers: brokersOf(os.Getenv(brokertest.BrokersEnv)), Prefix: k.Prefix,
		Roles: []stream.Role{stream.RoleBridge}, BridgeMappings: mappings, RegistryURL: registry.URL}
	for topic, text := range houseMappings {
		topic = k.Prefix + topic
		h.child.BridgeTopics = append(h.child.BridgeTopics, topic)
		if err := os.WriteFile(filepath.Join(mappings, topic+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.adm.CreateTopics(ctx, 3, 1, nil, h.child.BridgeTopics...); err != nil {
		t.Fatal(err)
	}
	return h
}

// pieces are the catalogue, the shows in n pieces of as much time each, and what comes afterwards for minutes: orders, of
// which a second writing would come late in their rooms. Each piece of a show has a comment in its
// middle by a schema of its own, and a record that cannot be read.
func (h *house) pieces(sc scenario, n int, lasts time.Duration) [][]*kgo.Record {
	begin := slices.IndexFunc(sc.records, func(r source.Record) bool { return r.Topic != source.Catalog })
	first, of := sc.records[begin].ArriveMS, len(sc.records)-begin
	each := lasts.Milliseconds() / int64(n)
	all, comments := make([][]*kgo.Record, n+2), make([][]comment, n+2)
	for i, r := range sc.records {
		at := 0
		if i >= begin {
			at = 1 + min(n, int((r.ArriveMS-first)/each))
			h.raw++
		}
		rec, ok := h.w.inHouse("mixed", r, max(0, i-begin), of)
		if !ok {
			rec = &kgo.Record{Topic: topicOf(h.k.Topics, r.Topic), Key: r.Key, Value: r.Value}
		} else {
			rec.Topic = h.k.Prefix + rec.Topic
		}
		if r.Topic == source.Comments {
			comments[at] = append(comments[at], comment{len(all[at]), r})
		}
		all[at] = append(all[at], rec)
	}
	for i := 1; i <= n; i++ {
		h.writeRarely(all[i], comments[i][len(comments[i])/2], i)
		all[i] = append(all[i], &kgo.Record{Topic: h.child.BridgeTopics[0], Value: []byte("{} without a schema")})
		h.spoilt++
	}
	return all
}

// comment is a comment's place in a piece, and what it says as Netsu's own JSON.
type comment struct {
	at  int
	raw source.Record
}

// writeRarely writes a comment of the piece anew, by a schema that nothing else is written by.
func (h *house) writeRarely(piece []*kgo.Record, c comment, nth int) {
	value := h.w.write("jsonschema", 100+nth, houseComments, houseValue(rawValue(h.t, c.raw.Value)))
	h.rare[fmt.Sprint("/schemas/ids/", binary.BigEndian.Uint32(value[1:]))] = true
	piece[c.at].Value = value
}

func (h *house) send(records []*kgo.Record) {
	h.t.Helper()
	if err := h.cl.ProduceSync(h.ctx, records...).FirstErr(); err != nil {
		h.t.Fatal("producing:", err)
	}
}

// dieWriting is a life of the bridge that ends when some of what the piece comes to is in the raw topics.
func (h *house) dieWriting(piece []*kgo.Record, rng *rand.Rand) {
	h.t.Helper()
	before := h.written()
	bridged := 0
	for _, r := range piece {
		if slices.Contains(h.child.BridgeTopics, r.Topic) {
			bridged++
		}
	}
	p := start(h.t, h.child)
	h.send(piece)
	mark := before + int64(len(piece)-bridged) + int64(rng.IntN(bridged/2))
	h.await("the bridge wrote nothing", func() bool { return h.written() > mark })
	p.kill()
}

// dieCommitting is a life of the bridge that ends as soon as it has committed anything, while records that it has read wait
// for a schema. What it has committed is never read again.
func (h *house) dieCommitting(piece []*kgo.Record) {
	h.t.Helper()
	h.gate.Lock()
	defer h.gate.Unlock()
	before := h.offsets()
	h.send(piece)
	p := start(h.t, h.child)
	h.await("the bridge committed nothing", func() bool { return h.offsets() > before })
	p.kill()
}

// offsets is how many records of the house are committed.
func (h *house) offsets() (n int64) {
	h.t.Helper()
	committed, err := h.adm.FetchOffsets(h.ctx, bridge.Group(h.k.Topics))
	if err != nil {
		h.t.Fatal(err)
	}
	committed.Each(func(o kadm.OffsetResponse) { n += max(0, o.At) })
	return n
}

// committed is a life of the bridge in which it commits everything, and is killed.
func (h *house) committed() {
	h.t.Helper()
	p := start(h.t, h.child)
	h.await("the bridge did not commit everything", func() bool {
		if how, over := p.ended(); over {
			h.t.Fatal("the bridge ended by itself:", how)
		}
		lags, err := h.adm.Lag(h.ctx, bridge.Group(h.k.Topics))
		group, ok := lags[bridge.Group(h.k.Topics)]
		return err == nil && ok && group.Error() == nil && group.Lag.Total() == 0
	})
	p.kill()
}

// written is how many records the raw topics have.
func (h *house) written() (n int64) {
	h.t.Helper()
	ends, err := h.adm.ListEndOffsets(h.ctx, h.k.Topics.Comments, h.k.Topics.Reactions, h.k.Topics.Orders)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, o := range slices.Collect(maps.Values(ends.Offsets())) {
		for _, p := range o {
			n += p.At
		}
	}
	return n
}

// doubled is how many records were written more than once.
func (h *house) doubled() int64 {
	extra := h.written() - h.raw
	h.t.Logf("%d records, %d of them written again", h.raw, extra)
	return extra
}

func (h *house) await(what string, done func() bool) {
	h.t.Helper()
	for !done() {
		select {
		case <-h.ctx.Done():
			h.t.Fatal(what, h.ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
