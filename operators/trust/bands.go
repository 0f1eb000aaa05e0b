package trust

import "math/bits"

// SimHashes within 3 bits of each other are equal in at least one of four bands of 16 bits. So texts are found by their
// bands.
const bandCount = 4

func bandOf(sim uint64, band int) uint64 { return sim >> (16 * band) & 0xffff }

// bands finds long texts by the bands of their SimHash, those said last first. What was said in a pane is entered at
// the end of a ring, and linked from there to what was said before and may have the same band; the oldest panes fall
// off its other end. So nothing is ever taken out of the middle, and a look-up touches little more than what it finds:
// at a thousand comments a second that is what it costs.
type bands struct {
	nodes     []node              // a power of two; number i is at i mod its length
	heads     [bandCount][]uint64 // newest node of what hashes alike, as number + 1; several values share one
	low, next uint64              // numbers of the nodes that count: low ≤ i < next
}

// node is a text that was said in a pane.
type node struct {
	sim   uint64
	pane  int64
	text  *text // nil: it was said again later, and has another node
	older [bandCount]uint64
}

func (b *bands) at(number uint64) *node { return &b.nodes[number&uint64(len(b.nodes)-1)] }

func (b *bands) head(band int, sim uint64) *uint64 {
	return &b.heads[band][bandOf(sim, band)*0x9e3779b1>>8&uint64(len(b.nodes)-1)]
}

// push enters t as said in its last pane.
func (b *bands) push(t *text) {
	if t.node > b.low {
		b.at(t.node - 1).text = nil
	}
	if b.next-b.low == uint64(len(b.nodes)) {
		b.grow()
	}
	b.enter(b.next, node{sim: t.sim, pane: t.last, text: t})
	b.next++
	t.node = b.next
}

func (b *bands) enter(number uint64, n node) {
	for i := range bandCount {
		head := b.head(i, n.sim)
		n.older[i] = *head
		*head = number + 1
	}
	*b.at(number) = n
}

func (b *bands) grow() {
	old := *b
	b.nodes = make([]node, max(16, 2*len(b.nodes)))
	for i := range b.heads {
		b.heads[i] = make([]uint64, len(b.nodes))
	}
	for i := old.low; i < old.next; i++ {
		b.enter(i, *old.at(i))
	}
}

// expire drops what was said in panes up to to. A ring that empties gives its memory back.
func (b *bands) expire(to int64) {
	for b.low < b.next && b.at(b.low).pane <= to {
		b.at(b.low).text = nil
		b.low++
	}
	if b.low == b.next {
		*b = bands{}
	}
}

// near appends to found the texts within 3 bits of t, t among them. Of each band's value it looks at the 256 that were
// said last. query is a number that no other call has had.
func (b *bands) near(t *text, query uint64, found []*text) []*text {
	for i := range bandCount {
		looked := 0
		for next := *b.head(i, t.sim); next > b.low && looked < bandsMax; {
			n := b.at(next - 1)
			next = n.older[i]
			if bandOf(n.sim^t.sim, i) != 0 || n.text == nil {
				continue
			}
			looked++
			if bits.OnesCount64(n.sim^t.sim) <= nearBits && n.text.seen != query {
				n.text.seen = query
				found = append(found, n.text)
			}
		}
	}
	return found
}
