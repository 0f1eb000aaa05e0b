package gateway_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/gateway"
)

// While Kafka does not acknowledge, nobody is told that a delivery was accepted, and everybody is told within Patience to
// come back; once too much waits, at once. When Kafka is back, deliveries are.
func TestSlowKafkaIsToldToTheSender(t *testing.T) {
	inBubble(t, map[string]string{"events": token}, func(b bench) {
		b.expect(202, "", "events", chatLine("before"), auth, bearer)
		b.Embedded.Close()
		full := false
		for i := range 60 {
			var body strings.Builder
			for j := range 100 {
				fmt.Fprintln(&body, strings.Replace(chatLine(fmt.Sprint(i, "/", j)), `"hi"`, `"`+strings.Repeat("x", 8000)+`"`, 1))
			}
			began := time.Now()
			w := b.post("events", body.String(), auth, bearer)
			took := time.Since(began)
			if w.Code != 429 || took > 4*time.Second {
				t.Fatalf("delivery %d: %d after %v: %s", i, w.Code, took, w.Body)
			}
			if s, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || s < 1 {
				t.Fatalf("Retry-After is %q", w.Header().Get("Retry-After"))
			}
			if full = full || took == 0; full && took != 0 {
				t.Errorf("delivery %d waited for %v though too much waits already", i, took)
			}
		}
		if !full {
			t.Error("48 MB wait for Kafka and nobody is refused at once")
		}
	})
}

// While Kafka does not acknowledge, only so many deliveries wait for it; the others are told at once to come back.
func TestMoreThanFitAreTurnedAway(t *testing.T) {
	inBubble(t, map[string]string{"events": token}, func(b bench) {
		s, err := gateway.New(gateway.Config{Cluster: b.Cluster, Topics: b.Topics, SecretsDir: b.secrets, MaxConcurrent: 3})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		b.handler = s.Handler()
		b.expect(202, "", "events", chatLine("before"), auth, bearer)
		b.Embedded.Close()
		var mu sync.Mutex
		waited := map[bool]int{}
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				began := time.Now()
				w := b.post("events", chatLine(fmt.Sprint(i)), auth, bearer)
				if w.Code != 429 {
					t.Errorf("delivery %d: %d %s", i, w.Code, w.Body)
				}
				mu.Lock()
				defer mu.Unlock()
				waited[time.Since(began) > 0]++
			})
		}
		all.Wait()
		if waited[true] != 3 || waited[false] != 7 {
			t.Errorf("%d waited for Kafka and %d were sent away at once, want 3 and 7", waited[true], waited[false])
		}
	})
}

// TestWhatIsAcceptedIsInKafka: of many deliveries at once, some of whose senders hang up on the way, all that were told
// 202 are in the topic.
func TestWhatIsAcceptedIsInKafka(t *testing.T) {
	inBubble(t, map[string]string{"events": token}, func(b bench) {
		var mu sync.Mutex
		told := map[string]bool{}
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() {
				ctx, hangUp := context.WithTimeout(b.Context(), time.Duration(i%7)*time.Millisecond)
				defer hangUp()
				r := httptest.NewRequest("POST", "/v1/ingest/events", strings.NewReader(chatLine(fmt.Sprint("id", i, "."))))
				r.Header.Set(auth, bearer)
				w := httptest.NewRecorder()
				b.handler.ServeHTTP(w, r.WithContext(ctx))
				mu.Lock()
				defer mu.Unlock()
				told[fmt.Sprint("id", i, ".")] = w.Code == 202
			})
		}
		all.Wait()
		there := ""
		for _, r := range b.values(b.Topics.Comments) {
			there += string(r.Value)
		}
		accepted := 0
		for id, yes := range told {
			if yes {
				accepted++
			}
			if yes && !strings.Contains(there, id) {
				t.Errorf("%s was accepted and is not in Kafka", id)
			}
		}
		if accepted == 0 || accepted == len(told) {
			t.Errorf("%d of %d accepted: the test has tested nothing", accepted, len(told))
		}
	})
}
