package show

import (
	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
)

// New returns the show fold of one journal partition over what store remembers.
func New(store *state.Store, partition int32) (operators.Fold, error) {
	return &Fold{}, nil
}

// Fold implements operators.Fold.
type Fold struct{}

// Apply implements operators.Fold.
func (f *Fold) Apply(r *operators.Record, out *operators.Outputs) error { return nil }
