package changelog

import (
	"context"
	"iter"

	"github.com/netsu/netsu/state"
)

// Rewrite is Append and Commit for entries that are too many to hold: one transaction all the same, so either all of them
// count, with the marker, or none. It returns the offset of the last record. Where entries ends with an error, nothing is
// committed and the Log is spent, as after any other error.
func (l *Log) Rewrite(ctx context.Context, entries iter.Seq2[state.Entry, error], m state.Marker) (last int64, err error) {
	if err := l.begin(); err != nil {
		return 0, err
	}
	defer context.AfterFunc(ctx, l.cl.Close)() // send may be waiting for room
	for e, err := range entries {
		if err == nil {
			err = check(e)
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return 0, err
		}
		l.send(e.Key, e.Value)
	}
	l.send(markerKey, m.Encode())
	if err := l.sent(ctx); err != nil {
		return 0, err
	}
	return l.Commit(ctx)
}
