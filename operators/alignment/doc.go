// Package alignment says how well two sides of a show go together: brand and ESOL, or brand and room (MODEL §1, §2).
//
//	θ of both ───────────────▶ heat match  min/max              .4 ┐
//	facts stated, contradicted ▶ knowledge  share of the facts  .2 ├─▶ HA, weighted geometric mean of what is there
//	texts ─▶ vectors ─┬──────▶ worldview   rank among brands    .2 │
//	                  └ drift ▶ direction   cos with the target .2 ┘
//
// One question, one file: heat.go (as hot as the brand), worldview.go (do they speak of the same things), direction.go (do
// they move where the brand wants to go), point.go (a text as 256 bytes at most, until its place in time is final),
// alignment.go (all in one). Knowledge comes from the show fold, which knows the facts by name, as do the texts.
//
// # Invariants
//
//   - What is gathered in a pane is a set of facts or a sum of whole numbers: order does not matter, bit for bit.
//   - Every term is in [0, 1], or missing with a reason; HA names what is in it and needs two terms.
//   - HA is at most its largest term (or .02, which stands for 0) and never falls when one rises.
//   - The worldview is never a raw cosine, whose size means nothing: it is a rank among other brands, and so uniform in
//     [0, 1] for a room that has nothing to do with any.
//
// # Limits
//
// 1,000 runes of a text: the rest is not read. Packing a text rounds: the cosine of a text and its point is above .999.
//
// # What it does not do
//
// It finds no facts in texts, normalises no texts and keeps no brands; who calls it has them. It says that two sides
// are alike, not that one moved the other.
package alignment
