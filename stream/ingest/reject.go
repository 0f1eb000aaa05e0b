package ingest

import "fmt"

// Reason says why a record became a dead letter. The list is closed: it is a label of a metric and a header that people
// filter by.
type Reason string

// The reasons. A record with several faults is given the first in the order of checking: size, UTF-8, JSON, kind, time,
// then the fields.
const (
	TooLarge        Reason = "too_large"        // the record, or the event it would become
	InvalidUTF8     Reason = "invalid_utf8"     // anywhere in the record
	MalformedJSON   Reason = "malformed_json"   // not one JSON object, or nested deeper than 32
	UnknownKind     Reason = "unknown_kind"     // of a comment, a reaction or a catalog entry
	MissingField    Reason = "missing_field"    // absent, null or empty
	BadField        Reason = "bad_field"        // of the wrong type, too long, out of range, not in its list
	BadTime         Reason = "bad_time"         // neither RFC 3339 nor epoch milliseconds
	TimeFuture      Reason = "time_future"      // more than 5 minutes ahead
	TimePast        Reason = "time_past"        // before Config.MinTime
	BadAmount       Reason = "bad_amount"       // not exact decimal text in the currency, or below zero
	UnknownCurrency Reason = "unknown_currency" // not an active ISO 4217 code
	// Of the bridge (stream/bridge), whose records are of a house's own topics.
	UnknownSchema Reason = "unknown_schema" // the registry says that it has no such schema
	BadSchema     Reason = "bad_schema"     // the registry's schema cannot be read
	BadBytes      Reason = "bad_bytes"      // no schema's id in front, or not what the schema says
)

// Reasons is the closed list.
var Reasons = []Reason{TooLarge, InvalidUTF8, MalformedJSON, UnknownKind, MissingField, BadField, BadTime, TimeFuture,
	TimePast, BadAmount, UnknownCurrency, UnknownSchema, BadSchema, BadBytes}

// Reject says why a record cannot be an event. Detail names the field, what was expected and what kind of thing came;
// never a text, an id or any other content that could be a person's.
type Reject struct {
	Reason Reason
	Detail string
}

// Error makes a Reject an error.
func (r *Reject) Error() string { return string(r.Reason) + ": " + r.Detail }

func reject(reason Reason, format string, args ...any) *Reject {
	return &Reject{reason, fmt.Sprintf(format, args...)}
}
