package bridge

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/ingest"
)

// maxHeaderBytes is what a dead letter keeps of the header that names a schema.
const maxHeaderBytes = 64

// letter is a record's dead letter, with the header that names its schema, without which its bytes say nothing.
func letter(t broker.Topics, r *kgo.Record, why *ingest.Reject) *kgo.Record {
	l := ingest.OfTopic(t, r, why)
	for _, h := range r.Headers {
		if h.Key == headerSchema {
			l.Headers = append(l.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value[:min(len(h.Value), maxHeaderBytes)]})
		}
	}
	return l
}
