package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/broker"
)

// ping tells in words, and soon, when nobody answers: a Kafka client by itself would go on trying.
func ping(ctx context.Context, f *kafkaFlags, c *broker.Cluster) error {
	cl, err := c.Client()
	if err != nil {
		return err
	}
	defer cl.Close()
	soon, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := cl.Ping(soon); err != nil {
		return fmt.Errorf("no Kafka answers at %s: %w (start one with `netsu run`, or name another with --brokers)",
			strings.Join(f.Seeds, ","), err)
	}
	return nil
}
