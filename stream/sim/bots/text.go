package bots

import "github.com/netsu/netsu/operators/text"

// Reading is what trust needs to know of a text: as the show fold reads it.
type Reading struct {
	Hash, SimHash uint64
	Runes         int
}

// ReadText reads a text.
func ReadText(s string) Reading {
	var r text.Reader
	v := r.Read(s, nil)
	return Reading{v.Hash, v.SimHash, v.Runes}
}
