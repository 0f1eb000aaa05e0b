package ledger_test

import (
	"bytes"
	"slices"
	"sort"

	"github.com/netsu/netsu/state"
)

// shelf is a state.Memory whose keys are kept in order, so that a scan of a large state costs what it reads.
type shelf struct {
	state.Memory
	keys []string
}

func newShelf() *shelf { return &shelf{Memory: state.Memory{}} }

// Scan implements state.Backing.
func (s *shelf) Scan(from, to string, fn func(string, []byte) error) error {
	for i := sort.SearchStrings(s.keys, from); i < len(s.keys) && s.keys[i] < to; i++ {
		if err := fn(s.keys[i], bytes.Clone(s.Memory[s.keys[i]])); err != nil {
			return err
		}
	}
	return nil
}

// Write applies a cut, which is in order of key.
func (s *shelf) Write(entries []state.Entry) {
	s.Memory.Write(entries)
	merged := make([]string, 0, len(s.keys)+len(entries))
	old := s.keys
	for _, e := range entries {
		for len(old) > 0 && old[0] < e.Key {
			merged, old = append(merged, old[0]), old[1:]
		}
		if len(old) > 0 && old[0] == e.Key {
			old = old[1:]
		}
		if e.Value != nil {
			merged = append(merged, e.Key)
		}
	}
	s.keys = slices.Concat(merged, old)
}
