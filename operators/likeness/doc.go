// Package likeness answers a brand that asks: this ESOL works for me, so who else is like her? It finds ESOLs with the
// same heat and alike audiences (MODEL §6), and says what the two have in common.
//
//	a show ──▶ Profile ─┐
//	a show ──▶ Profile ─┴─Merge──▶ Profile of an ESOL ──NewEntry──▶ Entry: vector, θ, audience ──Search──▶ hits, traits
//
// # The score
//
//	score = cosine · heat match · lower bound
//
// Each of the three is in [0, 1]:
//
//   - cosine: of the vectors (layout.go). Each block of a vector is what was said, sold, liked and when, as shares; of
//     square roots of shares the cosine is the Bhattacharyya coefficient. It needs no correction for small samples to
//     be safe: their noise makes two that are alike look less so, never more.
//   - heat match: min θ / max θ (MODEL §1), θ being the audience's temperature over its reference. Beyond a factor of
//     two (|log2| > 1) there is no hit at all.
//   - lower bound: how much lower the match may be, as a factor: exp(-1.96·se) of the difference of the two log θ. Heat
//     match times it is the lower end of the heat match; 1 for an ESOL with itself, whose errors are the same error.
//
// No number of followers, viewers or people enters it. What a large audience changes is only that its noise is less.
//
// # Invariants
//
//   - Profiles are integers and merge as sums, maxima and minima, so an ESOL's is the same in whatever order her shows
//     are merged. Sums count a show as often as it is merged: merge each once. Sketch and Largest do not care.
//   - The cosine is symmetric to the bit; a profile is alike itself to 1 within float32.
//   - What is found does not depend on the order of the entries: by score, then by id.
//   - Too small a sample is insufficient: it is neither asked for nor found.
//   - Nobody is named and no chat is: words are counts of hashes in 64 buckets, people are 128 minima of hashes. Names
//     are those of the catalog.
//
// # Limits
//
// The scan is exact, and meant for up to 50,000 ESOLs (a benchmark has it); beyond, an index would have to be built,
// which would have to be the same whatever the order of insertion. Buckets collide: two words in one bucket look like
// one word. Whoever is merged holds the named traits of all her shows; each show has at most NamedMax.
//
// # What it does not do
//
// Communities (MODEL §6) and finding look-alikes by audience overlap alone: overlap is shown beside a hit, never
// searched by.
package likeness
