package bridge

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"pgregory.net/rapid"
)

// TestReferenceIsWhatSerialisersWrite: what franz-go's serialiser puts in front of a value is read back, whatever the id, the
// message and the value.
func TestReferenceIsWhatSerialisersWrite(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		id := rapid.Uint32Range(0, maxID).Draw(r, "id")
		at := rapid.SliceOfN(rapid.IntRange(0, 200), 1, 5).Draw(r, "message")
		body := rapid.SliceOf(rapid.Byte()).Draw(r, "body")
		b, err := new(sr.ConfluentHeader).AppendEncode(nil, int(id), at)
		if err != nil {
			r.Fatal(err)
		}
		ref, place, rest, err := reference(&kgo.Record{Value: append(b, body...)})
		if err != nil || ref != (schemaRef{id: id}) || place != nil {
			r.Fatalf("id %d became %v: %v", id, ref, err)
		}
		got, rest, err := parseMessage(rest)
		if err != nil || len(got) != len(at) || !bytes.Equal(rest, body) {
			r.Fatalf("message %v became %v, rest %x: %v", at, got, rest, err)
		}
		for i := range at {
			if got[i] != at[i] {
				r.Fatalf("message %v became %v", at, got)
			}
		}
	})
}

// A schema named in a header leaves the value alone; of several headers the last counts, as in Kafka's own clients.
func TestReferenceInAHeader(t *testing.T) {
	guid, _ := hex.DecodeString("6ba7b8109dad11d180b400c04fd430c8")
	header := func(b ...byte) kgo.RecordHeader { return kgo.RecordHeader{Key: headerSchema, Value: b} }
	r := &kgo.Record{Value: []byte{0, 0, 0, 0, 9, 1}, Headers: []kgo.RecordHeader{header(0, 0, 0, 0, 8), {Key: "other"},
		header(append(append([]byte{1}, guid...), 2, 4)...)}}
	ref, place, rest, err := reference(r)
	if err != nil || ref.String() != "6ba7b810-9dad-11d1-80b4-00c04fd430c8" || len(rest) != 6 {
		t.Fatalf("%v %x: %v", ref, rest, err)
	}
	if at, _, err := parseMessage(place); err != nil || len(at) != 1 || at[0] != 2 {
		t.Errorf("message %v: %v", at, err)
	}
	r.Headers = []kgo.RecordHeader{header(1, 2)}
	if _, _, _, err := reference(r); err == nil {
		t.Error("a header that names nothing was taken")
	}
}

// A value that only begins as if an id were in it names no schema. Registries do not say of such an id that they have none:
// for them nothing is at its path, as for a proxy, and the record would wait for ever.
func TestNoRegistryHasThatID(t *testing.T) {
	for _, b := range [][]byte{{0, 0x80, 0, 0, 0, 1}, {0, 0xff, 0xff, 0xff, 0xff, 1}} {
		if ref, _, _, err := reference(&kgo.Record{Value: b}); err == nil {
			t.Errorf("%x names the schema %s", b, ref)
		}
	}
}

func FuzzReference(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 7, 4, 2, 0, 9}, []byte(nil))
	f.Add([]byte{1}, bytes.Repeat([]byte{1}, 20))
	f.Fuzz(func(t *testing.T, value, header []byte) {
		r := &kgo.Record{Value: value}
		if header != nil {
			r.Headers = []kgo.RecordHeader{{Key: headerSchema, Value: header}}
		}
		ref, _, rest, err := reference(r)
		if err != nil {
			return
		}
		if ref.guid != "" && strings.Count(ref.guid, "-") != 4 {
			t.Errorf("the GUID %s", ref.guid)
		}
		if at, _, err := parseMessage(rest); err == nil && (len(at) == 0 || len(at) > maxPath) {
			t.Errorf("the message %v", at)
		}
	})
}
