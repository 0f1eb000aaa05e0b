package main

import (
	"maps"
	"slices"
	"strings"
)

// meant is what an error about an unknown name ends with: the nearest that exists, or nothing if none is near.
func meant(name string, known map[string]string) string {
	best, least := "", 1+max(2, len(name)/4)
	for _, k := range slices.Sorted(maps.Keys(known)) {
		d := edits(strings.ToLower(name), strings.ToLower(k))
		if strings.HasPrefix(k, name+"_") || strings.HasPrefix(k, name+"-") {
			d = 1 // sasl_password, where only sasl_password_file exists
		}
		if d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; the nearest is " + best
}

// edits is how many single letters must be added, dropped or changed to make b of a.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := left
			if a[i] != b[j] {
				change++
			}
			left = row[j+1]
			row[j+1] = min(change, left+1, row[j]+1)
		}
	}
	return row[len(b)]
}
