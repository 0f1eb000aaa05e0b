//go:build race

package stream_test

// Under the race detector everything takes some times as long: fewer and longer lives, so that they still get somewhere.
// The full storm is run without it.
const (
	killsPerStorm = 8
	lifeFactor    = 5
)
