package source_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

var settings = source.Payloads{Name: "file", ShowID: "S1", EsolID: "mika"}

// mapped are the events of payloads, through ingest's own decoder: what a mapper writes must be what ingest takes.
func mapped(t *testing.T, p source.Payloads, format, payloads string) (all []*eventpb.Event) {
	t.Helper()
	hasher, err := event.NewHasher([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]ingest.Raw{source.Comments: ingest.RawComments, source.Reactions: ingest.RawReactions,
		source.Orders: ingest.RawOrders}
	for _, r := range collect(t, p.Read(format, strings.NewReader(payloads))) {
		d := ingest.NewDecoder(hasher, time.UnixMilli(1), time.Now)
		e, bad := d.Decode(&ingest.Input{Raw: raw[r.Topic], Topic: r.Topic, Key: r.Key, Value: r.Value})
		if bad != nil {
			t.Fatalf("ingest refuses %s: %v", r.Value, bad)
		}
		if e.TimeMs != r.TimeMS {
			t.Errorf("the record says time %d, its value %d", r.TimeMS, e.TimeMs)
		}
		all = append(all, proto.Clone(e).(*eventpb.Event))
	}
	return all
}

// said are the events of payloads as one line of text each.
func said(t *testing.T, p source.Payloads, format, payloads string) (lines []string) {
	t.Helper()
	for _, e := range mapped(t, p, format, payloads) {
		lines = append(lines, line(e))
	}
	return lines
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("want\n  %s\ngot\n  %s", strings.Join(want, "\n  "), strings.Join(got, "\n  "))
	}
}

func TestPayloadsComeInAnyShape(t *testing.T) {
	const a = `{"event":"chat","data":{"comment":"a","msgId":"1","createTime":"1700000000000"}}`
	b := strings.Replace(strings.Replace(a, `"a"`, `"b"`, 1), `"1"`, `"2"`, 1)
	for name, file := range map[string]string{
		"one behind the other": a + b, "lines": a + "\n\n" + b + "\n", "an array": "[" + a + ", " + b + "]",
		"arrays and bare ones": " [ ] [" + a + "] " + b, "pretty": "[\n\t" + strings.ReplaceAll(a, ",", ",\n\t") + ",\n" + b + "\n]",
	} {
		if got := said(t, settings, "tiktok", file); len(got) != 2 || !strings.HasSuffix(got[1], `"b"`) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := said(t, settings, "tiktok", " \n"); got != nil {
		t.Errorf("of nothing: %q", got)
	}
}

// An error says where, and nothing of what is in the payload.
func TestBadPayloadsAreNamedOrPassedOn(t *testing.T) {
	const good = `{"comment":"a","msgId":"1","createTime":"1700000000000"}`
	for name, c := range map[string]struct{ format, file, want string }{
		"no JSON":        {"tiktok", good + `{"comment":`, "after 1 payloads"},
		"a stray comma":  {"tiktok", "[" + good + ",,]", "after 1 payloads"},
		"a stray end":    {"tiktok", good + "]", "after 1 payloads"},
		"no end":         {"tiktok", "[" + good, "after 1 payloads"},
		"no object":      {"shopify", `"secret"`, "file: payload 1: "},
		"another type":   {"stripe", `{"object":"charge","id":{"secret":1}}`, `the field "ID"`},
		"no order":       {"shopify", `{"checkout":{"id":1}}`, "neither an order nor a refund"},
		"no time":        {"tiktok", good + `{"comment":"b"}{"viewerCount":3}` + `{"x":1}` + `{"comment":3}`, "file: payload 5: "},
		"no currency":    {"stripe", `{"object":"charge","id":"c","created":1,"currency":"zzz"}`, "currency"},
		"a long payload": {"shopify", `"` + strings.Repeat("x", 65<<20), "more than"},
	} {
		var last error
		for _, err := range settings.Read(c.format, strings.NewReader(c.file)) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), c.want) || strings.Contains(last.Error(), "secret") {
			t.Errorf("%s: error %v, want one with %q", name, last, c.want)
		}
	}
	p := settings
	p.PassBad = true
	got := collect(t, p.Read("shopify", strings.NewReader(`{"checkout":{"id":1}}`)))
	if len(got) != 1 || got[0].Topic != source.Orders || string(got[0].Value) != `{"checkout":{"id":1}}` {
		t.Errorf("passed on: %v", got)
	}
}

// fixture is a recorded payload.
func fixture(t *testing.T, set, name string) string {
	t.Helper()
	b, err := os.ReadFile(data(t, filepath.Join(set, name+".json")))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// FuzzPayloads: whatever comes, a mapper ends without a panic, and what it makes is JSON.
func FuzzPayloads(f *testing.F) {
	for i, payload := range []string{shopOrder, shopRefund, stripeIntent, tiktokGift, youtubeChat, wooOrder,
		ga4Purchase, ga4Row, biliMessage("SUPER_CHAT", `"message_id":1,"rmb":30`), twitchFrame("channel.chat.message", twitchChat), ircPrivmsg} {
		f.Add(uint8(i), []byte(payload))
	}
	f.Fuzz(func(t *testing.T, format uint8, payload []byte) {
		p := settings
		p.RunningTotals, p.SKU = format&16 != 0, format&32 != 0
		for r, err := range p.Read(source.Formats[int(format)%len(source.Formats)], strings.NewReader(string(payload))) {
			if err == nil && !json.Valid(r.Value) {
				t.Errorf("no JSON: %q", r.Value)
			}
		}
	})
}
