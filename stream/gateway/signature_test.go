package gateway_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Signatures made with openssl, so that both sides do not share a mistake: any secret of the file is good, the old one
// and the new one.
func TestSignaturesMadeElsewhereAreGood(t *testing.T) {
	secrets := map[string]string{"shopify": "old secret\n\nnew secret\n", "stripe": "whsec_old\nwhsec_new\n",
		"woocommerce": "old secret", "twitch": "s3cre7s3cre7"}
	const body = `{"id":1}`
	inBubble(t, secrets, func(b bench) {
		for _, c := range []struct{ source, header, value string }{
			{"shopify", "X-Shopify-Hmac-Sha256", "Usvh/CXRWMAV14qA1ZsyOVoeVM+CdEXKBo1h/7MsOgQ="},
			{"woocommerce", "X-WC-Webhook-Signature", "Usvh/CXRWMAV14qA1ZsyOVoeVM+CdEXKBo1h/7MsOgQ="},
			{"stripe", "Stripe-Signature", "t=1772395200,v1=00,v1=e56f1f81be8611db3a5aa1dd9d7faa6cce65d5ade79e9fdc7f87e835b2462786,v0=11"},
		} {
			says := `"dead_letters":1`
			if c.source == "woocommerce" { // an id alone is an order that was deleted
				says = `"dead_letters":0`
			}
			b.expect(202, says, c.source, body, c.header, c.value)
		}
		b.expect(202, `"dead_letters":1`, "twitch?show=S", body, "Twitch-Eventsub-Message-Id", "msg-1", "Twitch-Eventsub-Message-Timestamp",
			"2026-03-01T20:00:00Z", "Twitch-Eventsub-Message-Signature", "sha256=c2aeeef306884235ba1c9b9e5d8cadcc137bf971fd2eac699db5e318ac158355")
	})
}

// TestNothingUnsignedComesIn: a delivery is taken with a signature by any of its secrets, and not when anything of it,
// its signature or its time is another. Nothing of a refused one reaches Kafka.
func TestNothingUnsignedComesIn(t *testing.T) {
	secrets := map[string]string{"shopify": "one\ntwo", "stripe": "one\ntwo", "events": token + "\n" + token + "2"}
	inBubble(t, secrets, func(b bench) {
		good := 0
		rapid.Check(t, func(r *rapid.T) {
			source := rapid.SampledFrom([]string{"shopify", "stripe", "events"}).Draw(r, "source")
			secret := rapid.SampledFrom([]string{"one", "two"}).Draw(r, "secret")
			body := fmt.Sprintf(`{"object":"other","id":%d}`, rapid.Int64().Draw(r, "id"))
			age := time.Duration(0)
			header, value := "", ""
			switch source {
			case "shopify":
				header, value = "X-Shopify-Hmac-Sha256", bodyMAC(secret, body)
			case "stripe":
				age = time.Duration(rapid.IntRange(-85, 85).Draw(r, "age")) * 7 * time.Second // never just at the tolerance
				header, value = "Stripe-Signature", stripeMAC(secret, body, time.Now().Add(-age))
			case "events":
				body = chatLine("e")
				header, value = "Authorization", "Bearer "+token
			}
			fault := rapid.SampledFrom([]string{"", "body", "signature", "none", "secret"}).Draw(r, "fault")
			switch fault {
			case "body":
				if source == "events" {
					fault = "" // a bearer signs nothing
				} else {
					body = change(r, body)
				}
			case "signature":
				value = changeSignature(r, source, value)
			case "none":
				header = "X-Other"
			case "secret":
				switch source {
				case "shopify":
					value = bodyMAC("three", body)
				case "stripe":
					value = stripeMAC("three", body, time.Now())
				default:
					value = "Bearer " + token + "3"
				}
			}
			w := b.post(source, body, header, value)
			refused := fault != "" || max(age, -age) > 5*time.Minute
			if (w.Code == 401) != refused || !refused && w.Code != 202 {
				r.Fatalf("%s with fault %q, signed %v ago: %d %s", source, fault, age, w.Code, w.Body)
			}
			if !refused {
				good++
			}
		})
		if good == 0 {
			t.Error("nothing was ever taken in")
		}
	})
}

// change flips one bit of a byte.
func change(r *rapid.T, text string) string {
	b := []byte(text)
	b[rapid.IntRange(0, len(b)-1).Draw(r, "at")] ^= 1
	return string(b)
}

// changeSignature flips a bit of the signature's bytes, or of the token's, or of the time.
func changeSignature(r *rapid.T, source, value string) string {
	switch source {
	case "shopify":
		raw, _ := base64.StdEncoding.DecodeString(value)
		return base64.StdEncoding.EncodeToString([]byte(change(r, string(raw))))
	case "stripe":
		stamp, sum, _ := strings.Cut(value, ",v1=")
		if rapid.Bool().Draw(r, "time") {
			return stamp + "1,v1=" + sum
		}
		raw, _ := hex.DecodeString(sum)
		return stamp + ",v1=" + hex.EncodeToString([]byte(change(r, string(raw))))
	}
	return "Bearer " + change(r, strings.TrimPrefix(value, "Bearer "))
}

// A secret is taken away by taking its line away: no restart.
func TestSecretsRotateInPlace(t *testing.T) {
	inBubble(t, map[string]string{"events": token + "-old"}, func(b bench) {
		write := func(text string) {
			if err := os.WriteFile(filepath.Join(b.secrets, "events"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var codes []int
		for _, text := range []string{token + "-old\n", token + "-old\n" + token + "-new\n", token + "-new\n", "\n"} {
			write(text)
			for _, age := range []string{"-old", "-new"} {
				codes = append(codes, b.post("events", chatLine("x"), "Authorization", "Bearer "+token+age).Code)
			}
		}
		if want := []int{202, 401, 202, 202, 401, 202, 503, 503}; !slices.Equal(codes, want) {
			t.Errorf("answers %v, want %v", codes, want)
		}
	})
}
