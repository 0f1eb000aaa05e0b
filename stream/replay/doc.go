// Package replay plays recorded raw events again: from files, at a chosen speed, moved to now if asked.
//
//	NDJSON (plain, .gz, .zst, stdin) ──▶ merge by event time ──▶ shift ──▶ pace ──▶ Out
//
// A line is {"topic":"comments","key":"…","value":{…}}, or with Config.Topic the bare event. Bytes that are no JSON (a
// recorded dead letter) are {"topic":…,"key":…,"raw":"base64"}; a tombstone has "value":null.
//
// Invariants: what goes out is byte for byte what was recorded, but for the digits of time fields when shifting, and
// all of these move by one constant; within a source the order is kept, so recorded disorder is replayed as disorder;
// memory is one line per source. It does not check events (ingest does), and knows no Kafka.
package replay
