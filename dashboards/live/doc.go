// Package live is the page that a producer watches while a show is on the air: how hot the room is, what it has sold,
// and how old that knowledge is.
//
//	client/livemeter.ts ──────┐
//	src/{app,overlay}.tsx ────┴──(build: esbuild)──▶ dist/ ──(go:embed)──▶ Handler ──▶ browser ──(websocket)──▶ /v1/feed
//
// dist/ is committed, so that building the program needs no Node. After a change in src or client, or of the lockfile:
//
//	go generate ./dashboards/live              dist/ again (the same sources give the same bytes)
//	npm --prefix dashboards/live test          types, and the unit tests of what formats and reduces
//	go run ./dashboards/live/smoke/fake        a page with moving numbers, without Kafka, on 127.0.0.1:8099
//	node dashboards/live/smoke/smoke.mjs http://127.0.0.1:8099 --out /tmp/shots
//	node dashboards/live/smoke/client.mjs NETSU   the client in Node against a demo that it starts; NETSU is the binary
//	npm --prefix dashboards/live run soak      half an hour of watching: memory and CPU stay flat
//
// The parts of the page, in the order in which a frame meets them: client/livemeter.ts (the client of the feed: connect,
// subscribe, resume, prove; one file without dependencies, which partners copy), src/livemeter.ts (what it knows, as
// signals), reduce.ts (what is known of a topic), status.ts (what to call the state
// of things), format.ts and words.ts (numbers and sentences in two languages), then the views. What is behind the heat
// is a tile each: faces.ts says what it shows closed (one number, how sure it is, what it is relative to), why/ what it
// shows opened; estimate.ts has the one rule for a number that is not known, which is to say why.
//
// The overlay (overlay.tsx, overlay/) is a page of its own for browser sources: a few widgets over a transparent ground, for
// viewers. It is always of now, which is provisional, and shows what it shows until that is a minute old (overlay/presence.ts).
// The content policy keeps out style that a browser source would add.
//
// What must hold: the freshness of the numbers is always on the page; a number that is not known is said not to be
// known; provisional is marked as such; contagion is two ends and never one number, and by grade C not called
// infection; no person is shown; colour is never the only signal; nothing is fetched from another host.
//
// Each document is proven by its hash with each frame. Of a show's of 20 kB that takes 1.2 ms (Node 20, one busy core; two
// thirds of it the canonical text), so at the page's four a second half a percent of a core. It is not done less often, because what a
// frame brings is drawn at once.
//
// A page that nobody looks at counts what it would have said in its title, and sounds a tone where that is wanted (alerting.ts,
// notices.ts, sound.ts); each show can be muted. What was corrected is told in words (corrections.ts). All is reached by keyboard
// (help.tsx has the list), and the letters of it can be switched off.
//
// What it does not do: it computes no meter. What the feed does not say, the page does not show.
package live
