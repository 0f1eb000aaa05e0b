// Package contract holds what the feed promises, as files that other people's tools read: a JSON Schema of every document
// and frame, AsyncAPI 3.0 of /v1/feed and /v1/stream, OpenAPI 3.1 of everything else. They are in the program, which serves
// those of its own version.
//
//	stream/feed: view*.go, frame.go, client.go ─▶ derive ─▶ schema/*.json ──┐
//	             testdata/transcripts ─▶ examples ─▶ asyncapi.json          ├─ embedded ─▶ GET /v1/schema, /v1/schema/{name},
//	             routes ───────────────────────────▶ openapi.json ──────────┘              /v1/asyncapi.json, /v1/openapi.json
//
// go test ./stream/feed -update makes the files; without -update that test fails where they are not what the code says.
//
// Invariants. Every frame and answer that the feed's tests see is valid, and has no field that the files do not have
// (stream/feed/valid_test.go): they do not say more than is kept, nor less than is sent. Nobody needs a token to read them:
// they hold no data. A schema has no $id, since it is the same wherever it is served; what it refers to lies beside it.
//
// It does not check what the server sends: that would be paid for by every frame.
package contract
