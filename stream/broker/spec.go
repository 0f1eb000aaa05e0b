package broker

import (
	"strconv"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// MaxLogBytes bounds a batch in the internal logs, the meters and the changelogs: a block at its largest, with room for
// its framing. Writers of them set kgo.ProducerBatchMaxBytes to it (see LogWriter).
const MaxLogBytes = 2 * event.MaxBlockBytes

// MaxDeadLetterBytes bounds a batch of dead letters: the topic must hold what was too large for ingest.
const MaxDeadLetterBytes = 8 << 20

// embeddedPartitionBytes bounds a partition of a "delete" topic in the embedded broker, so that a program left alone
// does not fill a disk; the oldest records go first. Records that every reader has committed go much earlier (see
// tidy.go).
const (
	embeddedPartitionBytes = 1 << 30
	embeddedSegmentBytes   = 8 << 20
)

const day = 24 * time.Hour

// A spec is what a topic must be like. Its configs are set at creation; of them, only those that correctness rests on
// are checked later (see problems), so that an operator may choose longer retention or other segments.
type spec struct {
	topic      string
	partitions int32
	compact    bool
	keep       time.Duration // of a "delete" topic
	maxBytes   int           // 0: the broker's default
	appendTime bool          // folds take their time from the record's timestamp, so the broker must set it
	users      bool          // the user's topic: made if absent, but its configuration is theirs
	likeTopic  string        // must have as many partitions as this one ("" = any number)
}

func (t Topics) specs(partitions int32) []spec {
	raw := func(name string) spec {
		// Room above event.MaxRecordBytes: what is too large for ingest should become a dead letter there, with a reason,
		// and not an error at its producer.
		return spec{topic: name, partitions: partitions, keep: 7 * day, maxBytes: MaxLogBytes, users: true}
	}
	log := func(name string, keep time.Duration) spec {
		return spec{topic: name, partitions: partitions, keep: keep, maxBytes: MaxLogBytes, appendTime: true}
	}
	changelog := func(name, input string) spec {
		return spec{topic: name, partitions: partitions, compact: true, maxBytes: MaxLogBytes, likeTopic: input}
	}
	return []spec{
		raw(t.Comments), raw(t.Reactions), raw(t.Orders),
		{topic: t.Catalog, partitions: 1, compact: true, maxBytes: MaxLogBytes},
		log(t.Journal, 7*day), log(t.Journeys, 45*day), log(t.Credits, 45*day),
		{topic: t.Meters, partitions: partitions, compact: true, maxBytes: MaxLogBytes},
		{topic: t.Alerts, partitions: partitions, keep: 30 * day, maxBytes: MaxLogBytes},
		{topic: t.DeadLetters, partitions: partitions, keep: 30 * day, maxBytes: MaxDeadLetterBytes},
		changelog(t.ShowChangelog, t.Journal),
		changelog(t.JourneyChangelog, t.Journeys),
		changelog(t.LedgerChangelog, t.Credits),
	}
}

// configs are the topic's settings at creation. embedded adds bounds by size, and has no copies.
func (s spec) configs(embedded bool, copies int16) map[string]*string {
	m := map[string]*string{}
	set := func(k, v string) { m[k] = &v }
	if s.compact {
		set("cleanup.policy", "compact")
		// The embedded broker applies retention to compacted topics too, by default after 7 days.
		set("retention.ms", "-1")
		// A reader that was away for a week still sees the deletion of a key.
		set("delete.retention.ms", millis(7*day))
		// Compact soon: restore reads what is left.
		set("min.cleanable.dirty.ratio", "0.1")
		set("segment.ms", millis(day))
	} else {
		set("cleanup.policy", "delete")
		set("retention.ms", millis(s.keep))
	}
	if s.maxBytes > 0 {
		set("max.message.bytes", strconv.Itoa(s.maxBytes))
	}
	if s.appendTime {
		set("message.timestamp.type", "LogAppendTime")
	}
	if !embedded && copies > 0 {
		set("min.insync.replicas", strconv.Itoa(LeastInSync(copies)))
	}
	if embedded {
		set("segment.bytes", strconv.Itoa(embeddedSegmentBytes))
		if !s.compact {
			set("retention.bytes", strconv.Itoa(embeddedPartitionBytes))
		}
	}
	return m
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// TopicSpec is a topic as Create makes it on a real cluster, for those who have theirs made by something else.
type TopicSpec struct {
	Name       string
	Partitions int32
	Config     map[string]string
}

// Specs are all topics, in the order data meets them. partitions is for each but the catalog, which has one; copies are of
// each partition.
func (t Topics) Specs(partitions int32, copies int16) []TopicSpec {
	var all []TopicSpec
	for _, s := range t.specs(partitions) {
		config := map[string]string{}
		for key, value := range s.configs(false, copies) {
			config[key] = *value
		}
		all = append(all, TopicSpec{s.topic, s.partitions, config})
	}
	return all
}
