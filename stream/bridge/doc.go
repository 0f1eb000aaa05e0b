// Package bridge makes raw events of what a house has on topics of its own, written by schemas of a registry (Avro,
// Protobuf, JSON Schema) or as plain JSON.
//
//	shop.orders ─┐ lane ┐          schema: registry, cached
//	shop.chat   ─┤ lane ├─ pick ─▶ decode ─▶ mapping ─▶ comments, reactions, orders ─▶ ingest, as ever
//	    …       ─┘ lane ┘ (by event   │          │
//	    ▲                  time)      └──────────┴─────▶ dead letters
//	    └── commit ◀── span ◀── acknowledged
//
// A topic is read by its mapping (source.Mapping, TOPIC.yaml of a directory), whose paths go through what
// bridge/schema makes of a value. Which kind of schema it is, the registry says, record by record: a topic may change its
// kind. How a record names its schema is in wire.go.
//
// One goroutine, the loop, owns everything, as in package ingest; the poll, the probe of the topics' ends, fetches of schemas
// and the Kafka client's callbacks talk to it through channels.
//
// # Invariants
//
//   - Every record becomes raw events, or a dead letter with its bytes and place, or nothing where its mapping passes it and
//     where it is a tombstone. Nothing stops the line.
//   - Offsets are committed only when all that was made of the records before them is acknowledged by all in-sync replicas.
//   - An event's id is the mapping's. Of an order without one it is the hash of the version's content, of other events the
//     hash of topic/partition/offset and the rule. So whoever reads a record again, another process or this one after a
//     kill, says the same again, which folds take once.
//   - Amounts go from exact text to exact text. A mapping takes none from a float or a double.
//   - Memory is bounded: lanes pause at 4 MiB or 5,000 records, at most 16 MiB or 4,096 records are on their way, schemas in
//     memory are 512 or 16 MiB of text, of which the one used least lately goes first.
//
// # When the registry is away
//
// A record whose schema is not in memory waits, with what is behind it in its partition, and nothing of it is dropped or
// buried: the registry is asked again after 1 s, 2 s … 30 s, for ever. Partitions whose schemas are known go on. A warning
// says so, again each minute, and netsu_bridge_registry_away is 1. Away is a registry that cannot be reached, that answers
// with an error of its own or of a proxy, or that wants other credentials.
//
// Only where the registry itself says that it has no such schema, or has not what that refers to, twice with 2 s between, is a
// record a dead letter (unknown_schema), and it is asked again after a minute. Two answers look like a proxy's, and would have a
// record wait for ever: an id beyond an int of Java is not asked for (bad_bytes), and a GUID is unknown too where the registry
// has no GUIDs at all. Schemas that were deleted softly, for those who write, are read.
//
// What mends dead letters of the bridge is reading the topic again: set the offsets of the group (Group) back while no process
// bridges. What was taken before counts once.
//
// What waits is late where its room has gone on: lateness (30 s) is by event time and does not know of the bridge. Money
// is never late.
//
// # Order
//
// Records are taken in the order of their events' times, and a partition that is behind, or waits for a schema, is waited
// for up to Config.Align, as ingest does it with the raw topics. Events of a record stand in the raw topics under
// the mapping's keys, in the order of the record's partition.
//
// # What it does not do
//
// It writes to no topic of the house, registers no schema, and reads none by a reader's schema: renamed fields are
// renamed in the mapping. It does not read keys. It does not judge events: ingest does. It holds no JSON against its schema.
package bridge
