package stream_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestFaultLeadersMove: under load the leaders of all partitions move between three brokers, and the coordinators of groups and
// transactions with them, again and again. At first each leader goes when it has written and not answered yet. Who wrote asks the
// next, which knows the write by its sequence number: no log has anything twice. Then leaders go that have acknowledged what the
// next does not have, while what was written to other logs is whole: the writer cannot go on, and begins anew behind what it had
// committed. Then there are doubles, which the folds drop, and there is still no gap.
func TestFaultLeadersMove(t *testing.T) {
	seed, want := undisturbed(t)
	hurt(t, seed, want, 3, func(w *world) {
		w.fake.ControlKey(kmsg.OffsetForLeaderEpoch.Int16(), w.nothingIsLost)
		m := w.start(w.as("netsu", w.net.DialContext), t.TempDir())
		w.until("running", time.Minute, func() bool { return m.running(12) })
		rng := rand.New(rand.NewPCG(seed, 2))
		wait := w.begin()
		topics := w.root.Topics
		moves := 0
		move := func() {
			for _, topic := range topics.All() {
				for p := range int32(4) {
					if topic == topics.Catalog && p > 0 {
						continue
					}
					if err := w.fake.MoveTopicPartition(topic, p, rng.Int32N(3)); err != nil {
						t.Fatal(err)
					}
					moves++
				}
			}
			w.fake.RehashCoordinators()
		}
		unanswered := 0
		for range 4 {
			time.Sleep(time.Second)
			lost := w.refuse(kerr.RequestTimedOut, 2, topics.Journal, topics.Journeys, topics.Meters, topics.ShowChangelog)
			credits := w.refuse(kerr.RequestTimedOut, 2, topics.Credits)
			w.until("writes without an answer", 30*time.Second, func() bool { return lost.Hits() == 8 && credits.Hits() > 0 })
			unanswered += lost.Hits() + credits.Hits()
			lost.Remove()
			credits.Remove()
			move()
		}
		w.until("fresh", time.Minute, func() bool { return m.running(12) && m.fresh() })
		for _, log := range []string{topics.Journal, topics.Journeys, topics.Credits} {
			if n := w.doubled(log); n > 0 {
				t.Errorf("%d events lie in %s twice", n, log)
			}
		}
		for _, log := range []string{topics.Credits, topics.Journal, topics.Journeys} {
			fewer := w.refuse(kerr.NotEnoughReplicas, -1, log)
			w.until("writes that wait", 20*time.Second, func() bool { return fewer.Hits() > 0 })
			time.Sleep(6 * time.Second) // more than a checkpoint, and commits
			gap := w.refuse(kerr.OutOfOrderSequenceNumber, 1, log)
			fewer.Remove()
			w.until("a write after a gap", 20*time.Second, func() bool { return gap.Hits() == 1 })
			gap.Remove()
			move()
			w.until("running again", time.Minute, func() bool { return m.running(12) })
		}
		back := w.until("fresh", time.Minute, func() bool { return m.running(12) && m.fresh() })
		t.Logf("%d moves in %v, %d writes without an answer; fresh %v after the last", moves, time.Since(w.began), unanswered, back)
		wait()
		for _, log := range []string{topics.Journal, topics.Journeys} {
			n := w.doubled(log)
			if t.Logf("%d events lie in %s twice", n, log); n == 0 {
				t.Error("nothing was written again: the test has lost its teeth")
			}
		}
	})
}

// refuse has so many writes to each of the topics answered with an error; -1: all, until it is removed. Of those that time out it
// is only the answer that is lost. Of the writes to credits, to which ingest writes the ticks, it is those of the journey fold.
func (w *world) refuse(err *kerr.Error, writes int, topics ...string) *kfake.FaultHandle {
	ingest := uint64(0) // its producer id: who writes to the journal
	faults := []kfake.Fault{{Observe: true, Keys: []kmsg.Key{kmsg.Produce}, Topic: w.root.Topics.Journal, Count: -1,
		When: func(r kmsg.Request) bool { ingest = producerOf(r); return false }}}
	for _, topic := range topics {
		f := kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: err, Count: writes}
		if topic == w.root.Topics.Credits {
			f.When = func(r kmsg.Request) bool { return ingest != 0 && producerOf(r) != ingest }
		}
		faults = append(faults, f)
	}
	return w.fake.Fault(faults...)
}

// producerOf is the producer id in the first batch of a write.
func producerOf(r kmsg.Request) uint64 {
	return binary.BigEndian.Uint64(r.(*kmsg.ProduceRequest).Topics[0].Partitions[0].Records[43:])
}

// nothingIsLost answers where an epoch has ended: no log has been cut, so it is as far as the log goes. The fake answers as if all
// of an epoch were lost while nothing has been written in the next, and ingest would read a quiet topic from its start at each move.
func (w *world) nothingIsLost(r kmsg.Request) (kmsg.Response, error, bool) {
	w.fake.KeepControl()
	req := r.(*kmsg.OffsetForLeaderEpochRequest)
	resp := req.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse)
	for _, topic := range req.Topics {
		t := kmsg.NewOffsetForLeaderEpochResponseTopic()
		t.Topic = topic.Topic
		for _, asked := range topic.Partitions {
			p := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
			p.Partition = asked.Partition
			switch now := w.fake.PartitionInfo(topic.Topic, asked.Partition); {
			case now == nil || now.Leader != w.fake.CurrentNode():
				p.ErrorCode = kerr.NotLeaderForPartition.Code
			case asked.CurrentLeaderEpoch >= 0 && asked.CurrentLeaderEpoch < now.Epoch:
				p.ErrorCode = kerr.FencedLeaderEpoch.Code
			default:
				p.LeaderEpoch, p.EndOffset = asked.LeaderEpoch, now.HighWatermark
			}
			t.Partitions = append(t.Partitions, p)
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp, nil, true
}
