package gateway_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

func (b bench) twitch(kind, id string, age time.Duration, body string) (to, text string, headers []string) {
	stamp := time.Now().Add(-age).Format(time.RFC3339Nano)
	return "twitch?show=S", body, []string{"Twitch-Eventsub-Message-Id", id, "Twitch-Eventsub-Message-Timestamp", stamp,
		"Twitch-Eventsub-Message-Type", kind, "Twitch-Eventsub-Message-Signature", "sha256=" + hex.EncodeToString(mac("tw", id+stamp+body))}
}

// A subscription begins with a challenge that must come back as it is, brings events that are called by their message's
// id however often they come, and may be ended.
func TestTwitchSubscription(t *testing.T) {
	inBubble(t, map[string]string{"twitch": "tw"}, func(b bench) {
		post := func(status int, says, kind, id string, age time.Duration, body string) string {
			t.Helper()
			to, text, headers := b.twitch(kind, id, age, body)
			w := b.post(to, text, headers...)
			if w.Code != status || !strings.Contains(w.Body.String(), says) {
				t.Errorf("%s: %d %s, want %d with %s", kind, w.Code, w.Body, status, says)
			}
			return w.Body.String()
		}
		const challenge = `{"challenge":"pogchamp-kappa <b>","subscription":{"type":"channel.cheer","status":"webhook_callback_verification_pending"}}`
		if got := post(200, "", "webhook_callback_verification", "m0", 0, challenge); got != "pogchamp-kappa <b>" {
			t.Errorf("the challenge came back as %q", got)
		}
		const cheer = `{"subscription":{"type":"channel.cheer"},"event":{"broadcaster_user_id":"1","user_id":"7","message":"x","bits":100}}`
		for _, age := range []time.Duration{0, 9 * time.Minute} {
			post(202, `"records":1`, "notification", "m1", age, cheer)
		}
		post(202, `"records":1`, "notification", "m2", 0, cheer)
		post(401, "clocks", "notification", "m1", 11*time.Minute, cheer)
		post(401, "clocks", "webhook_callback_verification", "m1", -11*time.Minute, challenge)
		post(202, `"records":0`, "revocation", "m3", 0, `{"subscription":{"type":"channel.cheer","status":"user_removed"}}`)
		ids := map[string]int{}
		for _, r := range b.values(b.Topics.Reactions) {
			id, _, _ := strings.Cut(string(r.Value), `","time"`)
			ids[id]++
		}
		if len(ids) != 2 {
			t.Errorf("three deliveries of two events have the ids %v", ids)
		}
		// A challenge answers nobody who does not know the secret.
		b.expect(401, "", "twitch", challenge, "Twitch-Eventsub-Message-Type", "webhook_callback_verification")
	})
}

// WooCommerce asks whether somebody is here before it signs anything; nothing else comes in without a signature.
func TestWooCommercePing(t *testing.T) {
	inBubble(t, map[string]string{"woocommerce": "k", "shopify": "k"}, func(b bench) {
		b.expect(202, `"records":0`, "woocommerce", "webhook_id=12")
		b.expect(401, "UNSIGNED", "woocommerce", "webhook_id=12&order=1")
		b.expect(401, "UNSIGNED", "woocommerce", "webhook_id=")
		b.expect(401, "UNSIGNED", "shopify", "webhook_id=12")
	})
}
