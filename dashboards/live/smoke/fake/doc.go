// Command fake serves the live page with a feed of invented, moving numbers: what one needs to work on the page, and to
// prove the smoke test, without Kafka. It speaks the frames of livemeter.v1 (stream/feed/doc.go) that the page uses.
//
//	go run ./dashboards/live/smoke/fake -listen 127.0.0.1:8099 [-hz 4]
//
// Shows: S42 is hot, S43 has too few people, S44 is idle, S45 sells in three currencies, S46 has ended, S47 is minutes
// behind, S48 stands still, S49 has a title that breaks what can be broken. The campaign is spring, with S42's sales. Any other show does not exist. What is behind the heat is known of S42, S45 and S46, in
// part of S47 (no transcript, no brand), hardly of S44, and of S43 and S48 not at all. It invents every number and
// computes no meter.
package main
