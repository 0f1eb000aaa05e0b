package gateway_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/gateway"
)

// day is when bubbles begin to work. A bubble's own clock begins in 2000.
var day = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

const token = "0123456789abcdef-token"

// bench is a gateway with a broker in a bubble.
type bench struct {
	brokertest.Kafka
	*testing.T
	handler http.Handler
	secrets string
}

// inBubble runs a test with a gateway whose sources have these secrets.
func inBubble(t *testing.T, secrets map[string]string, test func(bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(day))
		b := bench{Kafka: brokertest.Bubble(t), T: t, secrets: secretsDir(t, secrets)}
		b.Create(t, 2)
		s, err := gateway.New(gateway.Config{Cluster: b.Cluster, Topics: b.Topics, SecretsDir: b.secrets})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		b.handler = s.Handler()
		test(b)
	})
}

func secretsDir(t *testing.T, secrets map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range secrets {
		writeSecret(t, dir, name, text)
	}
	return dir
}

func writeSecret(t testing.TB, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// post delivers a body; pairs are headers.
func (b bench) post(to, body string, pairs ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/v1/ingest/"+to, strings.NewReader(body))
	for i := 0; i < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

// expect is post with what must be answered.
func (b bench) expect(status int, says, to, body string, pairs ...string) {
	b.Helper()
	w := b.post(to, body, pairs...)
	if w.Code != status || !strings.Contains(w.Body.String(), says) {
		b.Errorf("POST %s: %d %s, want %d with %s", to, w.Code, w.Body, status, says)
	}
}

// values are the records of a topic, as they stand there.
func (b bench) values(topic string) (all []*kgo.Record) {
	b.Helper()
	cl := b.Client(b, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	ends, err := kadm.NewClient(cl).ListEndOffsets(b.Context(), topic)
	if err != nil {
		b.Fatal(err)
	}
	left := int64(0)
	ends.Each(func(o kadm.ListedOffset) { left += o.Offset })
	for int64(len(all)) < left {
		ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
		fetches := cl.PollFetches(ctx)
		cancel()
		if err := fetches.Err(); err != nil {
			b.Fatalf("%d of %d records of %s: %v", len(all), left, topic, err)
		}
		all = append(all, fetches.Records()...)
	}
	return all
}

func bodyMAC(secret, body string) string {
	return base64.StdEncoding.EncodeToString(mac(secret, body))
}

func mac(secret, text string) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return m.Sum(nil)
}

func stripeMAC(secret, body string, at time.Time) string {
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac(secret, fmt.Sprintf("%d.%s", at.Unix(), body))))
}

func chatLine(id string) string {
	return `{"topic":"comments","value":{"event_id":"` + id + `","time":"2026-03-01T20:00:00Z","show_id":"S","text":"hi"}}`
}
