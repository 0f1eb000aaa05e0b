package ingest

import (
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// Headers of a dead letter.
const (
	headerReason    = "reason"
	headerDetail    = "detail"
	headerTopic     = "topic"
	headerPartition = "partition"
	headerOffset    = "offset"
	headerTimestamp = "timestamp_ms"
	headerTruncated = "truncated" // only where it is: how many bytes key and value had together
)

// maxLetterBytes is what of a record a dead letter can hold. Beyond it the value's beginning is kept, and the letter
// says so: the whole lies at its place for as long as the raw topic keeps it.
const maxLetterBytes = broker.MaxDeadLetterBytes - 64<<10

// bury writes a dead letter: key and value as they came, and why. It is committed like a block, and its partition goes
// by that of the raw record, so that a re-reading writes it to the same one.
func (r *router) bury(l *lane, rec *kgo.Record, why *Reject) {
	in := r.in
	partition, offset := origin(rec)
	in.metrics.deadLetters[why.Reason].Inc()
	letter := &kgo.Record{
		Topic:     in.Topics.DeadLetters,
		Partition: l.partition % in.Layout.Partitions[in.Topics.DeadLetters],
		Key:       rec.Key,
		Value:     rec.Value,
		Headers: []kgo.RecordHeader{
			{Key: headerReason, Value: []byte(why.Reason)},
			{Key: headerDetail, Value: []byte(why.Detail)},
			{Key: headerTopic, Value: []byte(rec.Topic)},
			{Key: headerPartition, Value: strconv.AppendInt(nil, int64(partition), 10)},
			{Key: headerOffset, Value: strconv.AppendInt(nil, offset, 10)},
			{Key: headerTimestamp, Value: strconv.AppendInt(nil, rec.Timestamp.UnixMilli(), 10)},
		},
	}
	if size := len(rec.Key) + len(rec.Value); size > maxLetterBytes {
		letter.Key = rec.Key[:min(len(rec.Key), maxIDBytes)]
		letter.Value = rec.Value[:min(len(rec.Value), maxLetterBytes-maxIDBytes)]
		letter.Headers = append(letter.Headers,
			kgo.RecordHeader{Key: headerTruncated, Value: strconv.AppendInt(nil, int64(size), 10)})
	}
	in.sink.produce(in.sink.letters, letter, &in.progress.open().pending)
}
