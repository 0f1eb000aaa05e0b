package bench

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// lastOffsets finds, in each partition of an internal log, the last record that holds more than a tick; a partition that
// has none is left out. It reads backwards from the end, which ticks have made longer meanwhile.
func lastOffsets(ctx context.Context, c *broker.Cluster, topic string) (map[int32]int64, error) {
	client, err := c.Client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err != nil {
		return nil, fmt.Errorf("listing the ends of %s: %w", topic, err)
	}
	last := map[int32]int64{}
	for partition, end := range ends[topic] {
		for window := int64(256); ; window *= 8 {
			from := max(0, end.Offset-window)
			at, err := lastIn(ctx, c, topic, partition, from, end.Offset)
			if err != nil {
				return nil, fmt.Errorf("reading the end of %s/%d: %w", topic, partition, err)
			}
			if at >= 0 {
				last[partition] = at
			}
			if at >= 0 || from == 0 {
				break
			}
		}
	}
	return last, nil
}

func lastIn(ctx context.Context, c *broker.Cluster, topic string, partition int32, from, end int64) (int64, error) {
	if from == end {
		return -1, nil
	}
	reader, err := c.Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
		topic: {partition: kgo.NewOffset().At(from)}}))
	if err != nil {
		return 0, err
	}
	defer reader.Close()
	last := int64(-1)
	for at := from; at < end; {
		fetches := reader.PollFetches(ctx)
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if errs := fetches.Errors(); len(errs) > 0 {
			return 0, errs[0].Err
		}
		for _, r := range fetches.Records() {
			at = r.Offset + 1
			var b eventpb.Block
			if err := b.UnmarshalVT(r.Value); err != nil {
				return 0, err
			}
			if r.Offset < end && !onlyTicks(&b) {
				last = r.Offset
			}
		}
	}
	return last, nil
}

func onlyTicks(b *eventpb.Block) bool {
	for _, e := range b.Events {
		if e.Kind != eventpb.Kind_KIND_TICK {
			return false
		}
	}
	return true
}
