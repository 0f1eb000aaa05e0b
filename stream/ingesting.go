package stream

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/ingest"
)

// Pauses between attempts to ingest, and after how long one is taken to have got going.
const (
	ingestPauseMin = 500 * time.Millisecond
	ingestPauseMax = 15 * time.Second
	ingestGoing    = 10 * time.Second

	runs = "run" // the trouble that it does not
)

// runIngest ingests until ctx ends, and begins anew, where it had committed, if it cannot go on: what else this process does
// need not end with it.
func (p *Program) runIngest(ctx context.Context) error {
	hasher, err := event.NewHasher(p.s.Key)
	if err != nil {
		return err
	}
	pause := ingestPauseMin
	for {
		began := time.Now()
		err := p.ingest(ctx, hasher)
		if ctx.Err() != nil {
			return err
		}
		if time.Since(began) > ingestGoing {
			pause = ingestPauseMin
		}
		if !errors.Is(err, broker.ErrMadeAnew) { // that is mended by beginning anew
			p.troubles.note(partIngest, runs, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, ingestPauseMax)
	}
}

// ingest is one attempt. It ends with ErrMadeAnew if a raw topic is not the one that it reads any more: that one's events
// are of another source, which begins at the start.
func (p *Program) ingest(ctx context.Context, hasher *event.Hasher) error {
	defer p.troubles.forget(partIngest)
	layout, err := p.rawLayout(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	going := time.AfterFunc(ingestGoing, func() { p.troubles.note(partIngest, runs, nil) })
	defer going.Stop()
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
