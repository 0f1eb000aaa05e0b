// Package holdout says who is held out of a campaign: whom the brand's systems do not show it, so that what it caused can
// be told from what would have been sold anyway. The brand's manager asks, who decides whether to run it again.
//
//	campaign, pseudonym of a person ─▶ 64 bits of SHA-256 ─▶ below the campaign's share? ─▶ control, else treated
//
// # Invariants
//
//   - Who is held out is a function of the campaign's id and the pseudonym: nothing is kept, and the brand's systems and the
//     folds agree without asking each other. `netsu holdout` tells the brand's systems.
//   - Of people without number the share is held out, whatever they are like; of two campaigns each by itself.
//   - With a greater share, who was held out still is.
//
// # What it is worth
//
// Chance decided, with a known probability, so what the held-out bought stands for what everybody would have bought without
// the campaign (Horvitz and Thompson): as much of it is taken off what the treated bought as there are treated per
// held-out person, by the share and not by who was counted. People who bought nothing need not be known for that.
//
// Of 1,000 simulated campaigns with some 50 held-out buyers, of whom a few buy most, the interval of 95 % held what was
// caused in 95.4 % where that was nothing, and in 96.7 % where the campaign sold a third more (operators/ledger has the test).
//
// It holds as far as the held-out were not shown the campaign, from its start: who hears of it from a friend, walks into the
// show all the same, or was reached before the share was raised, bought because of it too, and what it caused looks
// smaller than it is. A person is who ingest has as one: a platform's id. Orders must name buyers by the ids that are held
// out; whoever buys under another id is in an arm by chance, which makes the difference smaller too, and so does one human
// with two ids. Identities that join pseudonyms later move nobody.
package holdout
