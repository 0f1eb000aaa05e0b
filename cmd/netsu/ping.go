package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/broker"
)

// patience is how long a command waits for a first answer.
const patience = 5 * time.Second

// ping tells in words, and soon, when nobody answers: a Kafka client by itself would go on trying.
func ping(ctx context.Context, f *kafkaFlags, c *broker.Cluster) error {
	cl, err := c.Client()
	if err != nil {
		return err
	}
	defer cl.Close()
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = cl.Ping(soon)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("no answer within %v", patience)
	}
	hint := "are these the brokers' addresses, and does the cluster ask for --tls or --sasl?"
	if slices.Equal(f.Seeds, []string{localBroker}) {
		hint = "no netsu runs there: start `netsu run` in another terminal, or name other brokers with --brokers"
	}
	return fmt.Errorf("no Kafka answers at %s: %w\n(%s)", strings.Join(f.Seeds, ","), err, hint)
}
