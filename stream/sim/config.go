package sim

import (
	"time"

	"github.com/netsu/netsu/stream/source"
)

// Config says what happens. The zero value of a rate means never.
type Config struct {
	Seed  uint64
	Start time.Time // event time of the first moment; whole milliseconds count
	Cast  Cast      // goes out as catalog records before anything else
	Shows []Spec
	Wire  Wire
}

// Cast is the catalog. Shows are entered from their Specs.
type Cast struct {
	Brands    []source.Brand
	Esols     []source.Esol
	Products  []Product
	Campaigns []source.Campaign
	FX        []source.FX
}

// Product is a catalog product with the price that orders are made of.
type Product struct {
	source.Product
	Currency   string
	PriceMinor int64
	// Words are what a chat calls it; empty: Name.
	Words []string
}

// Spec is one show.
type Spec struct {
	ID, Title, EsolID, Platform string
	Lang                        string // ja, en, th, id: which phrase bank the room speaks
	Currency                    string
	Campaigns, Products         []string // ids in the Cast; only products in Currency are sold
	After                       time.Duration
	Lasts                       time.Duration // 0: without end
	People                      int           // how many may ever come; 0 means 200
	Rate                        float64       // events a second in the usual mood, before answers and acts; 0 means 3
	Branching                   float64       // mean answers of a comment, below 1
	Acts                        []Act
	Every                       time.Duration // acts repeat after this; 0: once
	// EpochTimes writes times as epoch milliseconds, and ByVersion order versions as integers instead of updated_at.
	EpochTimes, ByVersion bool
}

// ActKind names what an Act does.
type ActKind int

// The acts.
const (
	Quiet  ActKind = iota // the room falls to a tenth
	Hot                   // rates times Size
	Raid                  // Size people join within 8 s and say hello
	Call                  // the ESOL asks for it: likes, clicks and carts for 20 s, Size times the usual
	Pin                   // the ESOL puts Product on air: clicks for a minute, Size times the usual
	Copies                // Size fresh accounts post the same advertisement for a minute, a few each
)

// Act is one moment of a show's script.
type Act struct {
	Kind    ActKind
	At      time.Duration // after the show's start
	For     time.Duration // Quiet and Hot; 0 means a minute
	Size    float64       // 0 means a fair default
	Product string        // Pin; "" means the next one
}

// Wire is what happens between a producer and the broker. Every fault is counted in Truth.
type Wire struct {
	// Disorder is the greatest delay of an on-time record: uniform from 0 up to it.
	Disorder time.Duration
	// DuplicateRate is the share of records that are sent again, byte for byte, within Disorder (at least 1 ms later).
	DuplicateRate float64
	// LateRate is the share of records that arrive between LateAfter and twice that after their time. LateAfter 0 means
	// 90 s. A record is made late only where its show goes on until after it, so that it is late for sure.
	LateRate  float64
	LateAfter time.Duration
	// BadRate is the share of records beside which a bad one arrives, going round all reasons of dead letters.
	BadRate float64
}
