package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/replay"
)

// Who has not started netsu is told to, and not to look for brokers elsewhere.
func TestNobodyAtTheUsualPlace(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there now
	cluster, err := broker.New(broker.Settings{Seeds: []string{l.Addr().String()}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for seed, want := range map[string]string{localBroker: "start `netsu run`", "kafka-1:9092": "--tls or --sasl"} {
		f := &kafkaFlags{Settings: broker.Settings{Seeds: []string{seed}}}
		began := time.Now()
		err := ping(t.Context(), f, cluster)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "no Kafka answers at "+seed) {
			t.Errorf("%s: %v; want it to say %q", seed, err, want)
		}
		if took := time.Since(began); took > patience+time.Second {
			t.Errorf("%s: it took %v to say so", seed, took)
		}
	}
}

// In a log the progress is a line each 5 s; on a terminal it is one line, rewritten, that is ended at last.
func TestBar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log, screen bytes.Buffer
		lines, inPlace := newBar(&log), newBar(&screen)
		inPlace.terminal = true
		for i := range 61 { // 12 s
			p := replay.Progress{Records: int64(i), Bytes: 2_500_000, EventMS: 1_764_000_000_000, Behind: 3 * time.Second}
			lines.draw(p)
			inPlace.draw(p)
			time.Sleep(200 * time.Millisecond)
		}
		lines.end()
		inPlace.end()
		if n := strings.Count(log.String(), "\n"); n != 2 {
			t.Errorf("%d lines in 12 s:\n%s", n, log.String())
		}
		s := screen.String()
		want := fmt.Sprintf("\r%10d records       2.5 MB          0/s  event time 2025-11-24 16:00:00  3s behind\x1b[K\n", 60)
		if strings.Count(s, "\r") != 61 || strings.Count(s, "\n") != 1 || !strings.HasSuffix(s, want) {
			t.Errorf("the screen ends with %q, want %q", s[max(0, len(s)-120):], want)
		}
	})
}

func TestParseSpeed(t *testing.T) {
	for text, want := range map[string]float64{"1": 1, "60": 60, "60x": 60, "0.5": .5, "max": 0} {
		if v, err := parseSpeed(text); err != nil || v != want {
			t.Errorf("%q: %v, %v", text, v, err)
		}
	}
	for _, text := range []string{"", "0", "-1", "NaN", "Inf", "fast", "1e300"} {
		if v, err := parseSpeed(text); err == nil {
			t.Errorf("%q: %v, want an error", text, v)
		}
	}
}

func TestParseSince(t *testing.T) {
	now := time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{"": {}, "2h": now.Add(-2 * time.Hour), "0s": now,
		"2026-03-08T11:30:00Z": now.Add(-30 * time.Minute), "2026-03-08T21:00:00+09:00": now,
		"2026-03-08": now.Add(-12 * time.Hour)} {
		if at, err := parseSince(text, now); err != nil || !at.Equal(want) {
			t.Errorf("%q: %v, %v", text, at, err)
		}
	}
	for _, text := range []string{"-2h", "yesterday", "12:00"} {
		if at, err := parseSince(text, now); err == nil {
			t.Errorf("%q: %v, want an error", text, at)
		}
	}
}
