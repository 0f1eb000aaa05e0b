package text

import "math/bits"

// A trie finds forms in a text: from each place where one may begin, it follows the runes. An edge is one word of an
// open-addressed table, so that 1,000 forms are 64 to 128 KiB; and two sets of bits, of the first pairs of runes and of
// the forms of one rune, turn nearly all places away before the table is asked.
//
// A place costs as many steps as the text goes on like a form, where Aho-Corasick needs one; but forms are short, words
// begin at few places, and only the edges have to be kept.
type trie struct {
	edges   []uint64       // see edge
	shift   uint           // of a hash, for an index into edges
	singles [1 << 6]uint64 // forms of one rune
	pairs   [1 << 10]uint64
	outAt   []uint32 // what ends at node n: outs[outAt[n]:outAt[n+1]]
	outs    []uint16
}

// An edge, from the top: 18 bits of the node, 21 of the rune, then 18 of the next node and one that says whether a form
// ends there, which together are a place.
const (
	nodeBits  = 18
	runeBits  = 21
	placeBits = nodeBits + 1
	nodesMax  = 1 << nodeBits
)

// A place is where one is in a trie: root, or a node and whether a form ends there.
type place uint32

const root place = 0

func (p place) ends() bool { return p&1 != 0 }

// builder is a trie while forms are added to it.
type builder struct {
	next map[uint64]uint32 // edgeKey to node
	outs [][]uint16        // of each node
	trie *trie
}

func newBuilder() *builder {
	return &builder{next: map[uint64]uint32{}, outs: make([][]uint16, 1), trie: &trie{}}
}

// add adds a form of at least one rune that stands for out; false if there is no room for it. A form that stands for
// the same twice in a row does so once.
func (b *builder) add(form []rune, out uint16) bool {
	if len(b.outs)+len(form) > nodesMax {
		return false
	}
	if len(form) == 1 {
		i := singleBit(form[0])
		b.trie.singles[i>>6] |= 1 << (i & 63)
	} else {
		i := pairBit(form[0], form[1])
		b.trie.pairs[i>>6] |= 1 << (i & 63)
	}
	n := uint32(0)
	for _, c := range form {
		key := edgeKey(n, c)
		next := b.next[key]
		if next == 0 {
			next = uint32(len(b.outs))
			b.next[key], b.outs = next, append(b.outs, nil)
		}
		n = next
	}
	if o := b.outs[n]; len(o) == 0 || o[len(o)-1] != out {
		b.outs[n] = append(o, out)
	}
	return true
}

// build is the trie of what was added, at most half full. The order within the table is that of a map, which no
// look-up can see.
func (b *builder) build() *trie {
	t := b.trie
	size := bits.Len(uint(2*len(b.outs) - 1))
	t.edges, t.shift = make([]uint64, 1<<size), uint(64-size)
	for key, next := range b.next {
		i := t.slot(key)
		for t.edges[i] != 0 {
			i = (i + 1) & (len(t.edges) - 1)
		}
		t.edges[i] = key<<placeBits | uint64(next)<<1
		if len(b.outs[next]) > 0 {
			t.edges[i] |= 1
		}
	}
	t.outAt = append(t.outAt, 0)
	for _, o := range b.outs {
		t.outs = append(t.outs, o...)
		t.outAt = append(t.outAt, uint32(len(t.outs)))
	}
	return t
}

// mayBegin reports whether a form may begin with the runes of which single and pair are the bits; false is certain.
func (t *trie) mayBegin(single, pair uint) bool {
	return (t.pairs[pair>>6%(1<<10)]>>(pair&63)|t.singles[single>>6%(1<<6)]>>(single&63))&1 != 0
}

// step goes on from p along c; root if there is no way.
func (t *trie) step(p place, c rune) place {
	key := edgeKey(uint32(p>>1), c)
	for i := t.slot(key); ; i = (i + 1) & (len(t.edges) - 1) {
		switch e := t.edges[i]; {
		case e == 0:
			return root
		case e>>placeBits == key:
			return place(e & (1<<placeBits - 1))
		}
	}
}

// found is what the forms that end at p stand for.
func (t *trie) found(p place) []uint16 { return t.outs[t.outAt[p>>1]:t.outAt[p>>1+1]] }

func (t *trie) slot(key uint64) int { return int(key * m1 >> t.shift) }

func edgeKey(node uint32, c rune) uint64 { return uint64(node)<<runeBits | uint64(c) }

func singleBit(c rune) uint { return uint(uint64(c) * m1 >> (64 - 12)) }

func pairBit(c, d rune) uint { return uint((uint64(c)<<runeBits | uint64(d)) * m1 >> (64 - 16)) }
