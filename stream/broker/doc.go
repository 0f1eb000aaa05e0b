// Package broker is the program's way to Kafka: where the cluster is and how to speak to it (Cluster), the topics and
// how they must be configured (Topics, Create, Load), and a broker inside the process for those who bring none
// (Embedded).
//
//	Settings ── New ──────────────▶ Cluster ── Client(opts) ──▶ *kgo.Client, the only way to make one
//	EmbeddedSettings ── StartEmbedded ─▶ Embedded ── Cluster() ─┘
//	Cluster + Topics ── Create ──▶ the topics exist        (netsu topics create)
//	Cluster + Topics ── Load ────▶ Layout, or one error that says all that is wrong with them
//	Cluster + Topics ── Copies ──▶ what the cluster keeps in fewer copies than asked
//
// Invariants: a topic is never made by accident (no auto-creation anywhere); a secret is read from its file when it is
// needed and is never held in a setting, a log line or an error; an embedded data directory has one process at a time.
//
// It does not produce, consume or know what a record means.
package broker
