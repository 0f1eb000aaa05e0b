package stream_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/bridge"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/source"
)

// A house keeps comments and orders in its own words, with one mapping for whatever they are written by.
const (
	houseComments = "shop.comments"
	houseOrders   = "shop.orders"
)

var houseMappings = map[string]string{
	houseComments: `platform: house
events:
  - {kind: comment, match: {$.kind: SAY}, fields: &say {event_id: $.id, time: $.at, show_id: $.show, esol_id: $.esol,
      person_id: $.who.id, account_created: $.who.since, text: $.text, lang: $.lang, role: $.role, reply_to: $.answers}}
  - {kind: retract, match: {$.kind: RETRACT}, fields: {event_id: $.id, time: $.at, show_id: $.show, esol_id: $.esol,
      person_id: $.who.id, retracts: $.answers}}
`,
	houseOrders: `platform: house
events:
  - kind: order
    fields:
      event_id: $.id
      time: $.at
      show_id: $.show
      esol_id: $.esol
      person_id: $.who.id
      order_id: $.no
      version: $.version
      updated_at: $.changed_at
      status: {path: $.state, map: {CREATED: created, PAID: paid, CANCELLED: cancelled, REFUNDED: refunded,
        PARTLY_REFUNDED: partially_refunded}}
      currency: $.currency
      amount: $.total
      tax: $.tax
      shipping: $.shipping
      campaign_id: $.campaign
      channel: $.channel
      payment_method: $.paid_by
      code: $.code
      affiliate_code: $.link
      test: $.is_test
      tax_included: $.with_tax
    lines: {each: $.lines, fields: {line_id: $.id, product_id: $.sku, brand_id: $.brand, quantity: $.n, unit_price: $.price,
      discount: $.off}}
    refunds: {each: $.refunds, fields: {refund_id: $.id, amount: $.sum, time: $.at}}
`,
}

const avroWho = `{"type":"record","name":"Who","namespace":"house","fields":[{"name":"id","type":"string"},
 {"name":"since","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null}]}`

// In %s stand fields that later versions have.
const avroComment = `{"type":"record","name":"Comment","namespace":"house","fields":[%s{"name":"id","type":"string"},
 {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"show","type":"string"},
 {"name":"kind","type":{"type":"enum","name":"Kind","symbols":["SAY","RETRACT"]}},
 {"name":"esol","type":["null","string"],"default":null},{"name":"who","type":["null","Who"],"default":null},
 {"name":"text","type":["null","string"],"default":null}]}`

const avroCommentMore = `{"name":"mood","type":"float","default":0},{"name":"lang","type":["null","string"],"default":null},
 {"name":"role","type":["string","null"],"default":""},{"name":"answers","type":["null","string"],"default":null},`

const avroMoneyType = `{"type":"bytes","logicalType":"decimal","precision":20,"scale":4}`

var avroOrder = strings.NewReplacer("MONEY", `["null",`+avroMoneyType+`]`, "TEXT", `["null","string"]`,
	"TIME", `["null",{"type":"long","logicalType":"timestamp-millis"}]`).Replace(`{"type":"record","name":"Order","namespace":"house","fields":[
 {"name":"id","type":"string"},{"name":"at","type":TIME},{"name":"show","type":TEXT},{"name":"esol","type":TEXT},
 {"name":"who","type":["null","Who"]},{"name":"no","type":"string"},{"name":"version","type":["null","long"]},{"name":"changed_at","type":TIME},
 {"name":"state","type":{"type":"enum","name":"State","symbols":["CREATED","PAID","CANCELLED","REFUNDED","PARTLY_REFUNDED"]}},
 {"name":"currency","type":TEXT},{"name":"total","type":MONEY},{"name":"tax","type":MONEY},{"name":"shipping","type":MONEY},
 {"name":"campaign","type":TEXT},{"name":"channel","type":TEXT},{"name":"paid_by","type":TEXT},{"name":"code","type":TEXT},{"name":"link","type":TEXT},
 {"name":"is_test","type":["null","boolean"]},{"name":"with_tax","type":["null","boolean"]},
 {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[{"name":"id","type":TEXT},{"name":"sku","type":"string"},
  {"name":"brand","type":TEXT},{"name":"n","type":"int"},{"name":"price","type":MONEY},{"name":"off","type":MONEY}]}}},
 {"name":"refunds","type":{"type":"array","items":{"type":"record","name":"Refund","fields":[{"name":"id","type":"string"},{"name":"sum","type":MONEY},{"name":"at","type":TIME}]}}}
 %s]}`)

const protoWho = `syntax = "proto3"; package house; import "google/protobuf/timestamp.proto";
message Who { string id = 1; google.protobuf.Timestamp since = 2; }`

const protoComment = `syntax = "proto3"; package house; import "who.proto"; import "google/protobuf/timestamp.proto";
message Nothing {}
message Comment { string id = 1; google.protobuf.Timestamp at = 2; string show = 3; Kind kind = 4; optional string esol = 5;
 Who who = 6; string text = 7; %s enum Kind { SAY = 0; RETRACT = 1; } }`

const protoCommentMore = `string lang = 8; string role = 9; string answers = 10; double mood = 11;`

const protoOrder = `syntax = "proto3"; package house; import "who.proto"; import "google/protobuf/timestamp.proto"; import "confluent/type/decimal.proto";
message Shop { message Order { string id = 1; google.protobuf.Timestamp at = 2; string show = 3; string esol = 4; Who who = 5; string no = 6;
 int64 version = 7; google.protobuf.Timestamp changed_at = 8; State state = 9; string currency = 10; confluent.type.Decimal total = 11;
 confluent.type.Decimal tax = 12; confluent.type.Decimal shipping = 13; string campaign = 14; string channel = 15; string paid_by = 16;
 string code = 17; string link = 18; bool is_test = 19; bool with_tax = 20; repeated Line lines = 21; repeated Refund refunds = 22; %s }
 enum State { CREATED = 0; PAID = 1; CANCELLED = 2; REFUNDED = 3; PARTLY_REFUNDED = 4; }
 message Line { string id = 1; string sku = 2; string brand = 3; int32 n = 4; confluent.type.Decimal price = 5; confluent.type.Decimal off = 6; }
 message Refund { string id = 1; confluent.type.Decimal sum = 2; google.protobuf.Timestamp at = 3; } }`

// houseValue is a raw event in the house's words: plain values, times and money still as their own types.
func houseValue(raw map[string]any) map[string]any {
	v := map[string]any{}
	put := func(to, from string) {
		if raw[from] != nil {
			v[to] = raw[from]
		}
	}
	for to, from := range map[string]string{"id": "event_id", "show": "show_id", "esol": "esol_id", "text": "text", "lang": "lang",
		"role": "role", "answers": "reply_to", "no": "order_id", "currency": "currency", "campaign": "campaign_id",
		"channel": "channel", "paid_by": "payment_method", "code": "code", "link": "affiliate_code", "is_test": "test",
		"with_tax": "tax_included", "version": "version"} {
		put(to, from)
	}
	for to, from := range map[string]string{"at": "time", "changed_at": "updated_at"} {
		if raw[from] != nil {
			v[to] = instant(raw[from])
		}
	}
	for to, from := range map[string]string{"total": "amount", "tax": "tax", "shipping": "shipping"} {
		if raw[from] != nil {
			v[to] = rational(raw[from])
		}
	}
	if raw["person_id"] != nil {
		who := map[string]any{"id": raw["person_id"]}
		if raw["account_created"] != nil {
			who["since"] = instant(raw["account_created"])
		}
		v["who"] = who
	}
	if raw["order_id"] == nil {
		v["kind"] = "SAY"
		if raw["kind"] == "retract" {
			v["kind"], v["answers"] = "RETRACT", raw["retracts"]
		}
		return v
	}
	v["state"] = map[any]string{"created": "CREATED", "paid": "PAID", "cancelled": "CANCELLED", "refunded": "REFUNDED",
		"partially_refunded": "PARTLY_REFUNDED"}[raw["status"]]
	v["lines"] = list(raw["lines"], func(l map[string]any) map[string]any {
		out := map[string]any{"sku": l["product_id"], "n": l["quantity"]}
		for to, from := range map[string]string{"id": "line_id", "brand": "brand_id"} {
			if l[from] != nil {
				out[to] = l[from]
			}
		}
		for to, from := range map[string]string{"price": "unit_price", "off": "discount"} {
			if l[from] != nil {
				out[to] = rational(l[from])
			}
		}
		return out
	})
	v["refunds"] = list(raw["refunds"], func(p map[string]any) map[string]any {
		out := map[string]any{"id": p["refund_id"], "sum": rational(p["amount"])}
		if p["time"] != nil {
			out["at"] = instant(p["time"])
		}
		return out
	})
	return v
}

func list(v any, each func(map[string]any) map[string]any) []any {
	out := []any{}
	all, _ := v.([]any)
	for _, e := range all {
		out = append(out, each(e.(map[string]any)))
	}
	return out
}

func instant(v any) time.Time {
	if n, ok := v.(json.Number); ok {
		ms, err := n.Int64()
		if err != nil {
			panic(err)
		}
		return time.UnixMilli(ms).UTC()
	}
	at, err := time.Parse(time.RFC3339, v.(string))
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func rational(v any) *big.Rat {
	r, ok := new(big.Rat).SetString(fmt.Sprint(v))
	if !ok {
		panic(fmt.Sprint("no amount: ", v))
	}
	return r
}

// change makes other values of the leaves of v: a copy.
func change(v any, leaf func(any) any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = change(e, leaf)
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, change(e, leaf))
		}
		return out
	}
	return leaf(v)
}

// writers write house values by schemas of a registry.
type writers struct {
	t        testing.TB
	registry registrar
}

// registrar takes schemas: a stand-in's registry, or a real one (realRegistry).
type registrar interface {
	RegisterSchema(subject string, s sr.Schema) (id, version int, err error)
}

func (w writers) register(subject string, kind sr.SchemaType, text string, refs ...sr.SchemaReference) int {
	w.t.Helper()
	id, _, err := w.registry.RegisterSchema(subject, sr.Schema{Schema: text, Type: kind, References: refs})
	if err != nil {
		w.t.Fatal(subject, err)
	}
	return id
}

// write is a value by the format and the version of its topic's schema: 0 the first, 1 with more fields, 2 with others.
func (w writers) write(format string, version int, topic string, v map[string]any) []byte {
	w.t.Helper()
	comment := topic == houseComments
	switch format {
	case "avro":
		text := fmt.Sprintf(avroOrder, []string{"", `,{"name":"gift","type":"boolean","default":false}`, `,{"name":"shelf","type":"int","default":7}`}[version])
		if comment {
			text = fmt.Sprintf(avroComment, []string{"", avroCommentMore, `{"name":"spare","type":{"type":"map","values":"long"},"default":{}},` + avroCommentMore}[version])
		}
		w.register("house.Who", sr.TypeAvro, avroWho)
		id := w.register(topic+"-value", sr.TypeAvro, text, sr.SchemaReference{Name: "house.Who", Subject: "house.Who", Version: 1})
		s := compiledAvro[text]
		if s == nil {
			var all avro.SchemaCache
			all.Parse(avroWho)
			var err error
			if s, err = all.Parse(text); err != nil {
				w.t.Fatal(err)
			}
			compiledAvro[text] = s
		}
		b, err := sr.AppendEncode(nil, v, new(sr.ConfluentHeader), id, nil, func(b []byte, v any) ([]byte, error) { return s.AppendEncode(b, v) })
		if err != nil {
			w.t.Fatal(err, v)
		}
		return b
	case "protobuf":
		text, index := fmt.Sprintf(protoOrder, []string{"", "bool gift = 30;", "int32 shelf = 31;"}[version]), []int{0, 0}
		if comment {
			text, index = fmt.Sprintf(protoComment, []string{"", protoCommentMore, protoCommentMore + "map<string, int64> spare = 12;"}[version]), []int{1}
		}
		w.register("who.proto", sr.TypeProtobuf, protoWho)
		id := w.register(topic+"-value", sr.TypeProtobuf, text, sr.SchemaReference{Name: "who.proto", Subject: "who.proto", Version: 1})
		b, err := new(sr.ConfluentHeader).AppendEncode(nil, id, index)
		if err != nil {
			w.t.Fatal(err)
		}
		return append(b, w.protobuf(text, index, v)...)
	}
	text := fmt.Sprintf(`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","title":"%s %d"}`, topic, version)
	id := w.register(topic+"-value", sr.TypeJSON, text)
	body, err := json.Marshal(change(v, func(v any) any {
		switch v := v.(type) {
		case time.Time:
			return v.Format(time.RFC3339Nano)
		case *big.Rat:
			return json.Number(v.FloatString(4))
		}
		return v
	}))
	if err != nil {
		w.t.Fatal(err)
	}
	b, _ := new(sr.ConfluentHeader).AppendEncode(nil, id, nil)
	return append(b, body...)
}

var (
	compiledAvro  = map[string]*avro.Schema{}
	compiledProto = map[string]protoreflect.FileDescriptor{}
)

func (w writers) protobuf(text string, index []int, v map[string]any) []byte {
	file := compiledProto[text]
	if file == nil {
		c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
			Accessor: protocompile.SourceAccessorFromMap(map[string]string{"t.proto": text, "who.proto": protoWho,
				"confluent/type/decimal.proto": `syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`})})}
		files, err := c.Compile(w.t.Context(), "t.proto")
		if err != nil {
			w.t.Fatal(err)
		}
		file = files[0]
		compiledProto[text] = file
	}
	md := file.Messages().Get(index[0])
	for _, i := range index[1:] {
		md = md.Messages().Get(i)
	}
	body, err := json.Marshal(change(v, func(v any) any {
		switch v := v.(type) {
		case time.Time:
			return v.Format(time.RFC3339Nano)
		case *big.Rat:
			unscaled := new(big.Rat).Mul(v, big.NewRat(10_000, 1)).Num()
			if unscaled.Sign() < 0 {
				w.t.Fatal("a negative amount")
			}
			return map[string]any{"value": append([]byte{0}, unscaled.Bytes()...), "scale": 4}
		}
		return v
	}))
	if err != nil {
		w.t.Fatal(err)
	}
	m := dynamicpb.NewMessage(md)
	if err := protojson.Unmarshal(body, m); err != nil {
		w.t.Fatal(err)
	}
	b, err := proto.Marshal(m)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// housed makes a scenario one that a house can have in its words: all events of its platform, with ids.
func housed(t testing.TB, sc *scenario) {
	for i, r := range sc.records {
		if r.Topic == source.Catalog {
			continue
		}
		v := rawValue(t, r.Value)
		if v["platform"] != nil || r.Topic != source.Reactions {
			v["platform"] = "house"
		}
		if v["event_id"] == nil {
			v["event_id"] = fmt.Sprint("of the house ", i)
		}
		for _, p := range asList(v["refunds"]) {
			delete(p.(map[string]any), "lines") // which a mapping has no word for
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		sc.records[i].Value = b
	}
}

func asList(v any) []any { all, _ := v.([]any); return all }

func rawValue(t testing.TB, b []byte) map[string]any {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// inHouse is a record of the scenario in the house's topics; ok is false for what goes on as it is.
func (w writers) inHouse(format string, r source.Record, i, of int) (rec *kgo.Record, ok bool) {
	topic := map[string]string{source.Comments: houseComments, source.Orders: houseOrders}[r.Topic]
	if topic == "" {
		return nil, false
	}
	v := houseValue(rawValue(w.t, r.Value))
	version := 3 * i / of // schemas evolve while the show is on the air
	if version == 0 && topic == houseComments && (v["lang"] != nil || v["role"] != nil || v["answers"] != nil) {
		version = 1 // the first has no word for it
	}
	if format == "mixed" {
		format = []string{"avro", "protobuf", "jsonschema"}[i%3]
	}
	return &kgo.Record{Topic: topic, Key: r.Key, Value: w.write(format, version, topic, v)}, true
}

// network is the way to the registry, which may be down.
type network struct {
	registry *srfake.Registry
	outages
}

// outages are of a registry.
type outages struct {
	down    atomic.Bool
	refused atomic.Int64
}

// strike tells of a request whether it meets an outage, and then whether it is answered as by a proxy, with a 404, or not at all.
func (o *outages) strike() (down, proxied bool) {
	return o.down.Load(), o.down.Load() && o.refused.Add(1)%2 == 0
}

// RoundTrip implements http.RoundTripper, without sockets.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	switch down, proxied := n.strike(); {
	case proxied:
		return &http.Response{StatusCode: 404, Status: "404 Not Found", Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	case down:
		return nil, errors.New("the registry is down")
	}
	w := httptest.NewRecorder()
	n.registry.Handler().ServeHTTP(w, r)
	return w.Result(), nil
}

// counterpart is a registry for a test: for who writes, for who reads, and when it is down.
type counterpart struct {
	registrar
	settings bridge.Registry
	outages  *outages
}

func standIn() counterpart {
	n := &network{registry: srfake.NewRegistry(srfake.WithGlobalCompat(sr.CompatNone))}
	return counterpart{n.registry, bridge.Registry{URLs: []string{"http://registry:8081"}, Transport: n}, &n.outages}
}

// TestBridgedTopicsEndInTheSameMeters: comments and orders that a house writes in its own words by schemas, which change
// while the show is on the air, come to the same final meters, byte for byte, as the same events written as Netsu's own
// JSON. On the mixed road each topic has all kinds of schemas, the registry is away for a while when new ones appear, the
// bridge is stopped and reads a part again, and there are bytes that nobody can read.
func TestBridgedTopicsEndInTheSameMeters(t *testing.T) {
	seed := seedOf(t)
	want := bridgedRun(t, seed, "", standIn())
	formats := []string{"mixed"}
	if *long {
		formats = append(formats, "avro", "protobuf", "jsonschema") // each alone, undisturbed
	}
	for _, format := range formats {
		t.Run(format, func(t *testing.T) {
			if d := diff(want, bridgedRun(t, seed, format, standIn())); d != "" {
				t.Errorf("NETSU_TEST_SEED=%d: final meters differ from those of plain JSON:\n%s", seed, d)
			}
		})
	}
}

func bridgedRun(t *testing.T, seed uint64, format string, registry counterpart) (got map[string]string) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(bubbleDay))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		sc := play(t, seed, 90*time.Second, 1, sim.Wire{Disorder: 3 * time.Second, DuplicateRate: .01})
		housed(t, &sc)
		k := brokertest.Bubble(t)
		k.Create(t, 3)
		if _, err := kadm.NewClient(k.Client(t)).CreateTopics(ctx, 3, 1, nil, houseComments, houseOrders); err != nil {
			t.Fatal(err)
		}
		stop := launch(ctx, t, k, t.TempDir())
		b := bridging{t: t, k: k, registry: registry, dir: t.TempDir(), mappings: t.TempDir()}
		b.start(ctx)
		time.Sleep(20 * time.Second)
		b.live(ctx, format, sc)
		latest := settled(ctx, t, k.Cluster, k.Topics, sc.shows, 2*time.Second)
		b.stop()
		stop()
		for _, id := range sc.shows {
			if n := latest["show/"+id+"/room"].Room.LateTotal; n != 0 {
				t.Errorf("%d events of %s came late", n, id)
			}
		}
		if letters := deadLetters(ctx, t, k.Cluster, k.Topics); format == "mixed" &&
			(letters["bad_bytes"] != 2*corrupt || letters["unknown_schema"] != 2 || registry.outages.refused.Load() < 3) || sum(letters) != int64(len(b.spoilt)) {
			t.Errorf("dead letters %v, of %d spoilt records; the registry was asked in vain %d times", letters, len(b.spoilt), registry.outages.refused.Load())
		}
		var kept []string
		if err := ingest.List(ctx, k.Cluster, k.Topics, ingest.Filter{}, func(d *ingest.DeadLetter) error {
			kept = append(kept, string(d.Value))
			return nil
		}); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(slices.Sorted(slices.Values(b.spoilt)), slices.Sorted(slices.Values(kept))); d != "" {
			t.Errorf("the dead letters are not the bytes that were spoilt: %s", d)
		}
		got = finals(latest)
	})
	return got
}

// corrupt is how many records of each house topic are spoilt, in each of two ways.
const corrupt = 5

// bridging is a process of the bridge role alone.
type bridging struct {
	t             *testing.T
	k             brokertest.Kafka
	registry      counterpart
	dir, mappings string
	spoilt        []string
	end           func()
}

func (b *bridging) start(ctx context.Context) {
	for topic, text := range houseMappings {
		if err := os.WriteFile(filepath.Join(b.mappings, topic+".yaml"), []byte(text), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	p, err := stream.Open(ctx, stream.Settings{DataDir: b.dir, Cluster: b.k.Cluster, Key: testKey, Logger: quiet,
		Roles: []stream.Role{stream.RoleBridge}, BridgeTopics: []string{houseComments, houseOrders}, BridgeMappings: b.mappings,
		Registry: b.registry.settings})
	if err != nil {
		b.t.Fatal("opening:", err)
	}
	running, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- p.Run(running) }()
	b.end = func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Error("bridging:", err)
		}
		if err := p.Close(); err != nil {
			b.t.Error("closing:", err)
		}
	}
}

func (b *bridging) stop() { b.end() }

// rewind stops the bridge, puts its group's offsets back, as if it had been killed before committing, and starts it.
func (b *bridging) rewind(ctx context.Context) {
	b.stop()
	adm := kadm.NewClient(b.k.Client(b.t))
	committed, err := adm.FetchOffsets(ctx, bridge.Group(b.k.Topics))
	if err != nil {
		b.t.Error(err)
	}
	back, moved := kadm.Offsets{}, 0
	committed.Each(func(o kadm.OffsetResponse) {
		if o.At > 0 {
			moved++
		}
		again := int64(30)
		if o.Topic == houseOrders {
			again = 3 // which are few: those of long ago would be late in their rooms the second time
		}
		back.AddOffset(o.Topic, o.Partition, max(0, o.At-again), -1)
	})
	if _, err := adm.CommitOffsets(ctx, bridge.Group(b.k.Topics), back); err != nil || moved == 0 {
		b.t.Error("putting offsets back:", err, moved)
	}
	b.start(ctx)
}

// live produces the scenario as it arrives.
func (b *bridging) live(ctx context.Context, format string, sc scenario) {
	w := writers{b.t, b.registry}
	cl := b.k.Client(b.t, broker.LogWriter()...)
	send := func(r *kgo.Record) {
		cl.Produce(ctx, r, func(_ *kgo.Record, err error) {
			if err != nil {
				b.t.Error("producing:", err)
			}
		})
	}
	begin := slices.IndexFunc(sc.records, func(r source.Record) bool { return r.Topic != source.Catalog })
	start, first := time.Now(), sc.records[begin].ArriveMS
	events := len(sc.records) - begin
	mixed := format == "mixed"
	for i, r := range sc.records {
		if i == begin {
			if err := cl.Flush(ctx); err != nil {
				b.t.Error(err)
			}
		}
		if i >= begin {
			at := time.Duration(r.ArriveMS-first) * time.Millisecond
			time.Sleep(time.Until(start.Add(at.Truncate(20 * time.Millisecond))))
			n := i - begin
			if mixed && (n == events/5 || n == events*4/5) {
				b.spoil(send, r)
			}
			if mixed && n == events/2 {
				b.rewind(ctx)
			}
			// New versions come at a third and at two thirds.
			if mixed && (n == events/3-1 || n == 2*events/3-1) {
				b.registry.outages.down.Store(true)
				time.AfterFunc(6*time.Second, func() { b.registry.outages.down.Store(false) })
			}
			if format != "" {
				if rec, ok := w.inHouse(format, r, n, events); ok {
					send(rec)
					continue
				}
			}
		}
		send(&kgo.Record{Topic: topicOf(b.k.Topics, r.Topic), Key: r.Key, Value: r.Value})
	}
	if err := cl.Flush(ctx); err != nil {
		b.t.Error("producing:", err)
	}
}

// spoil sends records that cannot be read: without a schema's id, of a schema that is none, cut in the middle.
func (b *bridging) spoil(send func(*kgo.Record), like source.Record) {
	id := func(n uint32) []byte { return []byte{0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }
	for i := range corrupt {
		whole := writers{b.t, b.registry}.write("avro", 0, houseOrders, map[string]any{"id": "x", "no": "x", "state": "PAID", "at": nil, "show": nil,
			"esol": nil, "who": nil, "version": nil, "changed_at": nil, "currency": nil, "total": nil, "tax": nil, "shipping": nil, "campaign": nil, "channel": nil, "paid_by": nil, "code": nil, "link": nil, "is_test": nil,
			"with_tax": nil, "lines": []any{}, "refunds": []any{}})
		value := whole[:len(whole)-2]
		if i%2 == 0 {
			value = []byte("{} without a schema")
		}
		b.spoilt = append(b.spoilt, string(value))
		send(&kgo.Record{Topic: houseOrders, Key: like.Key, Value: value})
	}
	unknown := append(id(77_777), 1, 2, 3)
	b.spoilt = append(b.spoilt, string(unknown))
	send(&kgo.Record{Topic: houseComments, Value: unknown})
}
