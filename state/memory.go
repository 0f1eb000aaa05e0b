package state

import (
	"bytes"
	"maps"
	"slices"
)

// Memory is a Backing in a map: for tests and for folds that are run once, as the oracle's counterpart.
type Memory map[string][]byte

// Get implements Backing.
func (m Memory) Get(key string) ([]byte, error) { return bytes.Clone(m[key]), nil }

// Scan implements Backing.
func (m Memory) Scan(from, to string, fn func(string, []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if from <= k && k < to {
			if err := fn(k, bytes.Clone(m[k])); err != nil {
				return err
			}
		}
	}
	return nil
}

// Write applies a cut.
func (m Memory) Write(entries []Entry) {
	for _, e := range entries {
		if e.Value == nil {
			delete(m, e.Key)
		} else {
			m[e.Key] = e.Value
		}
	}
}
