package stream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/sim"
)

func TestDbg(t *testing.T) {
	sc := play(t, 77, 2*time.Minute, 2, sim.Wire{Disorder: 8 * time.Second, DuplicateRate: .01, BadRate: .002})
	c := child{DataDir: t.TempDir(), Port: freePort(t), Prefix: broker.DefaultPrefix, Partitions: 4}
	cluster, err := broker.New(broker.Settings{Seeds: []string{fmt.Sprintf("127.0.0.1:%d", c.Port)}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	first := start(t, c) // makes the topics
	awaitTopics(t, cluster, broker.DefaultTopics())
	first.kill()
	sc.survive(t, c, cluster, broker.DefaultTopics(), map[string]*eventpb.Meter{})
}
