// Package source makes raw JSON events, as users' producers write them, out of what platforms and shops export.
//
//	chat export, invoice file, danmaku log ──▶ a reader ──▶ Seq of Record {topic, key, value}
//	webhook bodies, exports, messages of a platform (Formats) ──▶ Payloads ──▶ the same
//	a house's own JSON ──▶ Payloads with a Mapping ──▶ the same
//
// Comment, Reaction, Order and the catalog types are the raw format itself, with deterministic encoders; sim and replay
// use them too. Every reader streams: what it holds is said at the reader, and does not grow with the file, but for the
// matching of cancellations in OnlineRetail, which must remember what may still be returned.
//
// Invariants: the same input gives the same bytes; money goes from decimal text to decimal text and is never a float.
// It fetches nothing: data is the user's own.
package source
