//go:build race

package text_test

// The race detector makes sync.Pool forget at random, so Hash allocates under it.
const poolForgets = true
