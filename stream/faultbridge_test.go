package stream_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/bridge"
)

// TestFaultBridgeMayNotRead: a bridge that may not read one of the house's topics names the right, goes on with the others, and
// with that one when it may.
func TestFaultBridgeMayNotRead(t *testing.T) {
	inWorld(t, seedOf(t), 1, func(w *world) {
		t := w.t // the bubble's
		topics := []string{"shop.chat", "shop.talk"}
		if _, err := kadm.NewClient(w.root.Client(t)).CreateTopics(w.ctx, 2, 1, nil, topics...); err != nil {
			t.Fatal(err)
		}
		mappings := t.TempDir()
		for _, name := range topics {
			if err := os.WriteFile(filepath.Join(mappings, name+".yaml"), []byte(houseChat), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		m := w.startBridge(w.net.DialContext, stream.Settings{DataDir: t.TempDir(), BridgeMappings: mappings,
			BridgeTopics: []string{topics[0] + "=json", topics[1] + "=json"}})

		cl, n := w.root.Client(t), map[string]int{}
		speak := func() {
			for _, name := range topics {
				n[name]++
				v := fmt.Sprintf(`{"id":"%s-%d","at":%q,"show":"S1","who":"w","says":"hello"}`, name, n[name], time.Now().UTC().Format(time.RFC3339Nano))
				if err := cl.ProduceSync(w.ctx, &kgo.Record{Topic: name, Value: []byte(v)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
		}
		bridged := func(name string) (all int) {
			if err := readTopic(w.ctx, w.root.Cluster, w.root.Topics.Comments, func(r *kgo.Record) {
				if strings.Contains(string(r.Value), name+"-") {
					all++
				}
			}); err != nil {
				t.Fatal(err)
			}
			return all
		}
		both := func() bool { return bridged(topics[0]) == n[topics[0]] && bridged(topics[1]) == n[topics[1]] }

		speak()
		w.until("bridging both", time.Minute, both)
		grant := w.deny(kmsg.ACLResourceTypeTopic, topics[0], kmsg.ACLOperationRead)
		time.Sleep(time.Second)
		had := bridged(topics[0])
		for range 10 {
			speak()
			time.Sleep(2 * time.Second)
		}
		if m.troubles() == 0 || !strings.Contains(m.said.String(), "User:netsu lacks Read on topic shop.chat") {
			t.Errorf("%v troubles; it said:\n%s", m.troubles(), m.said)
		}
		if bridged(topics[0]) != had || bridged(topics[1]) != n[topics[1]] {
			t.Errorf("of %d, %d of the topic that it may not read are bridged (%d before), and %d of the other", n[topics[1]],
				bridged(topics[0]), had, bridged(topics[1]))
		}
		if lines := strings.Count(m.said.String(), "lacks Read"); lines > 8 {
			t.Errorf("it is said %d times", lines)
		}
		grant()
		back := w.until("bridging both again", time.Minute, both)
		w.until("without troubles", time.Minute, func() bool { return m.troubles() == 0 })
		t.Logf("at work %v after the right was granted", back)
	})
}

// startBridge runs a process of the bridge role alone, over a network.
func (w *world) startBridge(dial func(context.Context, string, string) (net.Conn, error), s stream.Settings) *member {
	w.t.Helper()
	m := &member{said: &said{}}
	s.Cluster, s.Roles = w.as("netsu", dial).Cluster, []stream.Role{stream.RoleBridge}
	s.Logger = slog.New(slog.NewTextHandler(m.said, nil))
	var err error
	if m.Program, err = stream.Open(w.ctx, s); err != nil {
		w.t.Fatal("opening:", err)
	}
	w.running(m)
	return m
}

// TestFaultRegistryAway: a bridge says that the registry is away while records wait for it, once, and no longer when it is back, or
// when what waited is another's. Nothing is lost, doubled or buried by it.
func TestFaultRegistryAway(t *testing.T) {
	inWorld(t, seedOf(t), 1, func(w *world) {
		t := w.t // the bubble's
		cl := w.root.Client(t)
		if _, err := kadm.NewClient(cl).CreateTopics(w.ctx, 1, 1, nil, "shop.chat"); err != nil {
			t.Fatal(err)
		}
		mappings := t.TempDir()
		if err := os.WriteFile(filepath.Join(mappings, "shop.chat.yaml"), []byte(houseChat), 0o600); err != nil {
			t.Fatal(err)
		}
		registry := srfake.NewRegistry(srfake.WithGlobalCompat(sr.CompatNone))
		write := writers{t, registry}
		said := 0
		speak := func(schema int) {
			said++
			v := fmt.Appendf([]byte{0, 0, 0, 0, byte(schema)}, `{"id":"n-%d","at":%q,"show":"S1","who":"w","says":"hello"}`, said,
				time.Now().UTC().Format(time.RFC3339Nano))
			if err := cl.ProduceSync(w.ctx, &kgo.Record{Topic: "shop.chat", Value: v}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		bridged := func() (ids []string) {
			if err := readTopic(w.ctx, w.root.Cluster, w.root.Topics.Comments, func(r *kgo.Record) {
				_, id, _ := strings.Cut(string(r.Value), `"n-`)
				id, _, _ = strings.Cut(id, `"`)
				ids = append(ids, id)
			}); err != nil {
				t.Fatal(err)
			}
			return ids
		}
		all := func() bool { return len(bridged()) == said }
		cable := newCable(w.net.DialContext)
		start := func(dial func(context.Context, string, string) (net.Conn, error), n *network) *member {
			return w.startBridge(dial, stream.Settings{DataDir: t.TempDir(), BridgeTopics: []string{"shop.chat"}, BridgeMappings: mappings,
				Registry: bridge.Registry{URLs: []string{"http://registry:8081"}, Transport: n}})
		}
		away, whole := &network{registry: registry}, &network{registry: registry}
		const text = "the schema registry cannot be asked"

		m := start(cable.Dial, away)
		speak(write.register("shop.chat-value", sr.TypeJSON, `{"type":"object"}`))
		w.until("bridging", time.Minute, all)
		away.down.Store(true)
		speak(1) // known
		w.until("bridging what it knows", time.Minute, all)
		if m.troubles() != 0 {
			t.Errorf("it says %v troubles before anything waits:\n%s", m.troubles(), m.said)
		}
		speak(write.register("shop.chat-value", sr.TypeJSON, `{"type":"object","title":"second"}`))
		took := w.until("saying so", 10*time.Second, func() bool { return m.troubles() == 1 })
		time.Sleep(5 * time.Minute)
		if n := strings.Count(m.said.String(), text); n < 1 || n > 6 || all() {
			t.Errorf("it says so %d times in five minutes, all is bridged: %v", n, all())
		}
		away.down.Store(false)
		back := w.until("bridging again", time.Minute, all)
		w.until("without troubles", time.Minute, func() bool { return m.troubles() == 0 })
		t.Logf("said after %v; at work %v after it was back", took, back)

		away.down.Store(true)
		speak(write.register("shop.chat-value", sr.TypeJSON, `{"type":"object","title":"third"}`))
		w.until("saying so again", 10*time.Second, func() bool { return m.troubles() == 1 })
		other := start(w.net.DialContext, whole)
		time.Sleep(10 * time.Second) // it is of the group
		cable.cut()                  // for longer than the first's session
		w.until("bridging at another", time.Minute, all)
		cable.mend()
		w.until("without troubles at the first", time.Minute, func() bool { return m.troubles() == 0 })
		if other.troubles() != 0 || strings.Contains(other.said.String(), text) {
			t.Errorf("the other says:\n%s", other.said)
		}
		got := bridged()
		slices.Sort(got)
		if len(slices.Compact(got)) != said {
			t.Errorf("bridged %v of %d", got, said)
		}
	})
}

const houseChat = `platform: house
events:
  - {kind: comment, fields: {event_id: $.id, time: $.at, show_id: $.show, person_id: $.who, text: $.says}}
`
