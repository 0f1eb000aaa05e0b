// Package bench measures the program on the machine it runs on: what an event costs, and how long it takes to be seen.
//
//	sim ── the same raw records ──▶ broker (a process of its own, so that its CPU is not ours)
//	                                  │
//	  consume   read the raw topics, nothing else     each phase is a process of its own too:
//	  decode    and decode each record                its CPU and its memory are the phase's
//	  room      ingest and show fold, to their end
//	  all       all roles, to meters
//	  latency   all roles at half of that speed, live: comment produced ──▶ websocket frame that counts it
//
// What to look at is CPU, and ratios within one run: wall clock and absolute numbers belong to the machine and to what
// else it does. decode/consume and all/consume say how much of the price of reading Kafka at all is left after our part.
//
// Invariants: the same seed gives the same records. A phase is done when everything that the raw topics hold has been
// folded, found from the logs themselves (the last record that is not a tick) and not by watching for silence; its
// figures are those of the moment when the folds passed there. Records that are bad on purpose count as events: refusing
// them is work.
//
// Soak is another run: the program under one even load for long, with shows that end and others that begin, and what it
// holds looked at sixty times.
//
// What it does not do: compare with other programs, measure a real cluster, or judge (it prints; people judge).
package bench
