// Package livemeter is a client of the feed: what a Go program needs to hold the documents that the feed keeps current, and
// to hear each event once.
//
//	            ┌──────────────── Client.Run ─────────────────────────────────────────────┐
//	feed ══════▶│ connection ──▶ Follower ──▶ subscription ──▶ line ──▶ the user's function │
//	  ▲         │  hello, sub     applies,      remembers       latest document,          │
//	  └─────────│  resume         proves        across          every event               │
//	            └─ wait, backoff ──────────────  connections ─────────────────────────────┘
//
//	client := livemeter.New(livemeter.Config{URL: "https://netsu.example", Token: token})
//	client.Subscribe(livemeter.Sub{Topic: "show/S42", Fields: []string{"room.final.heat", "money"}, MaxHz: 1})
//	err := client.Run(ctx, func(u livemeter.Update) error {
//		if u.Kind == livemeter.Document {
//			return json.Unmarshal(u.Data, &show)
//		}
//		return nil
//	})
//
// Invariants. A document that the user is given is one whose hash is what its frame said: where a delta does not fit, or the
// hash differs, the client subscribes again by itself. After a lost connection it connects again, with backoff and jitter,
// and resumes each subscription from what it holds; the user is told of each event once, in the order of the feed, and
// where events may have been missed, of that (Gap). A connection that is silent for 3 heartbeats is said to be (Silent), and
// for 8 is given up.
//
// The user's function is called by Run alone, one call at a time. While it is busy the client goes on reading: of a
// document only the latest waits for it, and at most 1,024 events; then reading waits for it too, which the feed takes for a
// slow client. It hangs up in the end, and sends again what was missed: so nothing is lost by that either, but a Gap says so
// where it was too much.
//
// A Follower is the part that follows frames, for programs that have a connection, or a recording, of their own. It never
// holds a state that its frame's hash does not vouch for: where that would be, Take says ErrOutOfStep and forgets the
// document.
//
// The protocol is in stream/feed (doc.go). Frames of kinds that are not known here pass by. It keeps nothing on disk: a
// program that starts anew begins with the latest documents.
package livemeter
