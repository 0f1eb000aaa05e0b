package stream_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netsu/netsu/stream"
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
		said := &said{}
		p, err := stream.Open(w.ctx, stream.Settings{DataDir: t.TempDir(), Cluster: w.as("netsu", w.net.DialContext).Cluster,
			Roles: []stream.Role{stream.RoleBridge}, BridgeTopics: []string{topics[0] + "=json", topics[1] + "=json"}, BridgeMappings: mappings,
			Logger: slog.New(slog.NewTextHandler(said, nil))})
		if err != nil {
			t.Fatal(err)
		}
		m := &member{Program: p, said: said}
		running, stop := context.WithCancel(w.ctx)
		ended := make(chan error, 1)
		go func() { ended <- p.Run(running) }()

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
		if m.troubles() == 0 || !strings.Contains(said.String(), "User:netsu lacks Read on topic shop.chat") {
			t.Errorf("%v troubles; it said:\n%s", m.troubles(), said)
		}
		if bridged(topics[0]) != had || bridged(topics[1]) != n[topics[1]] {
			t.Errorf("of %d, %d of the topic that it may not read are bridged (%d before), and %d of the other", n[topics[1]],
				bridged(topics[0]), had, bridged(topics[1]))
		}
		if lines := strings.Count(said.String(), "lacks Read"); lines > 8 {
			t.Errorf("it is said %d times", lines)
		}
		grant()
		back := w.until("bridging both again", time.Minute, both)
		w.until("without troubles", time.Minute, func() bool { return m.troubles() == 0 })
		t.Logf("at work %v after the right was granted", back)
		select {
		case err := <-ended:
			t.Fatalf("the process has ended: %v", err)
		default:
		}
		stop()
		if err := errors.Join(<-ended, p.Close()); err != nil {
			t.Error(err)
		}
	})
}

const houseChat = `platform: house
events:
  - {kind: comment, fields: {event_id: $.id, time: $.at, show_id: $.show, person_id: $.who, text: $.says}}
`
