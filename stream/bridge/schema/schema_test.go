package schema_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/avro"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/bridge/schema"
)

const avroMoney = `{"type":"record","name":"Money","namespace":"shop.base","fields":[
 {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":4}},
 {"name":"currency","type":{"type":"enum","name":"Currency","symbols":["JPY","USD"]}}]}`

const avroOrder = `{"type":"record","name":"Order","namespace":"shop","fields":[
 {"name":"no","type":"long"},
 {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
 {"name":"exact_at","type":{"type":"long","logicalType":"timestamp-micros"}},
 {"name":"local","type":{"type":"long","logicalType":"local-timestamp-millis"}},
 {"name":"day","type":{"type":"int","logicalType":"date"}},
 {"name":"clock","type":{"type":"int","logicalType":"time-millis"}},
 {"name":"uid","type":{"type":"string","logicalType":"uuid"}},
 {"name":"uid16","type":{"type":"fixed","name":"U","size":16,"logicalType":"uuid"}},
 {"name":"total","type":"shop.base.Money"},
 {"name":"tax","type":["null",{"type":"fixed","name":"D","size":8,"logicalType":"decimal","precision":18,"scale":2}],"default":null},
 {"name":"note","type":["null","string"],"default":null},
 {"name":"rate","type":"double"},{"name":"stars","type":"float"},
 {"name":"raw","type":"bytes"},
 {"name":"tags","type":{"type":"map","values":"string"}},
 {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[
   {"name":"sku","type":"string"},{"name":"price","type":"shop.base.Money"},{"name":"of","type":["null","Line"],"default":null}]}}}]}`

func compile(t testing.TB, s schema.Source) *schema.Schema {
	t.Helper()
	c, err := schema.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func expect(t testing.TB, got any, want string) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var w any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	wanted, _ := json.Marshal(w)
	var g any
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(w, g); d != "" {
		t.Errorf("want %s: %s", wanted, d)
	}
}

// What Avro has, as values of JSON: logical types, unions, references, records within themselves.
func TestAvroValues(t *testing.T) {
	s := compile(t, schema.Source{Text: avroOrder, References: []schema.Reference{{Name: "shop.base.Money", Text: avroMoney}}})
	var all avro.SchemaCache
	all.Parse(avroMoney)
	w, err := all.Parse(avroOrder)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 9, 1, 12, 0, 0, 250_000_000, time.UTC)
	money := func(n int64) map[string]any {
		return map[string]any{"amount": big.NewRat(n, 10_000), "currency": "USD"}
	}
	b, err := w.Encode(map[string]any{"no": int64(1<<53 + 1), "at": at, "exact_at": at.Add(time.Microsecond), "local": at,
		"day": at, "clock": 20*time.Hour + time.Millisecond, "uid": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
		"uid16": [16]byte{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0, 0xc0, 0x4f, 0xd4, 0x30, 0xc8},
		"total": money(125_000), "tax": big.NewRat(-7, 100), "note": nil, "rate": 0.1, "stars": float32(.5), "raw": []byte{0xff, 1},
		"tags": map[string]any{"a b": "c"}, "lines": []any{map[string]any{"sku": "lip", "price": money(1),
			"of": map[string]any{"sku": "set", "price": money(0), "of": nil}}}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Decode(nil, b)
	if err != nil {
		t.Fatal(err)
	}
	if n := v.(map[string]any)["no"]; n != json.Number("9007199254740993") {
		t.Errorf("a long became %v", n)
	}
	for _, name := range []string{"rate", "stars"} {
		if _, ok := v.(map[string]any)[name].(float64); !ok {
			t.Errorf("%s must stay a binary fraction", name)
		}
	}
	expect(t, v, `{"no":9007199254740993,"at":"2026-09-01T12:00:00.25Z","exact_at":"2026-09-01T12:00:00.250001Z",
		"local":"2026-09-01T12:00:00.25","day":"2026-09-01","clock":"20:00:00.001",
		"uid":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","uid16":"6ba7b810-9dad-11d1-80b4-00c04fd430c8",
		"total":{"amount":"12.5","currency":"USD"},"tax":"-0.07","note":null,"rate":0.1,"stars":0.5,"raw":"/wE=","tags":{"a b":"c"},
		"lines":[{"sku":"lip","price":{"amount":"0.0001","currency":"USD"},
		"of":{"sku":"set","price":{"amount":"0","currency":"USD"},"of":null}}]}`)
	for _, broken := range [][]byte{nil, b[:len(b)-1], append(slices.Clone(b), 0)} {
		if v, err := s.Decode(nil, broken); err == nil {
			t.Errorf("%d of %d bytes gave %v", len(broken), len(b), v)
		}
	}
}

const protoBase = `syntax = "proto3"; package shop.base; message Buyer { string id = 1; Buyer friend = 2; }`

const protoOrder = `syntax = "proto3"; package shop;
import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto"; import "google/type/money.proto";
import "google/protobuf/struct.proto"; import "confluent/type/decimal.proto"; import "confluent/meta.proto"; import "base.proto";
message Ignored {}
message Outer {
 message Order {
  enum State { CREATED = 0; PAID = 1; }
  string no = 1 [(confluent.field_meta) = {doc: "its number"}];
  google.protobuf.Timestamp placed_at = 2;
  State state = 3;
  google.type.Money total = 4;
  confluent.type.Decimal tax = 5;
  optional string note = 6;
  int64 points = 7;
  double rate = 8;
  bytes raw = 9;
  map<string, confluent.type.Decimal> fees = 10;
  repeated Line lines = 11;
  shop.base.Buyer buyer = 12;
  google.protobuf.DoubleValue weight = 13;
  google.protobuf.Struct more = 14;
  oneof by { string coupon = 15; string link = 16; }
  repeated float ratings = 17;
 }
}
message Line { string sku = 1; int32 quantity = 2; }`

func protoSource() schema.Source {
	return schema.Source{Kind: schema.Protobuf, Text: protoOrder, References: []schema.Reference{{Name: "base.proto", Text: protoBase}}}
}

// wire writes an order by another compiler's run than the code under test.
func wire(t testing.TB, text string) []byte {
	t.Helper()
	files := map[string]string{"w.proto": protoOrder, "base.proto": protoBase,
		"confluent/type/decimal.proto": `syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`,
		"google/type/money.proto":      `syntax = "proto3"; package google.type; message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }`,
		"confluent/meta.proto": `syntax = "proto3"; package confluent; import "google/protobuf/descriptor.proto";
			message Meta { string doc = 1; } extend google.protobuf.FieldOptions { Meta field_meta = 1088; }`}
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
		Accessor: protocompile.SourceAccessorFromMap(files)})}
	all, err := c.Compile(t.Context(), "w.proto")
	if err != nil {
		t.Fatal(err)
	}
	m := dynamicpb.NewMessage(all[0].Messages().ByName("Outer").Messages().ByName("Order"))
	if err := protojson.Unmarshal([]byte(text), m); err != nil {
		t.Fatal(err)
	}
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var order = []int{1, 0} // Order within the second message of the file

func TestProtobufValues(t *testing.T) {
	s := compile(t, protoSource())
	v, err := s.Decode(order, wire(t, `{"no":"o1","placedAt":"2026-09-01T12:00:00.250Z","state":"PAID",
		"total":{"currencyCode":"USD","units":"12","nanos":500000000},"tax":{"value":"+w==","scale":2},"points":"9007199254740993",
		"rate":0.1,"raw":"/wE=","fees":{"card":{"value":"MDk=","scale":3}},"lines":[{"sku":"lip","quantity":2},{"sku":"nail"}],
		"buyer":{"id":"b","friend":{"id":"c"}},"weight":1.5,"more":{"a":[1,{"b":true}]},"link":"x","ratings":[0.5]}`))
	if err != nil {
		t.Fatal(err)
	}
	fields := v.(map[string]any)
	for name, at := range map[string]any{"rate": fields["rate"], "weight": fields["weight"],
		"ratings": fields["ratings"].([]any)[0], "more": fields["more"].(map[string]any)["a"].([]any)[0]} {
		if _, ok := at.(float64); !ok {
			t.Errorf("%s must stay a binary fraction, is %T", name, at)
		}
	}
	expect(t, v, `{"no":"o1","placed_at":"2026-09-01T12:00:00.250Z","state":"PAID",
		"total":{"currency_code":"USD","units":"12","nanos":500000000,"amount":"12.5"},"tax":"-0.05","points":"9007199254740993",
		"rate":0.1,"raw":"/wE=","fees":{"card":"12.345"},"lines":[{"sku":"lip","quantity":2},{"sku":"nail","quantity":0}],
		"buyer":{"id":"b","friend":{"id":"c"}},"weight":1.5,"more":{"a":[1,{"b":true}]},"link":"x","ratings":[0.5]}`)
	if got := fmt.Sprint(s.Messages()); got != "[[0] [1] [1 0] [2]]" { // and no entry of a map
		t.Errorf("values can be the messages %s", got)
	}
	// What is at its type's zero is there; what was not set is not.
	v, err = s.Decode(order, nil)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, v, `{"no":"","state":"CREATED","points":"0","rate":0,"raw":"","fees":{},"lines":[],"ratings":[]}`)
	for _, at := range [][]int{{2}, {7}, {1, 1}, {1, 0, 0}, {-1}} {
		if _, err := s.Decode(at, []byte{0xff}); err == nil {
			t.Errorf("a value of the message at %v was read", at)
		}
	}
}

// Schemas as Confluent's serialiser for Python (confluent-kafka 2.16.1) registers them, and Apicurio's registry gives them back:
// not text, but descriptors in base64. With a value that it wrote, without what is in front of it.
func TestProtobufByDescriptors(t *testing.T) {
	s := compile(t, schema.Source{Kind: schema.Protobuf,
		Text: "Cg5weV9vcmRlci5wcm90bxIHcHlob3VzZRoMcHlfd2hvLnByb3RvIgkKB05vdGhpbmciRQoEU2hvcBo9CgVPcmRlchIKCgJpZBgBIAEoCRIZ" +
			"CgN3aG8YAiABKAsyDC5weWhvdXNlLldobxINCgVjZW50cxgDIAEoA2IGcHJvdG8z",
		References: []schema.Reference{{Name: "py_who.proto",
			Text: "CgxweV93aG8ucHJvdG8SB3B5aG91c2UaH2dvb2dsZS9wcm90b2J1Zi90aW1lc3RhbXAucHJvdG8iPAoDV2hvEgoKAmlkGAEgASgJEikKBXNp" +
				"bmNlGAIgASgLMhouZ29vZ2xlLnByb3RvYnVmLlRpbWVzdGFtcGIGcHJvdG8z"}}})
	b, err := hex.DecodeString("0a026f31120b0a017712060880e2cfaa061805")
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Decode([]int{1, 0}, b)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, v, `{"id":"o1","who":{"id":"w","since":"2023-11-14T22:13:20Z"},"cents":"5"}`)
	shape, err := s.Shape([]int{1, 0})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shape.At(path("who.since")); err != nil {
		t.Error(err)
	}
}

// What registries and serialisers have built in can be imported without a reference. That the types here are Google's was
// seen by comparing descriptors with googleapis-common-protos 1.76.0.
func TestProtobufImportsWhatNobodyRegisters(t *testing.T) {
	for file, name := range map[string]string{"calendar_period": "CalendarPeriod", "color": "Color", "date": "Date", "datetime": "DateTime",
		"dayofweek": "DayOfWeek", "decimal": "Decimal", "expr": "Expr", "fraction": "Fraction", "interval": "Interval", "latlng": "LatLng",
		"money": "Money", "month": "Month", "phone_number": "PhoneNumber", "postal_address": "PostalAddress", "quaternion": "Quaternion",
		"timeofday": "TimeOfDay"} {
		if _, err := schema.Compile(schema.Source{Kind: schema.Protobuf, Text: fmt.Sprintf(
			`syntax = "proto3"; import "google/type/%s.proto"; message M { google.type.%s v = 1; }`, file, name)}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	s := compile(t, schema.Source{Kind: schema.Protobuf, Text: `syntax = "proto3"; import "google/type/postal_address.proto"; import "google/type/latlng.proto";
		message M { google.type.PostalAddress to = 1; google.type.LatLng at = 2; }`})
	v, err := s.Decode([]int{0}, []byte("\x0a\x0f\x12\x02JP\x4a\x031-1\x4a\x04Rm 7\x12\x09\x09\x00\x00\x00\x00\x00\x00\xe0\x3f"))
	if err != nil {
		t.Fatal(err)
	}
	fields := v.(map[string]any)
	if to := fields["to"].(map[string]any); to["region_code"] != "JP" || fmt.Sprint(to["address_lines"]) != "[1-1 Rm 7]" {
		t.Errorf("an address became %v", to)
	}
	if at := fields["at"].(map[string]any); at["latitude"] != .5 {
		t.Errorf("a place became %v", at)
	}
}

func TestJSONValues(t *testing.T) {
	s := compile(t, schema.Source{Kind: schema.JSON, Text: `{"type":"object"}`})
	v, err := s.Decode(nil, []byte(` {"a":12.50,"b":9007199254740993}`))
	if err != nil {
		t.Fatal(err)
	}
	if a := v.(map[string]any)["a"]; a != json.Number("12.50") {
		t.Errorf("12.50 became %v", a)
	}
	for _, bad := range []string{"", "{", "{}{}", "{\"a\":\"\xff\"}", "secret"} {
		if _, err := s.Decode(nil, []byte(bad)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v", bad, err)
		}
	}
}

// TestDecimalsAreExact: any decimal of any scale, as Avro's bytes and fixed and as Confluent's of Protobuf, comes out as the
// text of the same rational number; none is a float on the way.
func TestDecimalsAreExact(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		scale := rapid.IntRange(0, 18).Draw(r, "scale")
		unscaled := big.NewInt(rapid.Int64().Draw(r, "unscaled"))
		if rapid.Bool().Draw(r, "long") {
			unscaled.Mul(unscaled, big.NewInt(rapid.Int64().Draw(r, "more")))
		}
		want := new(big.Rat).SetFrac(unscaled, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
		text := fmt.Sprintf(`{"type":"record","name":"R","fields":[{"name":"d","type":["null",{"type":"bytes","logicalType":"decimal","precision":40,"scale":%d}]},
			{"name":"f","type":{"type":"fixed","name":"F","size":20,"logicalType":"decimal","precision":40,"scale":%[1]d}}]}`, scale)
		w, err := avro.Parse(text)
		if err != nil {
			r.Fatal(err)
		}
		b, err := w.Encode(map[string]any{"d": want, "f": want})
		if err != nil {
			r.Fatal(err)
		}
		v, err := compile(t, schema.Source{Text: text}).Decode(nil, b)
		if err != nil {
			r.Fatal(err)
		}
		same := func(from string, got any) {
			text, ok := got.(string)
			back, ok2 := new(big.Rat).SetString(text)
			if !ok || !ok2 || back.Cmp(want) != 0 || strings.Contains(text, ".") && strings.HasSuffix(text, "0") {
				r.Fatalf("%s: %v became %v", from, want, got)
			}
		}
		same("bytes", v.(map[string]any)["d"])
		same("fixed", v.(map[string]any)["f"])
		m, err := proto.Marshal(decimal(t, unscaled, scale))
		if err != nil {
			r.Fatal(err)
		}
		p, err := decimals.Decode([]int{0}, m)
		if err != nil {
			r.Fatal(err)
		}
		same("protobuf", p.(map[string]any)["d"])
	})
}

var decimals = func() *schema.Schema {
	s, err := schema.Compile(schema.Source{Kind: schema.Protobuf, Text: decimalProto})
	if err != nil {
		panic(err)
	}
	return s
}()

const decimalProto = `syntax = "proto3"; import "confluent/type/decimal.proto"; message R { confluent.type.Decimal d = 1; }`

// decimal writes its fields by hand, in two's complement as short as it can be or a byte longer.
func decimal(t testing.TB, unscaled *big.Int, scale int) proto.Message {
	t.Helper()
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
		Accessor: protocompile.SourceAccessorFromMap(map[string]string{"d.proto": `syntax = "proto3";
			message D { bytes value = 1; uint32 precision = 2; int32 scale = 3; } message R { D d = 1; }`})})}
	all, err := c.Compile(t.Context(), "d.proto")
	if err != nil {
		t.Fatal(err)
	}
	r := dynamicpb.NewMessage(all[0].Messages().ByName("R"))
	n := unscaled.BitLen()/8 + 1
	two := new(big.Int).Set(unscaled)
	if unscaled.Sign() < 0 {
		two.Add(two, new(big.Int).Lsh(big.NewInt(1), uint(8*n)))
	}
	b, err := json.Marshal(two.FillBytes(make([]byte, n)))
	if err != nil {
		t.Fatal(err)
	}
	if err := protojson.Unmarshal(fmt.Appendf(nil, `{"d":{"value":%s,"scale":%d}}`, b, scale), r); err != nil {
		t.Fatal(err)
	}
	return r
}

// deepDescriptor has messages within each other.
func deepDescriptor(t testing.TB, n int) string {
	t.Helper()
	name := "M"
	m := &descriptorpb.DescriptorProto{Name: &name}
	for range n {
		m = &descriptorpb.DescriptorProto{Name: &name, NestedType: []*descriptorpb.DescriptorProto{m}}
	}
	b, err := proto.Marshal(&descriptorpb.FileDescriptorProto{MessageType: []*descriptorpb.DescriptorProto{m}})
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// Hostile schemas are refused, at no cost to speak of.
func TestSchemasAreBounded(t *testing.T) {
	deep := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	for name, s := range map[string]schema.Source{
		"too large":        {Text: `"` + strings.Repeat("x", schema.MaxText) + `"`},
		"deep arrays":      {Text: deep(`{"type":"array","items":`, `"int"`, "}", 1000)},
		"deep messages":    {Kind: schema.Protobuf, Text: `syntax="proto3";` + deep("message M {", "", "}", 1000)},
		"deep JSON":        {Kind: schema.JSON, Text: deep(`{"items":`, "true", "}", 1000)},
		"no Avro":          {Text: `{"type":"record"}`},
		"no proto":         {Kind: schema.Protobuf, Text: `message {`},
		"no descriptor":    {Kind: schema.Protobuf, Text: "c2VjcmV0IQ=="},
		"deep descriptors": {Kind: schema.Protobuf, Text: deepDescriptor(t, 1000)},
		"a missing import": {Kind: schema.Protobuf, Text: `syntax="proto3"; import "gone.proto"; message M {}`},
		"a file of here":   {Kind: schema.Protobuf, Text: `syntax="proto3"; import "/etc/passwd"; message M {}`},
		"a missing type":   {Text: `{"type":"record","name":"R","fields":[{"name":"a","type":"Gone"}]}`},
		"many references":  {Text: `"int"`, References: make([]schema.Reference, schema.MaxReferences+1)},
		"an import of itself": {Kind: schema.Protobuf, Text: `syntax="proto3"; import "a.proto"; message M {}`,
			References: []schema.Reference{{Name: "a.proto", Text: `syntax="proto3"; import "a.proto"; message A {}`}}},
		"no JSON Schema": {Kind: schema.JSON, Text: `[]`},
		"no kind":        {Kind: 9, Text: `[]`},
	} {
		began := time.Now()
		if _, err := schema.Compile(s); err == nil {
			t.Errorf("%s: compiled", name)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: refused after %v", name, took)
		}
	}
}

// Few bytes must not become much memory: lengths in them are not believed.
func TestValuesAreBounded(t *testing.T) {
	nulls := compile(t, schema.Source{Text: `{"type":"array","items":"null"}`})
	bytes := compile(t, schema.Source{Text: `"bytes"`})
	records := compile(t, schema.Source{Text: `{"type":"map","values":{"type":"record","name":"E","fields":[]}}`})
	self := compile(t, schema.Source{Text: `{"type":"record","name":"S","fields":[{"name":"s","type":["null","S"]}]}`})
	friends := compile(t, schema.Source{Kind: schema.Protobuf, Text: protoBase})
	huge := []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0}
	deep := make([]byte, 0, 300<<10)
	for n := 0; n < 100_000; n++ { // each within the next
		deep = append(deep, 2)
	}
	nested := []byte{}
	for range 2000 {
		head := []byte{0x12}
		for n := len(nested); ; n >>= 7 {
			if n < 0x80 {
				head = append(head, byte(n))
				break
			}
			head = append(head, byte(n)|0x80)
		}
		nested = append(head, nested...)
	}
	for name, try := range map[string]func() (any, error){
		"a huge array of nothing": func() (any, error) { return nulls.Decode(nil, huge) },
		"huge bytes":              func() (any, error) { return bytes.Decode(nil, huge) },
		"a huge map of nothing":   func() (any, error) { return records.Decode(nil, huge) },
		"records without end":     func() (any, error) { return self.Decode(nil, append(deep, 0)) },
		"messages without end":    func() (any, error) { return friends.Decode([]int{0}, nested) },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := try(); err == nil {
			t.Errorf("%s was read", name)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
			t.Errorf("%s took %d bytes of memory", name, n)
		}
	}
}

// Whatever the bytes, no decoder panics, and what it makes can be mapped: it is JSON.
func FuzzDecode(f *testing.F) {
	all := []*schema.Schema{
		compile(f, schema.Source{Text: avroOrder, References: []schema.Reference{{Name: "m", Text: avroMoney}}}),
		compile(f, protoSource()),
		compile(f, schema.Source{Kind: schema.JSON, Text: `{}`}),
		compile(f, schema.Source{Text: `{"type":"array","items":["null","boolean",{"type":"map","values":"bytes"},"float"]}`}),
	}
	f.Add(0, []byte{2, 0, 0, 0})
	f.Add(1, wire(f, `{"no":"o1","placedAt":"2026-09-01T12:00:00.250Z","tax":{"value":"+w==","scale":2},"more":{"a":1},"ratings":[1]}`))
	f.Add(2, []byte(`{"a":[1,2.5,"x"]}`))
	f.Add(3, []byte{4, 4, 2, 2, 0x61, 2, 1, 0, 0})
	f.Fuzz(func(t *testing.T, which int, b []byte) {
		if len(b) > 1<<20 || which < 0 {
			return
		}
		s := all[which%len(all)]
		v, err := s.Decode(order, b)
		if err != nil {
			return
		}
		if _, err := json.Marshal(finite(v)); err != nil {
			t.Errorf("%v is no JSON: %v", v, err)
		}
	})
}

// finite takes out what JSON has no word for: mappings take it for text.
func finite(v any) any {
	switch v := v.(type) {
	case float64:
		return fmt.Sprint(v)
	case []any:
		for i := range v {
			v[i] = finite(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = finite(v[k])
		}
	}
	return v
}

// Whatever a registry has, compiling ends without a panic.
func FuzzCompile(f *testing.F) {
	f.Add(uint8(0), avroOrder, avroMoney)
	f.Add(uint8(1), protoOrder, protoBase)
	f.Add(uint8(2), `{"properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"$ref":"#"}}}`, `{}`)
	f.Fuzz(func(t *testing.T, kind uint8, text, other string) {
		s, err := schema.Compile(schema.Source{Kind: schema.Kind(kind % 3), Text: text,
			References: []schema.Reference{{Name: "base.proto", Text: other}}})
		if err != nil {
			return
		}
		if shape, err := s.Shape(nil); err == nil {
			shape.At([]schema.Step{{Name: "a"}, {Element: true}, {Name: "b"}})
		}
		s.Decode(nil, []byte{2, 2, 2})
	})
}
