package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

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
	letter := letterOf(rec.Topic, partition, offset, rec.Timestamp, why, rec.Key, rec.Value)
	letter.Topic, letter.Partition = in.Topics.DeadLetters, l.partition%in.Layout.Partitions[in.Topics.DeadLetters]
	in.sink.Produce(in.sink.letters, letter, &in.progress.open().pending)
}

// Outside is the dead letter of bytes that never were a raw record: what came in at another door, from a sender who
// will not send it otherwise, and could not be read. Its place is made up: the door's name for a topic, and a hash of
// the bytes for an offset, so that the same bytes that come again are the same letter. It is of no raw topic: Resubmit
// refuses it, and what mends it is reading its bytes anew (netsu replay --format).
func Outside(t broker.Topics, door string, at time.Time, why *Reject, value []byte) *kgo.Record {
	hash := sha256.Sum256(value)
	letter := letterOf(door, 0, int64(binary.BigEndian.Uint64(hash[:])>>1), at, why, nil, value)
	letter.Topic = t.DeadLetters
	return letter
}

// OfTopic is the dead letter of a record of a topic that is none of the raw ones: key and value as they came, and its own
// place. Resubmit refuses it: what mends it is reading its topic anew.
func OfTopic(t broker.Topics, r *kgo.Record, why *Reject) *kgo.Record {
	letter := letterOf(r.Topic, r.Partition, r.Offset, r.Timestamp, why, r.Key, r.Value)
	letter.Topic = t.DeadLetters
	return letter
}

func letterOf(topic string, partition int32, offset int64, at time.Time, why *Reject, key, value []byte) *kgo.Record {
	letter := &kgo.Record{
		Key:   key,
		Value: value,
		Headers: []kgo.RecordHeader{
			{Key: headerReason, Value: []byte(why.Reason)},
			{Key: headerDetail, Value: []byte(why.Detail)},
			{Key: headerTopic, Value: []byte(topic)},
			{Key: headerPartition, Value: strconv.AppendInt(nil, int64(partition), 10)},
			{Key: headerOffset, Value: strconv.AppendInt(nil, offset, 10)},
			{Key: headerTimestamp, Value: strconv.AppendInt(nil, at.UnixMilli(), 10)},
		},
	}
	if size := len(key) + len(value); size > maxLetterBytes {
		letter.Key = key[:min(len(key), maxIDBytes)]
		letter.Value = value[:min(len(value), maxLetterBytes-maxIDBytes)]
		letter.Headers = append(letter.Headers,
			kgo.RecordHeader{Key: headerTruncated, Value: strconv.AppendInt(nil, int64(size), 10)})
	}
	return letter
}
