package ingest

import (
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// origin is where a record first lay: its own place, or that of the dead letter it was. The place is the identity of an
// event without an id and of a letter; so a letter that is submitted twice counts once, and one that fails again does
// not become two. A header that names another topic, or no place, is ignored.
func origin(r *kgo.Record) (partition int32, offset int64) {
	for _, h := range r.Headers {
		if h.Key != HeaderResubmitted {
			continue
		}
		if p, o, ok := parsePlace(string(h.Value), r.Topic); ok {
			return p, o
		}
	}
	return r.Partition, r.Offset
}

// parsePlace reads topic/partition/offset.
func parsePlace(text, topic string) (partition int32, offset int64, ok bool) {
	rest, ok := strings.CutPrefix(text, topic+"/")
	if !ok {
		return 0, 0, false
	}
	before, after, _ := strings.Cut(rest, "/")
	p, err := strconv.ParseInt(before, 10, 32)
	if err != nil || p < 0 {
		return 0, 0, false
	}
	offset, err = strconv.ParseInt(after, 10, 64)
	return int32(p), offset, err == nil && offset >= 0
}
