package show

import (
	"slices"

	"github.com/netsu/netsu/operators/shardset"
	"github.com/netsu/netsu/stream/event"
)

// Limits of what a show remembers. Beyond one, a tenth is forgotten, least recently active first, by (pane, id): a
// head that comes back counts as new in people_total and buyers_total, starts unsaturated, and within 300 s of its
// forgetting is counted among the active twice; an order that comes back after 45,000 others heats again.
const (
	headsMax  = 50_000
	ordersMax = 50_000
	textsMax  = 8_192 // texts remembered per pane, those with the smallest hashes; others look new a pane later
)

// shards is how many maps a room's people are in, so that one that grows does not move them all.
const shards = 32

// head is a person in the room.
type head struct {
	heat   float64 // u: unsaturated energy at its last pane, joules, as far as it was believed
	raw    float64 // the same with every act believed
	last   int64   // pane of its last act
	slot   int32   // scratch of the evaluation: index in undo.touched
	bought bool
}

// shard is a 32nd of a show's memory; the state holds it in 32 parts (shardset).
type shard struct {
	heads  idMap[head]
	orders idMap[int64] // orders that have heated → pane
}

// memory is what a show remembers from pane to pane beside its room: heads, orders, who was active when, and texts.
type memory struct {
	shards  [shards]shard
	heads   int
	orders  int
	acted   [activePanes]int32 // heads by their last pane, mod 300
	said    idMap[saying]      // texts of the last 60 panes; Lo is the hash
	sayings [128][]textCount   // the same by pane, mod 128: 60 that count and up to 38 open ones
}

// saying is how often a text was said in the last 60 panes.
type saying struct {
	n    int64
	pane int64 // scratch: slot is an index into sayings of this pane
	slot int32
}

type textCount struct {
	hash uint64
	n    int64
}

const textPanes = 60

func shardOf(id event.ID) int { return shardOfPart(partOf(id)) }

func partOf(id event.ID) int { return shardset.Of(id.Hi) }

func shardOfPart(n int) int { return n * shards / shardset.Shards }

func (m *memory) texts(pane int64) *[]textCount { return &m.sayings[uint64(pane)%128] }

func (m *memory) say(hash uint64, n int64) {
	s, _ := m.said.put(event.ID{Lo: hash})
	s.n += n
	s.pane = -1 // its scratch is void
	if s.n == 0 {
		m.said.del(event.ID{Lo: hash})
	}
}

// onlyOrders is what a silence leaves of a memory: an order that is paid an hour later must not heat the room again.
// The orders are handed over, not copied; takeOrders hands them back.
func (m *memory) onlyOrders() *memory {
	left := &memory{}
	left.takeOrders(m)
	return left
}

func (m *memory) takeOrders(from *memory) {
	m.orders = from.orders
	for i := range m.shards {
		m.shards[i].orders = from.shards[i].orders
	}
}

// oldest lists what is beyond nine tenths of the limit, when there is more than the limit: least recently active first,
// by (pane, id).
func oldest(n, limit int, each func(add func(event.ID, int64))) []event.ID {
	if n <= limit {
		return nil
	}
	type aged struct {
		id   event.ID
		pane int64
	}
	all := make([]aged, 0, n)
	each(func(id event.ID, pane int64) { all = append(all, aged{id, pane}) })
	slices.SortFunc(all, func(a, b aged) int {
		if a.pane != b.pane {
			return int(a.pane - b.pane)
		}
		return compareIDs(a.id, b.id)
	})
	ids := make([]event.ID, n-limit*9/10)
	for i := range ids {
		ids[i] = all[i].id
	}
	return ids
}
