package ingest

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/relay"
)

// closeSpan ends the open span, twice a second, unless the one before is still under way.
func (in *ingest) closeSpan() {
	if in.progress.closed() || in.committing {
		return
	}
	at := in.positions()
	if len(at) == 0 {
		return
	}
	in.router.flush()
	in.progress.close(at)
}

// advance commits what has been acknowledged, in the background, and reports failures to write.
func (in *ingest) advance() error {
	if err := call(in.hooks.everyPass); err != nil {
		return err
	}
	if err := in.sink.Err(); err != nil {
		return err
	}
	if in.committing {
		return nil
	}
	at := in.progress.acknowledged()
	if len(at) == 0 {
		return nil
	}
	if err := call(in.hooks.beforeCommit); err != nil {
		return err
	}
	req, err := in.me.CommitRequest(in.consumer, in.Layout.IDs, at)
	if err != nil {
		return err
	}
	in.committing = true
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), relay.RebalanceTimeout)
		defer cancel()
		in.commits <- commitResult{at, relay.CommitError(req.RequestWith(ctx, in.consumer))} // ends with the client at the latest
	}()
	return nil
}

// committedUpTo notes a commit. One that failed (the group is rebalancing, the broker is away) is made good by the
// next: positions still lists the lanes.
func (in *ingest) committedUpTo(r commitResult) {
	in.committing = false
	if errors.Is(r.err, kerr.RebalanceInProgress) || errors.Is(r.err, kerr.IllegalGeneration) {
		return // it will be over soon
	}
	err := in.Cluster.Denied(r.err, broker.Use{Group: Group(in.Topics)})
	in.Trouble("committing offsets", err)
	if err != nil {
		return
	}
	in.noteCommitted(r.at)
}

func (in *ingest) noteCommitted(at relay.Offsets) {
	for topic, partitions := range at {
		for p, o := range partitions {
			if l := in.lanes[place{topic, p}]; l != nil {
				l.committed = o.Offset
			}
		}
	}
}

func call(hook func() error) error {
	if hook == nil {
		return nil
	}
	return hook()
}
