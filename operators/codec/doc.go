// Package codec is how folds write their state: values of a version, equal bytes for equal values.
//
//	NewWriter(version).Uint(…).Float(…) … Done ──▶ state ──▶ NewReader(b, version) … End
//
// A reader never panics and never allocates more than what is there could fill, whatever the bytes; its first error
// sticks. There are no field numbers: a state that changes gets a new version, and the fold decides what it does with
// the old one.
package codec
