package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Create makes the topics that do not exist yet and returns their names; those that exist are left as they are, so it
// may be called again at any time (Load tells whether they are fit). partitions is for each topic but the catalog,
// which has one; it cannot be changed later. replication is the copies of each partition, of which LeastInSync must have a record
// before it is acknowledged; -1 leaves both to the cluster's defaults.
func Create(ctx context.Context, c *Cluster, t Topics, partitions int32, replication int16) ([]string, error) {
	if partitions < 1 {
		return nil, fmt.Errorf("creating topics: partitions is %d, must be at least 1", partitions)
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("creating topics: %w", err)
	}
	adm, err := c.admin(ctx)
	if err != nil {
		return nil, err
	}
	defer adm.Close()
	var created []string
	for _, s := range t.specs(partitions) {
		_, err := adm.CreateTopic(ctx, s.partitions, replication, s.configs(c.embedded, replication), s.topic)
		switch {
		case err == nil:
			created = append(created, s.topic)
		case errors.Is(err, kerr.TopicAlreadyExists):
		case errors.Is(err, kerr.InvalidReplicationFactor):
			return created, fmt.Errorf("creating topic %s: %d copies are asked for and fewer brokers are up; wait until all are, or "+
				"ask for fewer with --replication: %w", s.topic, replication, err)
		default:
			return created, fmt.Errorf("creating topic %s: %w", s.topic, err)
		}
	}
	if err := await(ctx, adm, t.All()); err != nil {
		return created, fmt.Errorf("waiting for the topics to appear: %w", err)
	}
	return created, nil
}

// await returns once the topics are listed: the controller has made them, but it takes brokers a moment (on a busy
// machine, seconds) to hear of it.
func await(ctx context.Context, adm *kadm.Client, topics []string) error {
	for {
		listed, err := adm.ListTopics(ctx, topics...)
		if err != nil {
			return err
		}
		if err := listed.Error(); err == nil {
			return nil
		} else if !errors.Is(err, kerr.UnknownTopicOrPartition) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// reached makes a client and sees that it can speak with a broker: a wrong password is an error at once, where a request
// would be tried again until ctx ends.
func (c *Cluster) reached(ctx context.Context) (*kgo.Client, error) {
	cl, err := c.Client()
	if err != nil {
		return nil, err
	}
	if err := cl.Ping(ctx); err != nil {
		cl.Close()
		return nil, fmt.Errorf("reaching the Kafka brokers: %w", err)
	}
	return cl, nil
}

// admin is reached, for those who ask and order.
func (c *Cluster) admin(ctx context.Context) (*kadm.Client, error) {
	cl, err := c.reached(ctx)
	if err != nil {
		return nil, err
	}
	return kadm.NewClient(cl), nil
}
