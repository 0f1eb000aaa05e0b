package stream_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestFaultRevokedRights: a right that is revoked while records arrive is named with the command that grants it; when it is granted
// again the work goes on by itself, and nothing is lost, doubled or wrong for it.
func TestFaultRevokedRights(t *testing.T) {
	const (
		topic = kmsg.ACLResourceTypeTopic
		group = kmsg.ACLResourceTypeGroup
		txn   = kmsg.ACLResourceTypeTransactionalId
		read  = kmsg.ACLOperationRead
		write = kmsg.ACLOperationWrite
	)
	seed, want := undisturbed(t)
	for _, c := range []struct {
		what  string
		kind  kmsg.ACLResourceType
		name  string
		op    kmsg.ACLOperation
		lasts time.Duration
		brief bool // without -long too
	}{
		// Shorter than lateness: what the others bring meanwhile is heat at its time, and the orders must still count there.
		{"reading a raw topic", topic, "netsu.orders", read, 15 * time.Second, true},
		{"ingest's group", group, "netsu-ingest", read, 40 * time.Second, false},
		{"writing dead letters", topic, "netsu.deadletters", write, 40 * time.Second, false},
		{"writing the journal", topic, "netsu.journal", write, 40 * time.Second, true},
		{"reading the journal", topic, "netsu.journal", read, 40 * time.Second, false},
		{"a fold's group", group, "netsu-show", read, 40 * time.Second, false},
		{"writing a changelog", topic, "netsu.ledger.changelog", write, 40 * time.Second, false},
		{"a fold's transactions", txn, "netsu-journey-", write, 40 * time.Second, false},
		{"writing meters", topic, "netsu.meters", write, 40 * time.Second, false},
	} {
		if !c.brief && !*long {
			continue
		}
		t.Run(c.what, func(t *testing.T) {
			hurt(t, seed, want, 1, func(w *world) {
				m := w.start(w.as("netsu", w.net.DialContext), t.TempDir())
				w.until("running", time.Minute, func() bool { return m.running(12) })
				wait := w.begin()
				time.Sleep(30 * time.Second)
				grant := w.deny(c.kind, c.name, c.op)
				lacks := "User:netsu lacks " + opName(c.op) + " on "
				noticed := w.until("naming the right", c.lasts, func() bool {
					all := m.said.String() + m.reasons()
					return strings.Contains(all, lacks) && strings.Contains(all, " "+c.name) && strings.Contains(all, "kafka-acls.sh")
				})
				time.Sleep(c.lasts - noticed)
				grant()
				back := w.until("running again", time.Minute, func() bool { return m.running(12) && m.fresh() })
				t.Logf("revoked for %v: noticed after %v, at work %v after it was granted", c.lasts, noticed, back)
				wait()
				if n := strings.Count(m.said.String(), lacks); n > 40 {
					t.Errorf("it is said %d times", n)
				}
			})
		})
	}
}

// TestFaultRevokedWhileQuiet: where nothing arrives, nothing that is read tells that a right is back. It is known all the same.
func TestFaultRevokedWhileQuiet(t *testing.T) {
	inWorld(t, seedOf(t), 1, func(w *world) {
		m, f := w.start(w.as("netsu", w.net.DialContext), t.TempDir()), w.feed("netsu")
		w.until("running", time.Minute, func() bool { return m.running(12) })
		var grants []func()
		for _, name := range []string{"netsu.orders", "netsu.alerts"} {
			grants = append(grants, w.deny(kmsg.ACLResourceTypeTopic, name, kmsg.ACLOperationRead))
		}
		w.until("naming the rights", 10*time.Second, func() bool { return m.troubles() > 0 && f.trouble("netsu.alerts") != "" })
		mended := strings.Count(m.said.String(), "msg=mended")
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if m.troubles() == 0 || f.trouble("netsu.alerts") == "" {
				t.Fatal("it counts as mended while it is not")
			}
		}
		if n := strings.Count(m.said.String(), "msg=mended") - mended; n > 0 {
			t.Errorf("it was said to be mended %d times while it was not", n) // for shorter than it is looked at
		}
		for _, grant := range grants {
			grant()
		}
		back := w.until("mended", time.Minute, func() bool { return m.running(12) && f.trouble("netsu.alerts") == "" })
		t.Logf("mended %v after the rights were granted", back)
		f.stop()
	})
}

func opName(op kmsg.ACLOperation) string {
	if op == kmsg.ACLOperationRead {
		return "Read"
	}
	return "Write"
}
