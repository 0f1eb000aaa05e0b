// Package state is what a fold remembers: typed tables, a write-back cache, and the cut that a checkpoint writes.
//
//	fold ──Get/Put──▶ Table ──▶ Store ──miss──▶ Pieces ──▶ Backing (state/disk: Badger)
//	                              │ Cut (encoded, in key order), with a Marker
//	                              ▼
//	                      Pieces ──▶ checkpoint ──▶ changelog (Kafka) ──▶ Backing, with a Mark
//
// Invariants: what is dirty is never evicted; a cut is the whole change since the cut before, in key order, so equal
// histories give equal bytes; reading never changes what a later cut says.
//
// It knows no Kafka, no Badger and no clock. Those are in state/disk (Badger), state/changelog (Kafka) and
// state/retain (the clock by which what is kept beside state is old).
package state
