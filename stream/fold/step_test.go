package fold_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/fold"
)

// stamped makes the records of a topic have other append times: as if the broker's clock had been another.
type stamped struct {
	topic string
	at    func(time.Time) time.Time
}

// OnFetchRecordBuffered implements kgo.HookFetchRecordBuffered.
func (s stamped) OnFetchRecordBuffered(r *kgo.Record) {
	if r.Topic == s.topic {
		r.Timestamp = s.at(r.Timestamp)
	}
}

// Whatever the broker's clock does, a checkpoint is made about every CheckpointEvery.
func TestCheckpointsGoOnWhateverTheBrokersClockDoes(t *testing.T) {
	began := time.Now()
	for name, clock := range map[string]func(time.Time) time.Time{
		"stands still": func(time.Time) time.Time { return began },
		"goes back":    func(at time.Time) time.Time { return began.Add(began.Sub(at)) },
		"is set back": func(at time.Time) time.Time { // by an hour, whenever a quarter of a minute has begun
			return at.Add(-time.Hour * time.Duration(at.Second()/15))
		},
		"is set forward": func(at time.Time) time.Time { return at.Add(time.Hour * time.Duration(at.Second()/15)) },
	} {
		t.Run(name, func(t *testing.T) {
			alone(t, func(t *testing.T, w *world, m *machine) {
				p := w.start(m, func(c *fold.Config) {
					cluster, err := broker.New(broker.Settings{Seeds: []string{w.broker.Addr()}, Dialer: w.net.DialContext,
						Logger: quiet, Hooks: []kgo.Hook{stamped{w.topics.Journal, clock}}})
					w.must(err)
					c.Cluster = cluster
				})
				for i := range 240 {
					w.say(0, 5)
					time.Sleep(250 * time.Millisecond)
					if i < 40 {
						continue // it joins
					}
					for _, task := range p.runner.Status().Tasks {
						if age := time.Since(task.Checkpointed); age > 7*time.Second {
							t.Fatalf("after %d records the latest checkpoint of partition %d is %v old", i, task.Partition, age)
						}
					}
				}
				p.shutdown()
			})
		})
	}
}
