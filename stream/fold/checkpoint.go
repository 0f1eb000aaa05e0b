package fold

import (
	"context"
	"fmt"
	"time"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
)

// checkpoint is one cut on its way to safety.
type checkpoint struct {
	cfg       Config
	partition int32
	log       *changelog.Log
	behind    *behind

	entries []state.Entry
	marker  state.Marker
	last    bool              // the task ends with it
	flight  *flight           // outputs of input before the marker
	waits   func(what string) // says what the checkpoint waits for from now on

	done chan struct{} // closed at the end
	err  error         // after done
}

// run takes the steps in the order that doc.go argues for. After an error the task must be restored.
func (c *checkpoint) run(ctx context.Context) error {
	hook := func(s Step) error { return c.cfg.Hooks.step(c.partition, s) }
	if err := hook(StepCut); err != nil {
		return err
	}
	c.waits("what was written before it to be acknowledged")
	if err := c.flight.landed(ctx); err != nil {
		return fmt.Errorf("waiting for outputs: %w", err)
	}
	if err := hook(StepFlushed); err != nil {
		return err
	}
	c.waits(c.cfg.Stage.Changelog + " to be acknowledged")
	if err := c.log.Append(ctx, c.entries, c.marker); err != nil {
		return err
	}
	if err := hook(StepTransactionOpen); err != nil {
		return err
	}
	c.waits("its transaction to be committed")
	last, err := c.log.Commit(ctx)
	if err != nil {
		return err
	}
	if err := hook(StepCommitted); err != nil {
		return err
	}
	if due := c.behind.take(c.entries); !due && !c.last {
		return nil
	}
	c.waits("the disk")
	return c.toDisk(last, hook)
}

// toDisk writes what the disk does not have of this checkpoint, whose transaction ended with the offset last, and of those before.
func (c *checkpoint) toDisk(last int64, hook func(Step) error) error {
	if err := c.behind.disk.Put(c.behind.waiting()); err != nil {
		return err
	}
	if err := hook(StepKeysWritten); err != nil {
		return err
	}
	err := c.behind.disk.PutMark(state.Mark{
		ChangelogID:     c.cfg.Layout.IDs[c.cfg.Stage.Changelog],
		ChangelogOffset: last + 1,
		WallMS:          time.Now().UnixMilli(),
		Marker:          c.marker,
	})
	if err != nil {
		return err
	}
	c.behind.written()
	return hook(StepMarkWritten)
}
