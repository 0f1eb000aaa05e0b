package fold

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/netsu/netsu/state"
)

// Migration: a task whose state is of an older version brings it to its own before it folds anything.
//
//	disk ──Migrate──▶ one transaction on the changelog: what changes, a marker of the new version ──▶ commit
//	disk ──Migrate──▶ disk, then its mark
//
// Until the commit the state is the old one whole, and an older program may take it back; from then on it is the new one
// whole, which an older program refuses. A crash between the commit and the mark is mended as after a checkpoint: by
// reading the changelog from the mark that there is. The second pass spares holding all that changes in memory; it sees
// the disk as it was at its start.
//
// The transaction must end within the changelog's limit for one (30 s), or it fails and is tried again: that is some
// millions of entries that change.

// migrateEntries bounds what is written to the disk at a time.
const migrateEntries = 5_000

var errStopped = errors.New("stopped by who was reading")

// migrate brings what the disk holds, of the marker m, to the stage's version.
func (a *attempt) migrate(ctx context.Context, m state.Marker) error {
	stage, from := a.cfg.Stage, m.Schema
	if from == stage.Schema || stage.Migrate == nil {
		return nil
	}
	began, n := time.Now(), 0
	m.Schema = stage.Schema
	last, err := a.changelog.Rewrite(ctx, a.migrated(from), m)
	if err != nil {
		return fmt.Errorf("migrating the state from schema %d to %d: %w", from, stage.Schema, err)
	}
	var batch []state.Entry
	for e, err := range a.migrated(from) {
		if err != nil {
			return err
		}
		if batch = append(batch, e); len(batch) == migrateEntries {
			if err := a.disk.Put(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
		n++
	}
	if err := a.disk.Write(batch, state.Mark{
		ChangelogID: a.cfg.Layout.IDs[stage.Changelog], ChangelogOffset: last + 1, WallMS: time.Now().UnixMilli(), Marker: m,
	}); err != nil {
		return err
	}
	a.log.Info("state migrated", "from_schema", from, "to_schema", stage.Schema, "entries", n, "took", time.Since(began))
	return nil
}

// migrated are the entries that change.
func (a *attempt) migrated(from int) iter.Seq2[state.Entry, error] {
	return func(yield func(state.Entry, error) bool) {
		err := a.pieces.Scan("", "\xff", func(key string, value []byte) error {
			changed, err := a.cfg.Stage.Migrate(from, state.Entry{Key: key, Value: value})
			if err != nil {
				return fmt.Errorf("%q: %w", key, err)
			}
			for _, e := range a.pieces.Split(changed) {
				if !yield(e, nil) {
					return errStopped
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(state.Entry{}, err)
		}
	}
}
