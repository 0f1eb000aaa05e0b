// Package history keeps how meters were: GET /v1/series, beside the feed that says how they are.
//
//	netsu.meters ─▶ follower ─▶ tables ───────────▶ blocks in Badger ─▶ read ─▶ JSON, CSV, NDJSON
//	                position    open buckets of      1s  5 min           parts side by side,
//	                in Badger   each tier            10s 1 h  a block    pages, gaps, revisions
//	                too         gaps                 1m  6 h
//	                                                 5m  1 d
//
// Each feed process keeps its own, on its own disk, and reads the log for itself: so the feed does not wait for a disk,
// and a history that fails costs nothing else (Run tries again from what is on disk). A scope and a part of its meters
// is a table; the series of a table are a closed list (series.go), whose names are a contract.
//
// The axis of time. What the room's series say (parts room, insight) lies at the pane that it speaks of, and only final
// panes are kept: provisional ones are for watching. What is said of money (money, returns, cost) lies at append time: a
// row says what was known then, which is what an audit asks and a chart of a show on the air cannot tell from event time.
// A refund is a later row and no change of an earlier one. Where old records are played in anew the two axes lie apart,
// and side by side they have nulls.
//
// A row is a bucket of a tier: it holds the last that was said in it, and of gauges the least and the greatest since the
// value was last unknown. There is a row only where something was said, nothing is interpolated, and what is not known
// is null. Money and counts are the integers that the meters have; other numbers have four decimals, as in the feed's
// documents.
//
// Revisions. A bucket is complete when the table's time leaves it (a second of a pane: when it is said). What changes it
// afterwards is the row with the next rev; the one before stays. An earlier statement told again widens least and
// greatest, a later one replaces the values. Of a bucket the first and the latest seven are kept.
//
// What is not there is said, by three things. floor: what is older was dropped, by age or because bytes ran out; then all
// times shrink by the same factor (retain.go). gaps: records of the log had been compacted away before they were read, so
// rows may be missing there; a new process begins with such a gap, whose start is not known. open_from: rows from there on
// are not complete.
//
// Invariants. What a table took, the rows that it made and the offset that they reach are written as one, so a process
// that is killed anywhere neither loses nor doubles; any cut into commits, any number of deaths and any re-emission make
// the same rows (store_test.go, against an oracle). A value on disk that is damaged is an error or a gap, never a number.
// Memory is bounded: rows pending, tables held, rows of an answer, windows looked into.
//
// It does not keep deals (what single people earn), alerts, shares, products or anybody's words, does not average, does not
// convert currencies, and does not copy its disk: what is lost with it begins anew.
package history
