// Package text reads a comment: what it says, as numbers that a fold can count, compare and keep.
//
//	comment ─normalise─▶ runes, a class each ─┬─▶ Hash, SimHash   is it said again, or nearly
//	                                          ├─▶ Words           open vocabulary: words, pairs of CJK, emoji, hosts
//	  lexicon ─Compile─▶ trie ────────────────┼─▶ Terms           what of brand, product, fact, story it names
//	  phrases (words_*.go) ─▶ trie ───────────┴─▶ Question, OwnUse
//
// One question, one file: class.go (which script), fold.go (what is the same text), hash.go, simhash.go, words.go,
// lexicon.go, trie.go and find.go (what it names), speech.go (does it ask, does its speaker own it).
//
// # Normalising
//
// Two comments are the same text if they differ only in: canonical form (NFC), width (ＡＢＣ, ｶﾞ), letter case, white
// space, how often a rune is repeated ("WOOOW!!!" is "wow!", 8888 is 8, and, the price of it, 100 is 10), invisible
// characters (joiners outside emoji, BOM, marks of direction, variation selectors, controls), the form of a tilde
// (〜, ～) or an apostrophe (’). Never NFKC: it takes Thai SARA AM apart and turns … into three dots. Forms of a lexicon
// go through the same function, so what is lost is lost on both sides.
//
// # Invariants
//
//   - A Reading is a function of the text and the lexicon alone: the same on every machine and in every run. The
//     tables of Unicode are those of the Go release and of golang.org/x/text; hashes in a state outlive a change of
//     them, except those of texts with characters whose properties changed.
//   - Normalise(Normalise(s)) == Normalise(s), and Hash(s) == Hash(Normalise(s)); invalid UTF-8 reads as U+FFFD.
//   - A token's word id is Hash of the token: Words of "リップ" holds Hash("リッ") and Hash("ップ").
//   - No allocation once a Reader has seen texts of the length.
//
// # Limits, and what happens there
//
//   - WordsMax, TermsMax: the first words, the terms of the smallest index stay.
//   - 16 combining marks in a row: more are dropped, as they say nothing and cost the normaliser its order.
//   - Of a lexicon: see Compile. Of a text's length: none here; stream/ingest allows 8 KiB. Time is linear in it,
//     times the length of a form at worst, and a Reader keeps the memory of the longest text that it saw.
//
// # What it does not do
//
// Segment words of Japanese, Chinese or Thai by a dictionary, stem, tell languages apart (beyond kana or none, for
// 多少), or understand: Question and OwnUse are lists of phrases with their counter-examples, made to be right on
// ordinary comments and to be read in a minute. Which terms an ESOL's product has now is the caller's.
package text
