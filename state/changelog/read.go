package changelog

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/broker"
)

// Read calls fn with all that was committed to a partition of a changelog when it was called, in order: later entries
// of a key take the place of earlier ones. Unlike Open it takes nothing over, so whoever owns the task goes on; it is
// for looking at state from outside.
func Read(ctx context.Context, c *broker.Cluster, topic string, partition int32, fn func(state.Entry)) error {
	if err := read(ctx, c, topic, partition, fn); err != nil {
		return fmt.Errorf("reading %s/%d: %w", topic, partition, err)
	}
	return nil
}

func read(ctx context.Context, c *broker.Cluster, topic string, partition int32, fn func(state.Entry)) error {
	cl, err := c.Client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().AtStart()}}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // one may be the last
	)
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	starts, err := adm.ListStartOffsets(ctx, topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return fmt.Errorf("asking where it begins: %w", err)
	}
	ends, err := adm.ListCommittedOffsets(ctx, topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return fmt.Errorf("asking where it ends: %w", err)
	}
	start, _ := starts.Lookup(topic, partition)
	end, _ := ends.Lookup(topic, partition)
	take, ended := state.Joined(fn)
	for next := start.Offset; next < end.Offset; {
		fetches, err := poll(ctx, cl)
		if err != nil {
			return err
		}
		for r := range fetches.RecordsAll() {
			next = r.Offset + 1
			if r.Offset >= end.Offset {
				return ended()
			}
			if r.Attrs.IsControl() {
				continue
			}
			e, ok, err := entryOf(r)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if err := take(e); err != nil {
				return err
			}
		}
	}
	return ended()
}
