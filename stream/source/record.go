package source

import "iter"

// Names of the raw topics, without the installation's prefix.
const (
	Comments  = "comments"
	Reactions = "reactions"
	Orders    = "orders"
	Catalog   = "catalog"
)

// Record is one raw event on its way to a topic.
type Record struct {
	Topic string // one of the names above
	Key   []byte // nil: none
	Value []byte // nil: a tombstone (catalog only)
	// TimeMS is the event time that Value carries; 0 where it carries none (catalog) or none that can be read.
	TimeMS int64
	// ArriveMS is when the producer hands it over, in the same clock; 0: unknown. Never before TimeMS where both are
	// known.
	ArriveMS int64
}

// Seq yields records in the order of their arrival. An error ends it and is the last pair.
type Seq = iter.Seq2[Record, error]
