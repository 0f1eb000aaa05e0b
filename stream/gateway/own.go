package gateway

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

// Lines of the source "events" are {"topic":"comments","key":"…","value":{…}}, as netsu replay plays them: the topic is
// comments, reactions or orders, the value an event in the raw format. The catalog is not open here: it says who is paid
// what.
type ownLine struct {
	Topic string          `json:"topic"`
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

var ownTopics = map[string]ingest.Raw{source.Comments: ingest.RawComments, source.Reactions: ingest.RawReactions,
	source.Orders: ingest.RawOrders}

// ownEvents holds every line against ingest's own decoder, which is the whole of what ingest will say of it. All or
// nothing: the first fault refuses the delivery.
func (s *Server) ownEvents(src *Sender, d *delivery) (b batch, err error) {
	o := newOwnReader(d.id(src))
	n := 0
	for line := range bytes.Lines(d.body) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		r, err := o.read(line, n)
		if err != nil {
			return batch{}, fmt.Errorf("line %d: %w", n, err)
		}
		b.records = append(b.records, r)
	}
	return b, nil
}

type ownReader struct {
	decoder  *ingest.Decoder
	delivery string
	nowhere  string // a topic of no record: an event that is named by its place has no id of its own
}

func newOwnReader(delivery string) *ownReader {
	key := make([]byte, event.KeySize)
	rand.Read(key) // never fails; what is hashed with it is thrown away
	hasher, err := event.NewHasher(key)
	if err != nil {
		panic("cannot happen: a key of the right size: " + err.Error())
	}
	return &ownReader{decoder: ingest.NewDecoder(hasher, time.UnixMilli(1), time.Now), delivery: delivery,
		nowhere: rand.Text()}
}

func (o *ownReader) read(text []byte, n int) (source.Record, error) {
	var l ownLine
	if err := json.Unmarshal(text, &l); err != nil {
		return source.Record{}, errors.New(`expected {"topic":…,"value":{…}} on one line`)
	}
	raw, ok := ownTopics[l.Topic]
	if !ok {
		return source.Record{}, errors.New("topic is none of comments, reactions, orders")
	}
	value := bytes.Clone(l.Value)
	e, bad := o.decoder.Decode(&ingest.Input{Raw: raw, Topic: o.nowhere, Value: value})
	if bad != nil {
		return source.Record{}, bad
	}
	if strings.HasPrefix(e.Id, o.nowhere+"/") {
		value = named(value, fmt.Sprintf("%s/%d", o.delivery, n))
	}
	r := source.Record{Topic: l.Topic, Value: value}
	if l.Key != "" {
		r.Key = []byte(l.Key)
	}
	return r, nil
}

// named gives an event an id: behind all its fields, as the last of two that are called the same counts, and there may
// be an empty one.
func named(value []byte, id string) []byte {
	quoted, err := json.Marshal(hashOf([]byte(id)))
	if err != nil {
		panic("cannot happen: hex digits: " + err.Error())
	}
	end := bytes.LastIndexByte(value, '}')
	return append(append(append(value[:end:end], `,"event_id":`...), quoted...), '}')
}
