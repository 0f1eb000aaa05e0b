// Package derive makes JSON Schemas (2020-12) of Go structs: the types say what is there, the doc comments what it means,
// the tags how it merges.
//
//	struct ── reflect ──▶ names, types, null where a pointer is, required where nothing is omitted
//	source ── go/parser ─▶ descriptions, of types and fields                                       ──▶ one schema, with
//	tags   ── merge ─────▶ x-merge, x-key (stream/feed/delta)                                           $defs of all in it
//	names  ── units.go ──▶ x-unit, format: a number of a unit ends in it
//	Facts  ── by hand ───▶ what no type says: patterns, closed lists, lists that may be null
//
// Of the same struct it makes what a delta may set, add or raise of it (change.go).
//
// Invariants. The same types, source and facts make the same schema. Unused tells which facts are of no place, so that none
// outlives its field.
//
// It knows the kinds of types that the feed's documents and frames are made of, and panics at any other.
package derive
