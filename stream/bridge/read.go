package bridge

import (
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/bridge/schema"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

// outcome is what a record amounts to: events, none of them if its mapping passes it, or a dead letter.
type outcome struct {
	events  []source.Record
	refused *ingest.Reject
	timeMS  int64 // of the earliest event, else of the record
}

// read decodes and maps a record. ok is false while its schema is not here; wait is then as of schemas.get.
func (b *bridge) read(in *Input, r *kgo.Record, now time.Time) (out outcome, ok bool, wait time.Duration) {
	out.timeMS = r.Timestamp.UnixMilli()
	if r.Value == nil || r.Attrs.IsControl() {
		return out, true, 0 // a tombstone says nothing, and neither does the end of a transaction
	}
	if n := len(r.Value); n > event.MaxRecordBytes {
		out.refused = &ingest.Reject{Reason: ingest.TooLarge,
			Detail: fmt.Sprintf("expected at most %d bytes, got %d", event.MaxRecordBytes, n)}
		return out, true, 0
	}
	v, refused, ok, wait := b.value(in, r, now)
	if !ok {
		return out, false, wait
	}
	if out.refused = refused; refused != nil {
		return out, true, 0
	}
	events, err := source.Payloads{Name: fmt.Sprintf("%s/%d/%d", r.Topic, r.Partition, r.Offset), Mapping: in.Mapping}.Map(v)
	if err != nil {
		out.refused = &ingest.Reject{Reason: mapReason(err), Detail: "the mapping of " + r.Topic + ": " + err.Error()}
		return out, true, 0
	}
	for i, e := range events {
		if len(e.Value) > event.MaxRecordBytes {
			out.refused = &ingest.Reject{Reason: ingest.TooLarge, Detail: "the event of it"}
			return out, true, 0
		}
		if i == 0 || e.TimeMS < out.timeMS {
			out.timeMS = e.TimeMS
		}
	}
	out.events = events
	return out, true, 0
}

// value decodes a record.
func (b *bridge) value(in *Input, r *kgo.Record, now time.Time) (v any, refused *ingest.Reject, ok bool, wait time.Duration) {
	bad := func(err error) (any, *ingest.Reject, bool, time.Duration) {
		reason := ingest.BadBytes
		switch {
		case errors.Is(err, schema.ErrUTF8):
			reason = ingest.InvalidUTF8
		case in.Plain:
			reason = ingest.MalformedJSON
		}
		return nil, &ingest.Reject{Reason: reason, Detail: err.Error()}, true, 0
	}
	if in.Plain {
		v, err := schema.DecodeJSON(r.Value)
		if err != nil {
			return bad(err)
		}
		return v, nil, true, 0
	}
	ref, place, body, err := reference(r)
	if err != nil {
		return bad(err)
	}
	by, refused, wait := b.schemas.get(ref, now)
	if by == nil {
		return nil, refused, refused != nil, wait
	}
	var message []int
	if by.Kind == schema.Protobuf {
		if place != nil { // the header has it
			message, _, err = parseMessage(place)
		} else {
			message, body, err = parseMessage(body)
		}
		if err != nil {
			return bad(err)
		}
	}
	if v, err = by.Decode(message, body); err != nil {
		return bad(fmt.Errorf("by the schema %s: %w", ref, err))
	}
	return v, nil, true, 0
}

// mapReason is a mapping's error in the words of dead letters.
func mapReason(err error) ingest.Reason {
	switch {
	case errors.Is(err, event.ErrCurrency):
		return ingest.UnknownCurrency
	case errors.Is(err, event.ErrTooPrecise), errors.Is(err, event.ErrOverflow):
		return ingest.BadAmount
	}
	return ingest.BadField
}
