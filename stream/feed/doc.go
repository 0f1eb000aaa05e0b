// Package feed brings meters to people: a websocket, an HTTP API, and what an operator needs to watch it.
//
//	netsu.meters ─┐                                 ┌─▶ connection: one latest-wins slot per subscription ─▶ /v1/feed
//	              ├─▶ consume ─▶ hub ─▶ editions ───┤
//	netsu.alerts ─┘   decode,    views   encoded    └─▶ GET /v1/shows, /v1/meters/{kind}/{id}, /v1/alerts,
//	                  dedup │    merged  once                 /v1/esols/{id}/similar: profiles, merged when asked for
//	                        │                                 /v1/campaigns/{id}/advice: deals, when asked for
//	                        └─ at a scrape ─▶ gauges ─▶ /metrics
//
// The protocol is livemeter.v1. One JSON object per text frame; "t" says which.
//
//	client  hello {v, client?, resume?}         optional; answered by another welcome
//	        sub   {id, topic, max_hz?}          show/ID, esol/ID, campaign/ID, brand/ID, or shows (the board)
//	        unsub {id, sub}
//	        ping  {id?}
//	server  welcome {session, server_time, heartbeat_ms, limits, schema, resumed}
//	        ack   {id, sub?, topic?}
//	        snap  {sub, topic, cursor, as_of, watermark, data, reason?}   data is a view (view*.go), null with a reason
//	        delta {sub, from, to, as_of, watermark, set}                   set replaces whole top-level parts of data
//	        event {sub, cursor, kind, data}                                an alert
//	        hb    {n, state, server_time, cursor, as_of, watermark, lag_ms}   every second
//	        pong  {id?, server_time}, err {id?, code, message}, bye {code, message, retry}
//
// A client keeps, per sub, data and cursor. A delta applies to the state at from, and makes it the state at to; where
// from is not the cursor held, subscribe again. Cursors are opaque: compare them for equality only. sub is the server's
// number of the topic, the same for every subscriber, which is what lets one encoded frame serve them all.
//
// Close codes. 4000 to 4499, 1001, 1006, 1012, 1013: connect again, with backoff and jitter. 4500 and above, 1002,
// 1003, 1007, 1008, 1009: do not, the client is wrong.
//
//	1001  the server is going away (a bye says so first)        4000  slow: events were waiting and found no room
//	4001  no pong in time                                        4002  more than 10 frames a second, sustained
//	1009  a frame over 4 KiB                                     4500  too many frames that were refused
//
// Held back on purpose: the board is made at most five times a second (every meter of every show changes it), and a sub
// with max_hz gets its frames no closer than that. Everything else goes out as it comes.
//
// Invariants. What a subscriber holds after its last frame is a view that existed, never older than one it held before.
// A meter is dropped if its source position is not after the one held for its key, so re-emission changes nothing. A
// slow subscriber costs its own connection only: no one else waits for it, and nothing is queued for it but alerts,
// which are bounded. Memory is bounded: scopes, parts per scope, connections, subscriptions, waiting frames.
//
// No document names a person, and what concerns fewer than three people is a count (insight.go). Parts of a show that
// this program does not know are passed by, so that folds may be newer than the feed.
//
// It does not authenticate (whoever reaches the port may read), keep history, resume a session, or restate.
package feed
