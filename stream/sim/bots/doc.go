// Package bots puts bots of known kinds into chats, real or simulated, and measures what operators/trust makes of them.
//
//	records ──Read──▶ []Comment ──Inject(Plan)──▶ []Comment, who is a bot known ──Measure──▶ precision and recall
//	           text.go: Hash, SimHash, Runes
//
// Five kinds, at a share of all comments (the bots' own among them):
//
//	copypasta  bursts of one text from accounts that take turns, every couple of minutes
//	timer      a few accounts post from one set of texts, each by a clock of its own with 10 % jitter
//	poisson    accounts post by chance times, each line worded anew from templates: the kind that passes
//	swarm      accounts of a few hours paste from one set of texts, by chance times
//	fanatic    one account says much, in the words of the chat itself: no bot, and heat's saturation is for it
//
// Invariants: the same comments and Plan give the same comments; genuine ones are never changed. The bots' texts are
// made up. It is a red team of one evening: it says what is caught of these kinds, not of those who adapt.
package bots
