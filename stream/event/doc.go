// Package event is the vocabulary: what can happen in a show, in the words of DESIGN §8.
//
//	raw JSON ──▶ ingest ──▶ eventpb.Event in eventpb.Block ──▶ folds ──▶ eventpb.Meter ──▶ people
//
// It holds ids and pseudonyms (Hasher), places (Partition, Position, Scope) and money (Exponent, ParseMinor). It imports
// nothing of the project and nothing that talks to the outside.
//
// Invariants: an ID is never made without the installation's key; money is an int64 of minor units and is never a float;
// Partition agrees with every Kafka client.
package event
