package ingest

import (
	"strings"
	"testing"

	"github.com/netsu/netsu/stream/event"
)

// The pseudonym is that of the events; what ingest refuses has none.
func TestPseudonymIsThatOfEvents(t *testing.T) {
	d := testDecoder(t)
	for _, platform := range []string{"", "web"} {
		in := input(RawComments, `{"time":1788264000000,"show_id":"s","platform":"`+platform+`","person_id":"客1","text":"x"}`)
		e, r := d.Decode(in)
		if r != nil {
			t.Fatal(r)
		}
		got, err := Pseudonym(testHasher(t), platform, "客1")
		if want := (event.ID{Hi: e.PersonHi, Lo: e.PersonLo}); got != want || err != nil || got.IsZero() {
			t.Errorf("%q: %v, %v, want %v", platform, got, err, want)
		}
	}
	for _, id := range []string{"", strings.Repeat("x", maxIDBytes+1), "a\x00b", "\xff"} {
		if got, err := Pseudonym(testHasher(t), "web", id); err == nil || !got.IsZero() {
			t.Errorf("%q: %v", id, got)
		}
	}
}
