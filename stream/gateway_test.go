package stream_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/gateway"
	"github.com/netsu/netsu/stream/source"
)

// delivered is one delivery by a platform.
type delivered struct{ to, body string }

const gatewayToken = "a token of the test's gateway"

func (d delivered) request() *http.Request {
	r := httptest.NewRequest("POST", "/v1/ingest/"+d.to, strings.NewReader(d.body))
	r.Header.Set("Authorization", "Bearer "+gatewayToken)
	m := hmac.New(sha256.New, []byte(gatewayToken))
	m.Write([]byte(d.body))
	r.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(m.Sum(nil)))
	return r
}

// deliveries are of a show in which people chat, give, click and buy, some of it without any id of the platform's.
func deliveries() (all []delivered) {
	begin := bubbleDay.Add(-time.Minute)
	for i := range 40 {
		at := begin.Add(time.Duration(i) * 500 * time.Millisecond)
		who := fmt.Sprint("person ", i%9)
		say := func(to, format string, args ...any) { all = append(all, delivered{to, fmt.Sprintf(format, args...)}) }
		say("tiktok?show=S", `{"event":"chat","data":{"comment":"hi %d","userId":"%s","createTime":"%d"}}`, i, who, at.UnixMilli())
		say("tiktok?show=S", `{"event":"gift","data":{"giftId":5,"giftType":2,"repeatCount":%d,"userId":"%s","createTime":"%d"}}`,
			i%4, who, at.UnixMilli())
		say("youtube?show=S", `{"kind":"youtube#liveChatMessage","id":"y%d","snippet":{"publishedAt":"%s","authorChannelId":"%s",
			"superChatDetails":{"amountMicros":"2500000","currency":"EUR","userComment":"nice"}}}`, i, at.Format(time.RFC3339), who)
		say("events", `{"topic":"reactions","value":{"kind":"product_click","platform":"shopify","person_id":"%d","show_id":"S","time":"%s"}}
			{"topic":"reactions","value":{"kind":"spend","campaign_id":"C","time":"%[2]s","amount":"100","currency":"JPY"}}`,
			i, at.Format(time.RFC3339))
		order := fmt.Sprintf(`{"id":%d,"created_at":"%s","updated_at":"%s","currency":"JPY","total_price":"3300","financial_status":"%%s",
			"note_attributes":[{"name":"show_id","value":"S"}],"customer":{"id":%[1]d},"line_items":[{"id":1,"product_id":101,"quantity":2,"price":"1650"}]%%s}`,
			i, at.Format(time.RFC3339), at.Format(time.RFC3339))
		say("shopify", order, "paid", "")
		if i%3 == 0 {
			say("shopify", order, "partially_refunded", `,"refunds":[{"id":7,"created_at":"`+at.Format(time.RFC3339)+
				`","transactions":[{"kind":"refund","status":"success","amount":"100","currency":"JPY"}]}]`)
		}
	}
	return all
}

// TestDeliveringAgainCountsOnce: platforms deliver at least once, in any order, and to any process. Every delivery three
// times over, to two gateways that know nothing of each other, comes to the same final meters, byte for byte, as each
// delivered once to one.
func TestDeliveringAgainCountsOnce(t *testing.T) {
	seed := seedOf(t)
	once := gatewayRun(t, seed, 1)
	again := gatewayRun(t, seed, 3)
	if d := diff(once, again); d != "" {
		t.Errorf("NETSU_TEST_SEED=%d: delivering again changed the meters:\n%s", seed, d)
	}
	for _, part := range []string{"show/S/room", "show/S/money", "esol/mika/money", "campaign/C/cost"} {
		if once[part] == "" {
			t.Errorf("nothing came of %s: %v", part, len(once))
		}
	}
}

// TestAGatewayKeepsNothing: it starts without a hashing key and a data directory, and takes a delivery.
func TestAGatewayKeepsNothing(t *testing.T) {
	k := brokertest.Embedded(t)
	k.Create(t, 1)
	secrets := t.TempDir()
	if err := os.WriteFile(filepath.Join(secrets, "events"), []byte(gatewayToken), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := stream.Open(t.Context(), stream.Settings{Cluster: k.Cluster, Prefix: k.Prefix, Roles: []stream.Role{stream.RoleGateway},
		GatewayListen: "127.0.0.1:0", GatewaySecrets: secrets, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- p.Run(ctx) }()
	r, err := http.NewRequest("POST", p.GatewayURL()+"events", strings.NewReader(
		`{"topic":"comments","value":{"event_id":"1","time":"2026-03-01T20:00:00Z","show_id":"S","text":"hi"}}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+gatewayToken)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Errorf("a delivery is answered %s", resp.Status)
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}

func gatewayRun(t *testing.T, seed uint64, times int) (got map[string]string) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(bubbleDay))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		k := brokertest.Bubble(t)
		k.Create(t, 3)
		if err := produce(ctx, k.Cluster, k.Topics, []source.Record{
			source.Show{ID: "S", EsolID: "mika", Platform: "tiktok", StartMS: bubbleDay.Add(-time.Hour).UnixMilli()}.Record(),
			source.Product{ID: "101", BrandID: "dew"}.Record(),
			source.Campaign{ID: "C", BrandID: "dew", EsolIDs: []string{"mika"}, Currency: "JPY", AttributionModel: "linear"}.Record(),
		}, 0); err != nil {
			t.Fatal(err)
		}
		secrets := t.TempDir()
		for _, name := range []string{"tiktok", "youtube", "events", "shopify"} {
			if err := os.WriteFile(filepath.Join(secrets, name), []byte(gatewayToken), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var doors []http.Handler
		for range times {
			s, err := gateway.New(gateway.Config{Cluster: k.Cluster, Topics: k.Topics, SecretsDir: secrets, Logger: quiet})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			doors = append(doors, s.Handler())
		}
		rng := rand.New(rand.NewPCG(seed, uint64(times)))
		var all []delivered
		for range times {
			all = append(all, deliveries()...)
		}
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, d := range all {
			w := httptest.NewRecorder()
			doors[rng.IntN(len(doors))].ServeHTTP(w, d.request())
			if w.Code != 202 || strings.Contains(w.Body.String(), `"records":0`) {
				t.Fatalf("%s: %d %s", d.to, w.Code, w.Body)
			}
		}
		stop := launch(ctx, t, k, t.TempDir())
		latest := settled(ctx, t, k.Cluster, k.Topics, []string{"S"}, 2*time.Second)
		stop()
		if late := latest["show/S/room"].Room.LateTotal; late != 0 {
			t.Errorf("%d events came late", late)
		}
		got = finals(latest)
	})
	return got
}
