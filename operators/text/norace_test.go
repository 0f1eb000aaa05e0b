//go:build !race

package text_test

const poolForgets = false
