package stream

import (
	"context"
	"time"

	"github.com/netsu/netsu/stream/broker"
)

// countCopies says once, at a start, which topics a real cluster keeps in fewer copies than asked. It is no reason not to
// start: the cluster may be short of a broker just now.
func (p *Program) countCopies(ctx context.Context) {
	if p.embedded != nil || p.s.Replication == 0 {
		return
	}
	soon, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	less, err := broker.Copies(soon, p.cluster, p.topics, p.s.Replication)
	switch {
	case err != nil:
		p.s.Logger.Warn("it is not known in how many copies the topics are kept", "err", err)
	case len(less) > 0:
		p.s.Logger.Warn("the death of one broker can lose records or stop work; netsu check says what to do", "topics", less)
	}
}
