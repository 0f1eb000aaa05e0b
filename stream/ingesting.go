package stream

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/ingest"
)

// runIngest ingests until ctx ends.
func (p *Program) runIngest(ctx context.Context) error {
	hasher, err := event.NewHasher(p.s.Key)
	if err != nil {
		return err
	}
	return p.again(ctx, partIngest, func(ctx context.Context, at func()) error { return p.ingest(ctx, hasher, at) })
}

// ingest is one attempt. It ends with ErrMadeAnew if a raw topic is not the one that it reads any more: that one's events
// are of another source, which begins at the start.
func (p *Program) ingest(ctx context.Context, hasher *event.Hasher, at func()) error {
	layout, err := p.rawLayout(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	at()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		_ = every(ctx, p.cluster, func(ctx context.Context, cl *kgo.Client) { // a client that cannot be made fails ingest itself
			for _, err := range p.look(ctx, cl, layout, p.topics.Raw()) {
				if errors.Is(err, broker.ErrMadeAnew) {
					stop(err)
				}
			}
		})
	}()
	err = ingest.Run(ctx, ingest.Config{
		Cluster: p.cluster, Topics: p.topics, Layout: layout, Hasher: hasher,
		MinTime: p.s.MinTime, Align: p.s.Align, InstanceID: p.instance, SessionTimeout: p.s.SessionTimeout,
		Logger: p.s.Logger, Registerer: p.registry,
		Trouble: func(what string, err error) { p.troubles.note(partIngest, what, err) },
	})
	if cause := context.Cause(ctx); errors.Is(cause, broker.ErrMadeAnew) {
		err = cause
	}
	stop(nil)
	<-watched
	return err
}

// rawLayout is the layout with the raw topics as they are now.
func (p *Program) rawLayout(ctx context.Context) (*broker.Layout, error) {
	cl, err := p.cluster.Client()
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	return p.layout.Renewed(ctx, cl, p.topics.Raw()...)
}
