package event

import (
	"strconv"
	"strings"
)

// Version is the newest encoding of a Block and of a Meter that this program writes and reads.
const Version = 1

// MaxBlockBytes bounds a block, and MaxRecordBytes what ingest takes from a raw topic.
const (
	MaxBlockBytes  = 1 << 20
	MaxRecordBytes = 1 << 20
)

// Partition is where a key lives among n partitions: murmur2, as every Kafka client's default partitioner has it, so that
// a user can compute it too. n must be positive.
func Partition(key string, n int32) int32 {
	return int32(murmur2(key)&0x7fffffff) % n
}

// murmur2 with Kafka's seed, as org.apache.kafka.common.utils.Utils defines it.
func murmur2(b string) uint32 {
	const (
		seed = 0x9747b28c
		m    = 0x5bd1e995
	)
	h := uint32(seed) ^ uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
		k *= m
		k ^= k >> 24
		k *= m
		h *= m
		h ^= k
	}
	switch len(b) {
	case 3:
		h ^= uint32(b[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(b[1]) << 8
		fallthrough
	case 1:
		h ^= uint32(b[0])
		h *= m
	}
	h ^= h >> 13
	h *= m
	h ^= h >> 15
	return h
}

// Position is a place in an upstream log: the offset of a record and the index of an event within what it became.
type Position struct {
	Offset int64
	Index  uint32
}

// After tells whether p comes after q.
func (p Position) After(q Position) bool {
	return p.Offset > q.Offset || p.Offset == q.Offset && p.Index > q.Index
}

// Scopes of meters and credits: a kind and an id, as in "show/S42".
const (
	ScopeShow     = "show"
	ScopeEsol     = "esol"
	ScopeCampaign = "campaign"
	ScopeBrand    = "brand"
	ScopeDeal     = "deal" // one ESOL in one campaign: see DealID
	ScopeArm      = "arm"  // the treated, or the control, of a campaign with a holdout: a DealID too; credits only
)

// Scope joins a kind and an id.
func Scope(kind, id string) string { return kind + "/" + id }

// SplitScope is the inverse of Scope; ok is false where there is no slash.
func SplitScope(scope string) (kind, id string, ok bool) { return strings.Cut(scope, "/") }

// DealID is the id of a deal's scope: LEN:CAMPAIGN ESOL, without the space, where LEN is the length of CAMPAIGN in
// bytes. All deals of a campaign are in the partition of the campaign's own scope.
func DealID(campaign, esol string) string { return strconv.Itoa(len(campaign)) + ":" + campaign + esol }

// SplitDealID is the inverse of DealID.
func SplitDealID(id string) (campaign, esol string, ok bool) {
	digits, rest, ok := strings.Cut(id, ":")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 || n > len(rest) {
		return "", "", false
	}
	return rest[:n], rest[n:], true
}

// JourneyKey is the key under which an event goes to the journeys: all versions of an order together, whoever bought
// (a status-only update names no buyer), everything else with its person.
func JourneyKey(orderID string, person ID) string {
	if orderID != "" {
		return "order/" + orderID
	}
	return "person/" + person.String()
}
