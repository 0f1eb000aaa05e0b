package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/fold"
	"github.com/netsu/netsu/stream/ingest"
)

// sampleEvery is the grain of the path's figures.
const sampleEvery = 20 * time.Millisecond

// sample is how far the folds were at a moment, and what had been used.
type sample struct {
	used  usage
	folds []fold.Status
}

func (o order) open(ctx context.Context) (*stream.Program, error) {
	return stream.Open(ctx, stream.Settings{
		Broker: broker.Settings{Seeds: []string{o.Addr}, Logger: logger()}, DataDir: o.Dir, Prefix: o.Prefix,
		Roles: o.Roles, Listen: "127.0.0.1:0", Key: benchKey, CacheBytes: o.CacheBytes, Logger: logger(),
	})
}

// path runs the program until all that the raw topics hold is folded.
func (o order) path(ctx context.Context, say *json.Encoder) error {
	p, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer p.Close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ended := make(chan error, 1)
	go func() {
		err := p.Run(ctx)
		stop(err)
		ended <- err
	}()
	begin, samples, err := o.watch(ctx, p)
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	done, err := o.done(ctx, p, samples)
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	stop(nil)
	if err := <-ended; err != nil {
		return err
	}
	return say.Encode(answer{Usage: used(), Events: o.Records,
		Wall: int64(done.At.Sub(begin.At)), CPU: int64(done.CPU - begin.CPU)})
}

// watch samples from the first event ingested until the folds have passed the end of everything.
func (o order) watch(ctx context.Context, p *stream.Program) (begin usage, samples []sample, err error) {
	for begin.At.IsZero() {
		u := used()
		if n, err := ingested(p); err != nil || ctx.Err() != nil {
			return u, nil, errors.Join(err, ctx.Err())
		} else if n > 0 {
			begin = u
		} else {
			time.Sleep(sampleEvery / 4)
		}
	}
	ends := make(chan error, 1)
	go func() { ends <- o.settled(ctx, p) }()
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return begin, nil, ctx.Err()
		case err := <-ends:
			return begin, append(samples, sample{used(), p.Folds()}), err
		case <-ticker.C:
			samples = append(samples, sample{used(), p.Folds()})
		}
	}
}

// ingested is how many events this process has ingested, by its own counters.
func ingested(p *stream.Program) (n float64, err error) {
	families, err := p.Metrics().Gather()
	if err != nil {
		return 0, fmt.Errorf("reading the counters: %w", err)
	}
	for _, f := range families {
		if f.GetName() == "netsu_ingest_events_total" {
			for _, m := range f.Metric {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n, nil
}

// settled waits until ingest has committed the ends of the raw topics, and then until each fold has passed the end that
// its input had when the one before it had passed its own. It may return late, never early: done finds the moment.
func (o order) settled(ctx context.Context, p *stream.Program) error {
	client, err := p.Cluster().Client()
	if err != nil {
		return err
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	ends, err := adm.ListEndOffsets(ctx, p.Topics().Raw()...)
	if err != nil {
		return fmt.Errorf("listing the ends of the raw topics: %w", err)
	}
	err = until(ctx, 200*time.Millisecond, func() (bool, error) {
		committed, err := adm.FetchOffsets(ctx, ingest.Group(p.Topics()))
		if err != nil {
			return false, fmt.Errorf("reading what ingest has committed: %w", err)
		}
		all := true
		ends.Each(func(e kadm.ListedOffset) {
			at, _ := committed.Lookup(e.Topic, e.Partition)
			all = all && at.At >= e.Offset
		})
		return all, nil
	})
	for _, stage := range p.Folds() {
		if err != nil {
			return err
		}
		err = passed(ctx, adm, p, stage.Stage)
	}
	return err
}

// passed waits until a stage has passed the end of its input. What the stage before has written is acknowledged within
// the pause.
func passed(ctx context.Context, adm *kadm.Client, p *stream.Program, stage string) error {
	time.Sleep(500 * time.Millisecond)
	ends, err := adm.ListEndOffsets(ctx, inputOf(p, stage))
	if err != nil {
		return fmt.Errorf("listing the ends of the logs: %w", err)
	}
	return until(ctx, sampleEvery, func() (bool, error) {
		at := offsetsOf(p.Folds(), stage)
		all := true
		ends.Each(func(e kadm.ListedOffset) {
			next, running := at[e.Partition]
			all = all && running && next >= e.Offset
		})
		return all, nil
	})
}

func until(ctx context.Context, every time.Duration, fn func() (bool, error)) error {
	for {
		done, err := fn()
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
	}
}

func inputOf(p *stream.Program, stage string) string {
	return map[string]string{
		"show": p.Topics().Journal, "journey": p.Topics().Journeys, "ledger": p.Topics().Credits,
	}[stage]
}

// offsetsOf are the next offsets of a stage's tasks.
func offsetsOf(folds []fold.Status, stage string) map[int32]int64 {
	at := map[int32]int64{}
	for _, f := range folds {
		if f.Stage == stage {
			for _, t := range f.Tasks {
				at[t.Partition] = t.Offset
			}
		}
	}
	return at
}

// done is the first sample in which every fold had passed the last record of its input that is not a tick.
func (o order) done(ctx context.Context, p *stream.Program, samples []sample) (usage, error) {
	last := map[string]map[int32]int64{}
	for _, f := range p.Folds() {
		at, err := lastOffsets(ctx, p.Cluster(), inputOf(p, f.Stage))
		if err != nil {
			return usage{}, err
		}
		last[f.Stage] = at
	}
	i := slices.IndexFunc(samples, func(s sample) bool {
		for stage, ends := range last {
			at := offsetsOf(s.folds, stage)
			for partition, offset := range ends {
				if next, running := at[partition]; !running || next <= offset {
					return false
				}
			}
		}
		return true
	})
	if i < 0 {
		return usage{}, errors.New("cannot happen: the folds passed the ends, and then they had not")
	}
	return samples[i].used, nil
}

// serve runs the program until told to stop.
func (o order) serve(ctx context.Context, asks <-chan struct{}, say *json.Encoder) error {
	p, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer p.Close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ended := make(chan error, 1)
	go func() {
		err := p.Run(ctx)
		stop(err)
		ended <- err
	}()
	err = until(ctx, sampleEvery, func() (bool, error) {
		ready := true
		for _, f := range p.Folds() {
			ready = ready && f.Ready()
		}
		return ready, nil
	})
	if err == nil {
		err = say.Encode(answer{URL: p.URL()})
	}
	if err == nil {
		err = attend(ctx, asks, say, func() (resources, error) { return held(o.Dir, p.Folds()) })
	}
	stop(nil)
	return errors.Join(err, <-ended)
}
