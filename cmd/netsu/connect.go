package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/broker"
)

// localBroker is where the embedded broker of `netsu run` and `netsu demo` listens unless told otherwise.
const localBroker = "127.0.0.1:9092"

// addLocal adds the flags for a command that talks to what already runs, which most often is on this machine.
func (f *kafkaFlags) addLocal(c *cobra.Command) {
	f.add(c, "host:port of some brokers; a running `netsu run` or `netsu demo` has one at the default")
	f.Seeds = []string{localBroker}
	c.Flags().Lookup("brokers").DefValue = localBroker
	addConfig(c)
}

// connect reaches a cluster that has the topics, or says within seconds, and in words, what is wrong.
func (f *kafkaFlags) connect(ctx context.Context) (*broker.Cluster, broker.Topics, error) {
	cluster, topics, err := f.cluster()
	if err != nil {
		return nil, topics, err
	}
	if err := ping(ctx, f, cluster); err != nil {
		return nil, topics, err
	}
	_, err = broker.Load(ctx, cluster, topics)
	if errors.Is(err, broker.ErrTopics) {
		return nil, topics, fmt.Errorf("%w\n(is --prefix %s the one in use there?)", err, f.prefix)
	}
	return cluster, topics, err
}
