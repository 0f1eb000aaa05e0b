//go:build !race

package stream_test

const (
	killsPerStorm = 30
	lifeFactor    = 1
)
