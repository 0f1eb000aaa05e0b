// Package returncurve says what will be left of money that was paid, once the goods that are going to come back have.
//
//	share of the returns that have come
//	1 ┤                    ╭───────
//	  │              ╭─────╯
//	  │        ╭─────╯
//	  │   ╭────╯
//	0 ┼───╯────┬─────────────┬─────▶ age
//	  paid     now           the return window is over
//
// A share ρ (the category's return rate) of what is paid comes back in the end, and a share F(age) of that has come by
// an age. Money that is still there at an age has outlived a part of its risk: what is left of it at the end is expected
// to be
//
//	net · (1-ρ) / (1-ρ·F)
//
// which is net·(1-ρ) when the order is new and net when the window is over. What did come back is no part of net, so
// what is known takes the place of what was expected as it happens. Returns of live shopping are 30 to 50 % (DOMAIN.md
// §4), so a GMV that says nothing of them is nearly twice what it will be.
//
// Invariants: integers only, the same everywhere; the expectation is between net·(1-ρ), cut to a whole unit, and net;
// it does not fall as the order ages; it is net from the end of the window on.
//
// Open keeps what the ledger must know of a campaign's orders to say so at any time: what is left of them by return rate
// and quarter of a day, at most 4,096 lots. Of a campaign that sells at more than 63 rates nothing is expected.
//
// It does not learn curves from returns, and knows no products: the catalog says the rate.
package returncurve
