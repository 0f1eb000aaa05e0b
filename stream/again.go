package stream

import (
	"context"
	"errors"
	"time"

	"github.com/netsu/netsu/stream/broker"
)

// Pauses between attempts, and after how long one is taken to have got going.
const (
	againMin   = 500 * time.Millisecond
	againMax   = 15 * time.Second
	againGoing = 10 * time.Second

	runs = "run" // the trouble that it does not
)

// again runs a part until ctx ends, and begins it anew, where it had committed, if it cannot go on: what else this process
// does need not end with it. run calls at when it has what it needs: from then on it has to last to count as mended.
func (p *Program) again(ctx context.Context, part string, run func(ctx context.Context, at func()) error) error {
	pause := againMin
	for {
		began := time.Now()
		going := time.AfterFunc(time.Hour, func() { p.troubles.note(part, runs, nil) })
		going.Stop()
		err := run(ctx, func() { going.Reset(againGoing) })
		going.Stop()
		p.troubles.forget(part)
		if ctx.Err() != nil {
			return err
		}
		if time.Since(began) > againGoing {
			pause = againMin
		}
		if !errors.Is(err, broker.ErrMadeAnew) { // that is mended by beginning anew
			p.troubles.note(part, runs, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, againMax)
	}
}
