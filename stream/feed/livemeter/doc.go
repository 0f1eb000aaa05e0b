// Package livemeter is a client of the feed: what a Go program needs to hold the documents that the feed keeps current.
//
//	frames ──▶ Follower: applies snaps and deltas, proves each state by its hash ──▶ Frame, Held
//
// A Follower never holds a state that its frame's hash does not vouch for: where a delta does not fit, or the hash differs,
// Take says ErrOutOfStep and forgets the document, and the caller subscribes again.
//
// The protocol is in stream/feed (doc.go). This package does not connect.
package livemeter
