// Package feed brings meters to people: a websocket, an HTTP API, and what an operator needs to watch it.
//
//	netsu.meters ─┐                                      ┌─▶ connection: one latest-wins slot per sub ─▶ /v1/feed, /v1/stream
//	              ├─▶ consume ─▶ hub ─▶ topics ─▶ views ───┤
//	netsu.alerts ─┘   decode,    meters   made    what of   └─▶ GET /v1/shows, /v1/meters/{kind}/{id}, /v1/alerts,
//	                  dedup │    merged   once    it is         /v1/esols/{id}/similar: profiles, merged when asked for
//	                        │                     wanted        /v1/campaigns/{id}/advice: deals, when asked for
//	                        └─ at a scrape ─▶ gauges ─▶ /metrics
//
// The protocol is livemeter.v1. One JSON object per text frame; "t" says which. stream/feed/contract has it for machines.
//
//	client  hello {v, client?, token?}          optional; answered by another welcome
//	        sub   {id, topic, fields?, basis?, max_hz?, resume? | from, speed?}   show/ID, esol/ID, campaign/ID, brand/ID, or shows (the board)
//	        tune  {id, sub, max_hz?}            how often from now on
//	        unsub {id, sub}
//	        watch {id, topic, when}             tell me when (stream/feed/condition), whatever is sent of the document
//	        unwatch {id, watch}
//	        explain {id, topic, path}           what is behind a number (explain.go); answered by an explanation
//	        ping  {id?}
//	server  welcome {session, server_time, heartbeat_ms, limits, schema}
//	        ack   {id, sub?, topic?, keys?, basis?, resumed?, deprecations}
//	        snap  {sub, topic, cursor, as_of, watermark, data, hash | reason}   data is a view (view*.go), null with a reason
//	        delta {sub, from, to, as_of, watermark, cut?, set?, add?, max?, order?, hash}   what changed (stream/feed/delta)
//	        event {sub, cursor, kind, data}                                an alert
//	        restate {sub, cursor, reason, data}                            a correction of money that was said before
//	        watch {watch, topic, when, cursor, holds, was, changes, values}   the condition holds, does not, or is not known
//	        notice {code, action, hz, message}                             the client is slow, or well again
//	        hb    {n, state, server_time, cursor, as_of, watermark, lag_ms}   every second
//	        pong  {id?, server_time}, err {id?, sub?, watch?, code, message}, bye {code, message, retry}
//
// A client keeps, per sub, data, cursor and the keys of its ack. A delta applies to the state at from, and makes it the state
// at to; its hash, and that of every snap, is CRC-32C of the state's canonical JSON (RFC 8785), so that a client can prove
// that it is in step, and subscribe again where it is not. sub is the server's number of the view, the same for every
// subscriber, which is what lets one encoded frame serve them all. Restatements go to subs that show money. fields are names of the document with a dot between levels
// (room.final.heat); who asks for none ([]) gets events alone. basis is what the document is to be made in, a currency or a
// campaign's model (basis.go); a sub's view is of a topic, its fields and its basis.
//
// A cursor is a position in the logs of meters and alerts, and valid on every feed process. Who comes back subscribes with
// resume: {cursor: the last of any frame, hash: of the document that it holds}. The ack says how it goes on: in_step,
// delta (the first of either may have another from: states with the same hash are the same), snapshot (of the state), too_old
// (and events are missing between the cursor and the first that is sent; GET /v1/alerts may have them) or foreign (the topics were made anew). Events after the cursor are sent again, in order;
// one that was seen already has the same id. resume.go has the rules. Which events were missed is known once the feed is
// live; until then a resume is refused with CATCHING_UP.
//
// Shows are recorded as a client with max_hz 1 has them (recorder.go, stream/feed/tape), and said again: a sub with from and
// speed is a rehearsal (rehearse.go), GET /v1/export the same at once.
//
// Close codes. 4000 to 4499, 1001, 1006, 1012, 1013: connect again, with backoff and jitter. 4500 and above, 1002,
// 1003, 1007, 1008, 1009: do not, the client is wrong.
//
//	1001  the server is going away (a bye says so first)        4000  slow: events were waiting and found no room
//	4001  no pong in time                                        4002  more than 10 frames a second, sustained
//	1009  a frame over 4 KiB                                     4500  too many frames that were refused
//	1013  of /v1/stream: no room for one of its topics, so for none
//	4003  the token has ended: come with another                 4004  the token's subject has as many connections as it may
//	4501  no token that is in force came in a first hello, within 5 s (the err before says what is wrong with it)
//
// Where the port has keys (stream/access), a client says who it is by Authorization: Bearer, by the subprotocol
// bearer.TOKEN beside livemeter.v1.json, by the query of a signed address, or by a first hello with a token; until then it is
// sent nothing. What its token does not grant is FORBIDDEN, in the words that also refuse what does not exist. Without fields
// a sub is of all parts that are granted (access.go); a field asked for by name that is not granted refuses the sub. A show
// that is granted because its ESOL is, or a campaign because its brand is, ends with an err REVOKED once it is another's, which says
// what sub or watch has ended. So one that begins later is to be subscribed to again, or granted by name: whose it is, its first
// meter says. A brand's grant covers its campaigns, and not the shows that sell it, which are of other brands too.
//
// Held back on purpose: the board is made at most five times a second (every meter of every show changes it), and so is a
// campaign's or a brand's document (brand.go), and a sub
// with max_hz gets its frames no closer than that. Everything else goes out as it comes.
//
// A client that cannot take what it asked for gets less of it, and loses nothing: a document's next delta starts from what the
// client holds, however many states lie between. Where its writes have to wait all the same, its documents come less often,
// and a notice says how often (slow.go). Events are never left out: a client for which more than 4,096 frames wait is closed.
//
// Invariants. What a subscriber holds after its last frame is a view that existed, never older than one it held before.
// A meter is dropped if its source position is not after the one held for its key, so re-emission changes nothing. A
// slow subscriber costs its own connection only: no one else waits for it, and nothing is queued for it but alerts,
// which are bounded. Memory is bounded: scopes, parts per scope, connections, subscriptions, bases of a topic, waiting frames.
//
// No document names a person, and what concerns fewer than three people is a count (insight.go). Parts of a show that
// this program does not know are passed by, so that folds may be newer than the feed.
//
// It does not keep history, nor issue tokens (netsu token does).
package feed
