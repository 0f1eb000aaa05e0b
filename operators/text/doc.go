// Package text reads what a comment says, as numbers that a fold can use: what it is the same as, which words are in it,
// what of a brand's lexicon it names, whether it asks.
//
//	comment ──normalise──▶ bytes ──┬─ identity (Hash), likeness (SimHash)
//	                               ├─ script runs ──▶ Words: UAX #29 words · CJK bigrams · Thai grapheme trigrams · emoji
//	                               ├─ automaton ────▶ Terms: entries of a Lexicon
//	                               └─ Question, OwnUse
//
// # Invariants
//
//   - A reading is a function of the text and the lexicon: no dictionary is loaded, no language is guessed, nothing is
//     learned. The tables of Unicode are those of the pinned golang.org/x/text and of the Go release.
//   - What differs only in width, case, composition, white space, repeats or invisible characters has one identity.
//   - Reading allocates nothing once its scratch has grown. Its results are bounded (WordsMax, TermsMax).
//
// # Choices
//
//   - NFC and width folding, never NFKC: that one takes SARA AM of Thai apart and turns ㍿ into four characters.
//   - Scripts without spaces give n-grams instead of dictionary words: good enough to count and compare by, the same on
//     every machine, and no 80 MB of dictionary.
//   - The automaton is ours: all overlapping matches in one table look-up a byte, with word boundaries where the script
//     has them. The libraries that were measured take 3.5 to 12 µs for 50 characters and 1,000 terms.
//
// What it does not do: translate, correct, find sentiment beyond a brand's own negative words, or keep any text.
package text
