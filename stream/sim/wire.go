package sim

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/source"
)

const defaultLate = 90 * time.Second

// wire carries records from producers to the broker, not always well. It draws from its own random sources, the same
// number of times for every record, so that switching one fault on moves neither the events nor the other faults.
type wire struct {
	Wire
	rng, bad *rand.Rand
	badTurn  int
	large    int
}

// care says what must not happen to a record.
type care struct {
	onTime bool  // never late: its effect depends on the order of arrival (retractions)
	once   bool  // never duplicated: it has no id of its own
	until  int64 // the show ends then (0: never); later arrivals would not be late for sure
}

// send puts one good record on its way, with the faults that fall to it.
func (s *Sim) send(rec source.Record, n note, c care) {
	w := &s.wire
	delay, lateness := w.rng.Float64(), w.rng.Float64()
	late, again, gap, bad := w.rng.Float64(), w.rng.Float64(), w.rng.Float64(), w.rng.Float64()

	at := rec.TimeMS + int64(delay*float64(w.Disorder.Milliseconds()))
	after := w.LateAfter.Milliseconds()
	if late < w.LateRate && !c.onTime && (c.until == 0 || rec.TimeMS+2*after < c.until) {
		at = rec.TimeMS + after + int64(lateness*float64(after))
		n.late = true
	}
	s.post(at, rec, n)
	if again < w.DuplicateRate && !c.once && !n.late {
		n := note{duplicate: true, show: n.show}
		// Within Disorder of its time, as an on-time record is; but after the first copy.
		latest := rec.TimeMS + max(w.Disorder.Milliseconds(), 1)
		s.post(max(at+1, at+int64(gap*float64(latest-at))), rec, n)
	}
	if bad < w.BadRate {
		b, reason := w.spoil(rec)
		s.post(at, b, note{bad: reason})
	}
}

// Reasons are the reasons of dead letters, the closed list, in the order in which bad records take turns.
var Reasons = []string{"malformed_json", "invalid_utf8", "unknown_kind", "missing_field", "bad_field", "bad_time",
	"time_future", "time_past", "bad_amount", "unknown_currency", "too_large"}

// maxLarge bounds how many records over 1 MiB one run makes.
const maxLarge = 4

// spoil makes a record that ingest must refuse, for the reason whose turn it is.
func (w *wire) spoil(like source.Record) (source.Record, string) {
	reason := Reasons[w.badTurn%len(Reasons)]
	w.badTurn++
	if reason == "too_large" {
		if w.large++; w.large > maxLarge {
			reason = Reasons[w.large%(len(Reasons)-1)]
		}
	}
	id := fmt.Sprintf("bad-%d", w.badTurn)
	now := time.UnixMilli(like.TimeMS).UTC().Format("2006-01-02T15:04:05.000Z07:00")
	topic, value := spoiled(reason, id, now, w.bad)
	return source.Record{Topic: topic, Key: like.Key, Value: value, TimeMS: like.TimeMS}, reason
}

func spoiled(reason, id, now string, rng *rand.Rand) (topic string, value []byte) {
	comment := func(time, text string) []byte {
		return fmt.Appendf(nil, `{"event_id":%q,"time":%q,"show_id":"BAD","platform":"x","person_id":"b","text":"%s"}`,
			id, time, text)
	}
	reaction := func(rest string) []byte {
		return fmt.Appendf(nil, `{"event_id":%q,"time":%q,"show_id":"BAD","platform":"x","person_id":"b",%s}`, id,
			now, rest)
	}
	switch reason {
	case "malformed_json":
		v := comment(now, "cut off")
		return source.Comments, v[:1+rng.IntN(len(v)-1)]
	case "invalid_utf8":
		return source.Comments, comment(now, "caf\xe9 \xff\xfe")
	case "unknown_kind":
		return source.Reactions, reaction(`"kind":"teleport"`)
	case "missing_field":
		if rng.IntN(2) == 0 {
			return source.Reactions, reaction(`"count":3`) // no kind
		}
		return source.Comments, bytes.Replace(comment(now, "when?"), []byte(`"time":"`+now+`",`), nil, 1)
	case "bad_field":
		return source.Reactions, reaction(`"kind":"like","count":-3`)
	case "bad_time":
		return source.Comments, comment("yesterday at noon", "hello")
	case "time_future":
		return source.Comments, comment("2999-01-01T00:00:00Z", "hello")
	case "time_past":
		return source.Comments, comment("1969-07-20T20:17:40Z", "hello")
	case "bad_amount":
		return source.Reactions, reaction(`"kind":"gift","amount":"12.3.4","currency":"USD"`)
	case "unknown_currency":
		return source.Reactions, reaction(`"kind":"gift","amount":"12","currency":"ZZZ"`)
	case "too_large":
		return source.Comments, comment(now, strings.Repeat("x", event.MaxRecordBytes))
	}
	panic("cannot happen: no bad record for reason " + reason)
}
