package gateway_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/gateway"
	"github.com/netsu/netsu/stream/ingest"
)

const auth, bearer = "Authorization", "Bearer " + token

// Lines are taken as ingest would take them, all or none, and those without an id get one that the same delivery gets
// again, and another delivery does not.
func TestOwnEvents(t *testing.T) {
	inBubble(t, map[string]string{"events": token}, func(b bench) {
		const unnamed = `{"topic":"comments","key":"S","value":{"time":1772395200000,"show_id":"S","text":"}","event_id":""}}`
		b.expect(202, `"records":2`, "events", chatLine("mine")+"\n\n"+unnamed, auth, bearer)
		b.expect(202, `"records":2`, "events", chatLine("mine")+"\n\n"+unnamed, auth, bearer)
		b.expect(202, `"records":1`, "events", unnamed, auth, bearer, "Idempotency-Key", "7")
		b.expect(202, `"records":1`, "events", unnamed+"\n", auth, bearer, "Idempotency-Key", "7")
		b.expect(202, `"records":1`, "events", unnamed, auth, bearer, "Idempotency-Key", "8")
		ids := map[string]int{}
		for _, r := range b.values(b.Topics.Comments) {
			var e struct {
				ID   string `json:"event_id"`
				Text string
			}
			if err := json.Unmarshal(r.Value, &e); err != nil || e.ID == "" || e.ID != "mine" && (e.Text != "}" || string(r.Key) != "S") {
				t.Errorf("%s: %v", r.Value, err)
			}
			ids[e.ID]++
		}
		if len(ids) != 4 || ids["mine"] != 2 {
			t.Errorf("ids %v, want one delivered twice by its own name, three others, two of them twice", ids)
		}

		for body, want := range map[string]string{
			chatLine("a") + "\nno":                            "line 3: expected",
			chatLine("a") + "\n" + chatLine("b")[:40] + `"}}`: "line 3: expected",
			`{"topic":"catalog","value":{"kind":"show"}}`:     "line 2: topic is none of",
			strings.Replace(unnamed, "show_id", "show", 1):    "line 2: missing_field: show_id",
			`{"topic":"orders","value":{"order_id":"o","status":"paid","time":1772395200000,"currency":"JPY","amount":"1.5"}}`: "bad_amount",
			strings.Replace(unnamed, "1772395200000", "1893456000000", 1):                                                      "time_future",
		} {
			b.expect(400, want, "events", chatLine("not written")+"\n"+body, auth, bearer)
		}
		if all := b.values(b.Topics.Comments); len(all) != 7 {
			t.Errorf("%d comments: some of refused deliveries were written", len(all))
		}
	})
}

// What a platform signed and we cannot read is kept with its bytes, once however often it comes, and what can be read
// beside it is read.
func TestWhatCannotBeReadIsADeadLetter(t *testing.T) {
	inBubble(t, map[string]string{"shopify": "k", "stripe": "k", "youtube": token}, func(b bench) {
		const surprise, half = `{"checkout":{"id":1}}`, `{"id":12,"created_at":"2026-03-01T20:0`
		for range 2 {
			b.expect(202, `{"dead_letters":1,"records":0}`, "shopify", surprise, "X-Shopify-Hmac-Sha256", bodyMAC("k", surprise))
			b.expect(202, `{"dead_letters":1,"records":0}`, "shopify", half, "X-Shopify-Hmac-Sha256", bodyMAC("k", half))
			const money = `{"object":"charge","id":"c","created":1,"currency":"zzz"}`
			b.expect(202, `{"dead_letters":1,"records":0}`, "stripe", money, "Stripe-Signature", stripeMAC("k", money, time.Now()))
		}
		const some = `[{"kind":"youtube#liveChatMessage","id":"x","snippet":{"publishedAt":"2026-03-01T20:00:00Z","textMessageDetails":{"messageText":"hi"}}},
			{"kind":"youtube#liveChatMessage","snippet":{}}]`
		b.expect(202, `{"dead_letters":1,"records":1}`, "youtube?show=S", some, auth, bearer)

		found := map[string]string{}
		err := ingest.List(b.Context(), b.Cluster, b.Topics, ingest.Filter{}, func(d *ingest.DeadLetter) error {
			found[string(d.Value)] = d.Topic + " " + string(d.Reason)
			if err := ingest.Resubmit(b.Context(), b.Cluster, b.Topics, []*ingest.DeadLetter{d}); err == nil {
				t.Errorf("%s was resubmitted to a raw topic, where it would mean something else", d.Place())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 4 || found[surprise] != "gateway/shopify bad_field" || found[half] != "gateway/shopify malformed_json" {
			t.Errorf("dead letters %v", found)
		}
	})
}

func TestBadRequests(t *testing.T) {
	inBubble(t, map[string]string{"youtube": token, "events": token}, func(b bench) {
		b.expect(404, "UNKNOWN_SOURCE", "shopify", "{}")
		b.expect(401, "UNSIGNED", "youtube?show=S", "{}")
		b.expect(400, "?show=ID", "youtube", "{}", auth, bearer)
		b.expect(400, "it may have show, esol", "youtube?shw=S", "{}", auth, bearer)
		b.expect(400, "it may have none", "events?show=S", chatLine("x"), auth, bearer)
		b.expect(413, "TOO_LARGE", "events", strings.Repeat(" ", 4<<20+1), auth, bearer)
		b.expect(415, "ENCODED", "events", "", auth, bearer, "Content-Encoding", "gzip")
		b.expect(202, `"records":0`, "events", " \n", auth, bearer)
	})
	for dir, want := range map[string]string{
		"":          "--gateway-secrets-dir",
		t.TempDir(): "nothing to take in",
		secretsDir(t, map[string]string{"shopfy": "k"}):                      "no source of this name",
		secretsDir(t, map[string]string{"events": "short"}):                  "16 bytes",
		secretsDir(t, map[string]string{"shopify": "\n \n"}):                 "no secret in it",
		secretsDir(t, map[string]string{"stripe": strings.Repeat("k\n", 9)}): "at most 8",
	} {
		if _, err := gateway.New(gateway.Config{SecretsDir: dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// No body, token or secret is in what is answered or counted.
func TestNothingPersonalIsSaid(t *testing.T) {
	inBubble(t, map[string]string{"shopify": "k", "events": token}, func(b bench) {
		for _, body := range []string{`{"topic":"comments","value":{"time":"secret","show_id":"S","text":"secret"}}`, `"secret`,
			`{"topic":"secret"}`, `{"id":{"secret":1},"line_items":[],"total_price":"secret"}`} {
			for _, w := range []*bytes.Buffer{b.post("events", body, auth, bearer).Body, b.post("events", body, auth, "Bearer secret").Body,
				b.post("shopify", body, "X-Shopify-Hmac-Sha256", bodyMAC("k", body)).Body} {
				if strings.Contains(w.String(), "secret") || strings.Contains(w.String(), token) {
					t.Errorf("%s is answered %s", body, w)
				}
			}
		}
		for _, d := range b.values(b.Topics.DeadLetters) {
			for _, h := range d.Headers {
				if bytes.Contains(h.Value, []byte("secret")) {
					t.Errorf("header %s: %s", h.Key, h.Value)
				}
			}
		}
	})
}

// A house's own JSON comes in by its mapping; what no rule matches is a dead letter.
func TestAHousesOwnJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(day))
		b := bench{Kafka: brokertest.Bubble(t), T: t}
		b.Create(t, 2)
		const mapping = "platform: house\nevents: [{kind: comment, match: {$.k: say}, fields: {time: {path: $.t, format: epoch_s}, text: $.s}}]"
		s, err := gateway.New(gateway.Config{Cluster: b.Cluster, Topics: b.Topics,
			SecretsDir: secretsDir(t, map[string]string{"mapped-app": token}), MappingsDir: secretsDir(t, map[string]string{"app.yaml": mapping})})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		b.handler = s.Handler()
		b.expect(202, `{"dead_letters":1,"records":1}`, "mapped/app?show=S", `{"k":"say","t":1772395200,"s":"hi"}{"k":"else"}`, auth, bearer)
		b.expect(404, "", "mapped/other?show=S", `{}`, auth, bearer)
		if all := b.values(b.Topics.Comments); len(all) != 1 || !strings.Contains(string(all[0].Value), `"text":"hi"`) {
			t.Errorf("comments: %v", all)
		}
	})
	dir := secretsDir(t, map[string]string{"mapped-app": token})
	for mappings, want := range map[string]string{"": "--gateway-mappings-dir", t.TempDir(): "app.yaml"} {
		if _, err := gateway.New(gateway.Config{SecretsDir: dir, MappingsDir: mappings}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
