// Package metrics is the one place that says what each number about selling means: who divides what by what, over which
// window, by which attribution, and what a refund does to it (DOMAIN §2). Whoever reads a dashboard asks, usually after
// having seen another one.
//
//	Counts of a scope and currency ──Compute(name)──▶ Value: numerator, denominator, value or why not
//	Registry: one Definition each ───┘         └────▶ netsu metrics: the reference
//
// Platforms use the same names for different things ("GMV" is created, paid or net; "conversion" is of viewers or of
// product visitors). Where they do, each thing has a name of its own here, and Conflict says who means what.
//
// # Invariants
//
//   - Every definition is complete and can be computed; its name is never used for anything else. What a name means
//     changes only with Version, and a test holds the two together.
//   - A ratio is made of integers, by one division, last; both are in the Value.
//   - Without enough to go by there is no value: Insufficient says why (no_denominator, too_few, or a reason of
//     operators/roims), and Valid is false, as in the API of WeChat Channels, whose is_valid is false over zero.
//
// Compute is what a definition says, as code, and tests hold definitions to it; the folds make their figures themselves,
// exact over a whole show or campaign (operators/ledger, operators/roims).
//
// It does not count, attribute, or choose a window: Counts are of the window that the definition names, and whoever
// fills them in answers for that.
package metrics
