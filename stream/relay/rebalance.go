package relay

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Change is what a rebalance does with partitions.
type Change int

// The changes.
const (
	Assigned Change = iota
	Revoked         // orderly: finish and commit first
	Lost            // somebody else may own them already
)

// Rebalance is one change. Whoever gets it calls Done when it is dealt with: the group waits for that.
type Rebalance struct {
	Change     Change
	Partitions map[string][]int32 // by topic
	answered   chan struct{}
}

// Done answers.
func (r Rebalance) Done() { close(r.answered) }

// Rebalances passes changes from the client's callbacks to the loop that owns the partitions.
type Rebalances struct {
	C     chan Rebalance
	ended chan struct{}
}

// NewRebalances returns one that passes changes on until ended is closed: then nobody answers any more.
func NewRebalances(ended chan struct{}) *Rebalances { return &Rebalances{make(chan Rebalance), ended} }

// tell waits for a change to be dealt with.
func (rs *Rebalances) tell(c Change) func(context.Context, *kgo.Client, map[string][]int32) {
	return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		r := Rebalance{c, partitions, make(chan struct{})}
		select {
		case rs.C <- r:
		case <-rs.ended:
			return
		}
		select {
		case <-r.answered:
		case <-rs.ended:
		}
	}
}
