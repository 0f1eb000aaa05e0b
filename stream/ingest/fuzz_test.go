package ingest

import (
	"testing"
	"unicode/utf8"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// fuzzDecoder feeds a decoder any bytes: it never panics, what it rejects has a reason of the closed list, what it takes
// survives the wire, the scanner agrees with encoding/json, and the same bytes give the same answer again.
func fuzzDecoder(f *testing.F, raw Raw, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s), []byte("brand/B"))
	}
	d := testDecoder(f)
	from := newSource("raw", "id", 3)
	f.Fuzz(func(t *testing.T, value, key []byte) {
		in := &Input{Raw: raw, Topic: "raw", Partition: 3, Offset: 41, Key: key, Value: value, RecordMS: noon.UnixMilli()}
		e, r := d.Decode(in)
		if r == nil && (e == nil || e.Kind == 0 || e.Id == "" || e.IdHi|e.IdLo == 0) {
			t.Fatalf("accepted as %v", e)
		}
		var b block
		if e != nil {
			b.add(e, from)
			back := &eventpb.Block{}
			if err := back.UnmarshalVT(b.seal()); err != nil || back.Version != event.Version || !back.Events[0].EqualVT(e) {
				t.Fatalf("%v comes back as %v, %v", e, back, err)
			}
		}
		if _, again := d.Decode(in); (r == nil) != (again == nil) || r != nil && *r != *again {
			t.Fatalf("first %v, then %v", r, again)
		}
		if utf8.Valid(value) {
			checkScan(t, value)
		}
	})
}

func FuzzComment(f *testing.F) {
	fuzzDecoder(f, RawComments, benchComment, `{"time":1788264000000,"show_id":"S","kind":"retract","retracts":"e\u0030"}`)
}

func FuzzReaction(f *testing.F) {
	fuzzDecoder(f, RawReactions, `{"time":1788264000000,"show_id":"S","kind":"gift","amount":"1.5","currency":"USD","count":3}`)
}

func FuzzOrder(f *testing.F) {
	fuzzDecoder(f, RawOrders, `{"time":1788264000000,"order_id":"o","status":"paid","amount":"12.345","currency":"KWD",
		"lines":[{"product_id":"p","quantity":2,"unit_price":"6.5","discount":0.655}],
		"refunds":[{"refund_id":"r1","amount":"1","time":1788264000005,"lines":[{"line_id":"l1","quantity":1}]}]}`)
}

func FuzzCatalog(f *testing.F) {
	fuzzDecoder(f, RawCatalog, `{"kind":"brand","id":"B","name":"Hana","lexicon":["つや"],"return_window_ms":86400000}`,
		`{"kind":"brand","id":"B","time":"2026-09-01T12:00:00Z"}`)
}
