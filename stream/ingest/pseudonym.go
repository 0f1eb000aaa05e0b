package ingest

import (
	"fmt"
	"unicode/utf8"

	"github.com/netsu/netsu/stream/event"
)

// Pseudonym is what an event's person is known by that has a platform ("": it names none) and this person_id. The error
// says why ingest would refuse the event.
func Pseudonym(h *event.Hasher, platform, id string) (event.ID, error) {
	for _, part := range []struct {
		name, text  string
		least, most int
	}{{"platform", platform, 0, maxWordBytes}, {"person_id", id, 1, maxIDBytes}} {
		b := []byte(part.text)
		if len(b) < part.least || len(b) > part.most || hasControl(b) || !utf8.Valid(b) {
			return event.ID{}, fmt.Errorf("%s: expected %d to %d bytes of text, got %d", part.name, part.least, part.most, len(b))
		}
	}
	return h.Person([]byte(platform + "\x00" + id)), nil
}
