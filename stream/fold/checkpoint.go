package fold

import (
	"context"
	"fmt"
	"time"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/state/disk"
)

// checkpoint is one cut on its way to safety.
type checkpoint struct {
	cfg       Config
	partition int32
	log       *changelog.Log
	disk      *disk.Task

	entries []state.Entry
	marker  state.Marker
	flight  *flight // outputs of input before the marker

	done chan struct{} // closed at the end
	err  error         // after done
}

// run takes the steps in the order that doc.go argues for. After an error the task must be restored.
func (c *checkpoint) run(ctx context.Context) error {
	hook := func(s Step) error { return c.cfg.Hooks.step(c.partition, s) }
	if err := hook(StepCut); err != nil {
		return err
	}
	if err := c.flight.landed(ctx); err != nil {
		return fmt.Errorf("waiting for outputs: %w", err)
	}
	if err := hook(StepFlushed); err != nil {
		return err
	}
	if err := c.log.Append(ctx, c.entries, c.marker); err != nil {
		return err
	}
	if err := hook(StepTransactionOpen); err != nil {
		return err
	}
	last, err := c.log.Commit(ctx)
	if err != nil {
		return err
	}
	if err := hook(StepCommitted); err != nil {
		return err
	}
	if err := c.disk.Put(c.entries); err != nil {
		return err
	}
	if err := hook(StepKeysWritten); err != nil {
		return err
	}
	err = c.disk.PutMark(state.Mark{
		ChangelogID:     c.cfg.Layout.IDs[c.cfg.Stage.Changelog],
		ChangelogOffset: last + 1,
		WallMS:          time.Now().UnixMilli(),
		Marker:          c.marker,
	})
	if err != nil {
		return err
	}
	return hook(StepMarkWritten)
}
