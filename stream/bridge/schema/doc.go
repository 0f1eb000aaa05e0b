// Package schema reads what was written by a schema: Avro, Protobuf or JSON Schema, as a registry keeps it.
//
//	Source: kind, text, what it refers to ── Compile ──▶ Schema ── Decode(bytes) ──▶ values as of JSON, for a mapping
//	                                                       └────── Shape ──▶ which paths there can be, before any data
//
// Values are those that encoding/json gives with UseNumber, so that a mapping cannot tell where they came from, but for
// binary fractions, which stay float64: a mapping takes no money from them.
//
//	in the schema                             in the values
//	record, message, map                      map[string]any, by the names in the schema (a .proto's own, not camelCase)
//	array, repeated                           []any
//	int, long, and protobuf's                 json.Number; protobuf's of 64 bits as text
//	float, double                             float64
//	string, enum, uuid                        text
//	bytes, fixed                              base64
//	union, optional                           the value of the branch, null where it is null
//	decimal, big-decimal                      exact text, the shortest: 12.5 and not 12.50
//	confluent.type.Decimal                    the same
//	google.type.Money                         {currency_code, amount}, the amount as exact text
//	timestamp-*, google.protobuf.Timestamp    RFC 3339 in UTC
//	local-timestamp-*, date, time-*           2026-09-01T20:00:00.5, 2026-09-01, 20:00:00.5
//
// Fields of protobuf that hold their type's zero are there; an optional one that was not set is absent. Fields that a
// writer's schema does not have are absent: what is read by a path needs no reader's schema, and defaults are the
// mapping's.
//
// A .proto may be text, or a descriptor in base64, as Confluent's serialisers for Python and .NET register it. Imports of
// google/protobuf, google/type and confluent need no reference.
//
// # Bounds
//
// A schema has MaxText bytes with all that it refers to, brackets within each other 200 deep at most, and MaxReferences.
// A value is as deep as 100 messages (protobuf) or 1,000 records (Avro); a decimal has 64 digits. What passes a bound is an
// error. Whatever the bytes, nothing panics, and memory goes by the length of the bytes: see the fuzz tests.
//
// It knows no registry, no Kafka and no mapping.
package schema
