package feed

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// barred are the topics that could not be read lately, each with when that was last so: at most the two that are read. Who
// watches goes on to see what was, and reading goes on by itself when it may.
type barred map[string]time.Time

// bar stops reading a topic for a while. That a topic is gone is for others to say: they know what it was.
func (s *Server) bar(cl *kgo.Client, b barred, e kgo.FetchError) {
	if broker.Unauthorized(e.Err) {
		err := s.c.Cluster.Denied(e.Err, broker.Use{Operation: "Read", Topic: e.Topic})
		s.c.Trouble(e.Topic, fmt.Errorf("reading %s: %w", e.Topic, err))
	}
	cl.PauseFetchTopics(e.Topic)
	b[e.Topic] = time.Now()
}

// unbar reads topics again whose time has come, and says which are mended.
func (s *Server) unbar(cl *kgo.Client, b barred, fetches kgo.Fetches) {
	read := map[string]bool{}
	fetches.EachRecord(func(r *kgo.Record) { read[r.Topic] = true })
	for topic, last := range b {
		since := time.Since(last)
		if since >= broker.BarredFor {
			cl.ResumeFetchTopics(topic)
		}
		if since >= broker.MendedAfter || since >= broker.BarredFor && read[topic] {
			s.c.Trouble(topic, nil)
			delete(b, topic)
		}
	}
}
