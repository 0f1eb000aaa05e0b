package stream

import (
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// watchEvery is how often the topics are looked at: one request for their metadata.
const watchEvery = 5 * time.Second

// watch says of the topics whether they are still those that this process began with. Who reads or writes a topic that was
// deleted hears of it late or not at all: a consumer waits for it to come back. It decides nothing: folds refuse by
// themselves a topic that was made anew, and ingest takes a raw one up.
func (p *Program) watch(ctx context.Context) error {
	topics := slices.DeleteFunc(p.topics.All(), func(name string) bool { return slices.Contains(p.topics.Raw(), name) })
	return every(ctx, p.cluster, func(ctx context.Context, cl *kgo.Client) { p.look(ctx, cl, p.layout, topics) })
}

// every calls f at intervals until ctx ends, with a client and the time until the next.
func every(ctx context.Context, c *broker.Cluster, f func(context.Context, *kgo.Client)) error {
	cl, err := c.Client()
	if err != nil {
		return err
	}
	defer cl.Close()
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			short, cancel := context.WithTimeout(ctx, watchEvery)
			f(short, cl)
			cancel()
		}
	}
}

// look notes what is wrong with the topics, and returns it. While the brokers do not answer, what was known stays.
func (p *Program) look(ctx context.Context, cl *kgo.Client, l *broker.Layout, topics []string) map[string]error {
	wrong, err := l.Changes(ctx, p.cluster, cl, topics...)
	if err != nil {
		return nil
	}
	for _, name := range topics {
		p.troubles.note(partTopics, name, wrong[name])
	}
	return wrong
}
