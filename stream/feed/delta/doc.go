// Package delta is what changed between two states of a document, in words that a client can apply: how the feed's deltas
// are made, and how they are followed.
//
//	state A ──┐                      ┌── set   what is now so            {"room":{"final":{"heat":{"gauge":71.2}}}}
//	          ├─▶ Diff (by rules) ──▶├── add   by how much a sum grew    {"money":{"gmv":{"JPY":{"paid":{"minor":"9800"}}}}}
//	state B ──┘                      ├── max   what rose                 {"as_of":"2026-05-01T20:00:03.250Z"}
//	                                 ├── cut   what is no longer there   ["/trend/2026-05-01T19:50:00.000Z"]
//	                                 └── order of a list's elements      {"/shows":["S2","S1"]}
//	state A + these, in the order cut, set, add, max, order = state B (Apply)
//
// set, add and max have the shape of the document. An object goes into the one that is there, name by name; a list whose
// elements are told apart by a key (a union: Rule.Key) is addressed as an object by that key, and an element that is not
// there yet is put at its end; everything else, lists without a key among it, takes the place of what was there. Sums are
// whole numbers, or decimal text of them where they are money. cut and order address by JSON Pointer (RFC 6901), in which
// an element of a union is its key.
//
// How a place merges is its Rule, which the struct that makes the document says by tag: `merge:"add"`, `merge:"max"`,
// `merge:"union,KEY"`, and nothing for set. A difference that a rule cannot say (a list with the same key twice, a sum that
// was null) is said by set: so Diff is exact for any two documents, and the rules only make it shorter and clearer.
//
// Documents are canonical JSON (RFC 8785): names sorted, numbers as ECMAScript writes them, no space. So the hash of a state
// (Hash: CRC-32C of its canonical text) is something that any client can compute of what it holds, in any language, and
// prove by it that it is in step.
//
// Differences from any older state to the present one may be taken or left out in any number: they are made from the states
// themselves, not from each other, so conflating them loses nothing.
//
// It does not know what the documents mean, and keeps nothing.
package delta
