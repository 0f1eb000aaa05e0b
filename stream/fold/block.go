package fold

import (
	"errors"
	"fmt"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// errBlock says that a record of our own log is not a block that we can read. It is never skipped: it stops the task.
var errBlock = errors.New("the record is not a block that this version of netsu can read")

// decode reads a record's value into b, reusing its memory. b's strings are parts of value.
func decode(b *eventpb.Block, value []byte) error {
	b.ResetVT()
	if err := b.UnmarshalVTUnsafe(value); err != nil {
		return fmt.Errorf("%w: %w", errBlock, err)
	}
	if b.Version < 1 || b.Version > event.Version {
		return fmt.Errorf("%w: its version is %d, known are 1 to %d", errBlock, b.Version, event.Version)
	}
	for i, e := range b.Events {
		// A tick may come from nowhere: seeing it twice says the same.
		if int(e.Source) >= len(b.Sources) && (e.Kind != eventpb.Kind_KIND_TICK || len(b.Sources) > 0) {
			return fmt.Errorf("%w: event %d is of source %d, there are %d", errBlock, i, e.Source, len(b.Sources))
		}
	}
	return nil
}
