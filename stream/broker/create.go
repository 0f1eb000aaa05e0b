package broker

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// Create makes the topics that do not exist yet and returns their names; those that exist are left as they are, so it may
// be called again at any time (Load tells whether they are fit). partitions is for each topic but the catalog, which has
// one; it cannot be changed later. replication -1 means the cluster's default.
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
		_, err := adm.CreateTopic(ctx, s.partitions, replication, s.configs(c.embedded), s.topic)
		switch {
		case err == nil:
			created = append(created, s.topic)
		case errors.Is(err, kerr.TopicAlreadyExists):
		default:
			return created, fmt.Errorf("creating topic %s: %w", s.topic, err)
		}
	}
	return created, nil
}

// admin makes a client and sees that it can speak with a broker: a wrong password is an error at once, where a request
// would be tried again until ctx ends.
func (c *Cluster) admin(ctx context.Context) (*kadm.Client, error) {
	cl, err := c.Client()
	if err != nil {
		return nil, err
	}
	if err := cl.Ping(ctx); err != nil {
		cl.Close()
		return nil, fmt.Errorf("reaching the Kafka brokers: %w", err)
	}
	return kadm.NewClient(cl), nil
}
