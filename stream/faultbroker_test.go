package stream_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/sim"
)

// TestDamagedBrokerIsSaidAtReadyz: a program on a damaged broker runs, is not ready, and says which file and what to do.
func TestDamagedBrokerIsSaidAtReadyz(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	topics := broker.DefaultTopics()
	e, err := broker.StartEmbedded(broker.EmbeddedSettings{Dir: filepath.Join(dir, "broker"), Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broker.Create(ctx, e.Cluster(), topics, 1, 1); err != nil {
		t.Fatal(err)
	}
	sc := play(t, seedOf(t), 10*time.Second, 1, sim.Wire{})
	if err := produce(ctx, e.Cluster(), topics, sc.records, 0); err != nil {
		t.Fatal(err)
	}
	e.Close()
	file := filepath.Join(dir, "broker", "data", "partitions", topics.Comments+"-0", "0.dat")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0x55
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}

	p, err := stream.Open(ctx, stream.Settings{DataDir: dir, Key: testKey, Listen: "127.0.0.1:0", Partitions: 1, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- p.Run(running) }()
	status, body := 0, ""
	for !strings.Contains(body, file+".damaged") && ctx.Err() == nil {
		status, body = ask(ctx, strings.TrimPrefix(p.URL(), "http://"), "/readyz")
	}
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "--data-dir") {
		t.Errorf("/readyz says %d %s", status, body)
	}
	stop()
	if err := <-done; err != nil {
		t.Error("running:", err)
	}
	if err := p.Close(); err != nil {
		t.Error("closing:", err)
	}
}
