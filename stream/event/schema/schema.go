// Package schema publishes what users' producers write: one JSON Schema (2020-12) for each raw topic, with examples.
//
// Ingest does not read them; its decoder is held to them by a test. They cannot say everything: lengths here count
// characters where ingest counts bytes, the currency need not exist, an end may not lie before its start, and a number may
// not be written with an exponent.
package schema

import "embed"

// Files holds comment, reaction, order and catalog .schema.json.
//
//go:embed *.schema.json
var Files embed.FS
