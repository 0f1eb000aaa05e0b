package gateway

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

// mapped reads a platform's payloads. What cannot be read is a letter: the payload's bytes, or where the body is no
// JSON from some place on, the whole body.
func mapped(src *Sender, d *delivery) (b batch) {
	p := source.Payloads{Name: d.id(src), ShowID: d.show, EsolID: d.esol, SKU: d.sku, Mapping: src.mapping,
		AtMS: d.sent(src).UnixMilli()}
	bury := func(raw []byte, why *ingest.Reject) {
		b.letters = append(b.letters, letter{door: "gateway/" + src.name, at: d.at, why: why, bytes: bytes.Clone(raw)})
	}
	err := p.Each(src.format, bytes.NewReader(d.body), func(_ int, raw []byte, records []source.Record, err error) error {
		if err != nil {
			bury(raw, &ingest.Reject{Reason: reasonOf(err), Detail: src.name + ": " + err.Error()})
		}
		for _, r := range records {
			if len(r.Value) > event.MaxRecordBytes {
				bury(raw, &ingest.Reject{Reason: ingest.TooLarge, Detail: src.name + ": the event of it"})
				continue
			}
			b.records = append(b.records, r)
		}
		return nil
	})
	if err != nil {
		bury(d.body, &ingest.Reject{Reason: ingest.MalformedJSON, Detail: src.name + ": not JSON throughout"})
	}
	return b
}

// reasonOf is a mapper's error in the words of dead letters.
func reasonOf(err error) ingest.Reason {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return ingest.MalformedJSON
	case errors.Is(err, event.ErrCurrency):
		return ingest.UnknownCurrency
	case errors.Is(err, event.ErrTooPrecise), errors.Is(err, event.ErrOverflow):
		return ingest.BadAmount
	}
	return ingest.BadField
}
