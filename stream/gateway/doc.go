// Package gateway lets platforms and a house's own programs deliver events by HTTP: POST /v1/ingest/{source}.
//
//	platform ─▶ read ──▶ signature ──▶ slot ──▶ mapper ──▶ Kafka, all replicas ──▶ 202
//	             │ 429      │ 401       │ 429   │ unreadable     │ not within Patience
//	             │ 413, 408 │           │       ▼                ▼
//	             ▼          ▼           ▼  dead letter, 202     429 with Retry-After
//
//	             └─ anyone: bounded ───┘└─ who has proved itself: bounded by itself
//	                by itself
//
// A source is open where the secrets' directory has a file of its name (mapped-NAME for mapped/NAME): each line is a secret,
// and any of them opens, so that a new one can be added before an old one is taken away. The files are read anew for
// each delivery.
//
//	source        proves itself by                                                        is delivered by
//	shopify       X-Shopify-Hmac-Sha256: base64 HMAC of the body                          Shopify's webhooks
//	stripe        Stripe-Signature: t, v1 (several); t within 5 minutes                   Stripe's webhooks
//	twitch        Twitch-Eventsub-Message-Signature of id, timestamp and body; within 10  EventSub webhooks; challenges are answered
//	              minutes
//	woocommerce   X-WC-Webhook-Signature: base64 HMAC of the body                         WooCommerce's webhooks; the first ping is unsigned
//	events        Authorization: Bearer SECRET, of 16 bytes or more                       the house's own programs
//	mapped/NAME   the same                                                                likewise, in JSON of their own that MappingsDir's
//	                                                                                      NAME.yaml says how to read
//	bilibili      the same                                                                a connector that the house runs: these
//	ga4, tiktok,                                                                          platforms push nothing, or not to us
//	twitch-irc, youtube
//
// ?show=ID and ?esol=ID in the URL that a platform is told stand for what its events do not name; a chat needs ?show=.
// ?sku=true names the products of Shopify and WooCommerce by their SKU.
//
// # What a 2xx means
//
// Everything that came of the delivery is acknowledged by all in-sync replicas: as raw records, which ingest reads, or
// as dead letters. It is never given earlier, and where it cannot be given within Patience, the answer is 429 with
// Retry-After and the sender keeps the delivery. What was already handed to the Kafka client may still be written then.
//
// # Why delivering twice is harmless
//
// The gateway remembers nothing. Every event gets an id that the same delivery gets again: the platform's own (of a
// Stripe event, of a chat message), a hash of the content (a version of an order), or, where the payload has neither,
// a hash of the delivery's id (a header of the platform's, else the hash of the body) and the event's place in it. The
// folds take an id once: an order's version or a touch at any time, an act in a room while its pane is open, and later
// it is counted as late. So it does not matter who redelivers, to which process, or how much later.
//
// # Bad deliveries
//
//   - Without a good signature: 401; nothing of it is kept, counted but not logged.
//   - Of a platform that proved itself but cannot be read: a dead letter with the bytes, under gateway/SOURCE, and 202.
//     Platforms repeat what is refused and then take the webhook away (WooCommerce after 5 refusals), and what would
//     have come after it is lost for good.
//   - In "events", whose senders read answers: 400 that names the line and the fault, and nothing is written.
//   - Bigger than MaxBodyBytes: 413. Slower than 10 s: 408.
//
// # Bounds
//
// Of bodies that are being read, which anyone may send: MaxReading at a time, MaxReadingPerAddress of them from one address
// (the proxy's, where there is one), each of at most MaxBodyBytes and for at most 10 s; of each 64 KiB, and beyond that
// MaxBytes together, counted until the answer. Where one too many comes, the body that has been coming the longest gives
// way, so that who sends slowly holds up nobody (readers.go). Where the token stands in the head, as for connectors and the
// house's own, a wrong one is refused without reading anything.
//
// Of deliveries that have proved themselves: MaxConcurrent are mapped and written at a time; more are told 429 at once. At
// most 16 MiB wait for Kafka, and as many of dead letters; what does not fit is told 429.
//
// It speaks plain HTTP: TLS is for the proxy before it. No body and no secret is ever logged. It does not judge events:
// ingest does, when it reads the raw topics.
package gateway
