package likeness

// Layout is the version of what the dimensions mean. Profiles of another are not compared (Read refuses them).
//
//	0 … 63     words of the audience, by hash             share of person-panes, square root
//	64 … 79    categories of products, by hash            ln(1 + joules)
//	80 … 87    prices of what was ordered, in 8 bands     share of order lines, square root
//	88 … 111   hours of the day, UTC                      share of heat, square root
//	112 … 127  interests: brands acted on, by hash        share of people, square root
//
// Each block is scaled to the length sqrt(its weight), a block without anything is left out, and the whole has length
// 1. So the cosine of two that have the same blocks is the weighted mean of the cosines of their blocks.
const Layout = 1

// Dims is the length of a vector.
const Dims = 128

// Kind is a block of dimensions.
type Kind uint8

// The blocks, in order.
const (
	Words Kind = iota
	Categories
	Prices
	Hours
	Interests
	kinds
)

// block is where a kind lies and what it weighs in a cosine. The weights are [JUDG]: words are what most is known of,
// hours and prices are what most have in common anyway.
type block struct {
	name     string
	from, to int
	weight   float64
}

var blocks = [kinds]block{
	{"word", 0, 64, .4},
	{"category", 64, 80, .2},
	{"price", 80, 88, .1},
	{"hour", 88, 112, .1},
	{"interest", 112, 128, .2},
}

// String is the name of a kind, as traits have it.
func (k Kind) String() string { return blocks[k].name }

// kindOf is the block that a dimension is of.
func kindOf(dim int) Kind {
	for k := range kinds {
		if dim < blocks[k].to {
			return k
		}
	}
	return kinds - 1
}

// WordDim is the dimension of a word, which is a hash already (operators/text).
func WordDim(word uint64) int { return dimOf(Words, word) }

// CategoryDim is the dimension of a category of products, by its id.
func CategoryDim(id string) int { return dimOf(Categories, hashOf(id)) }

// InterestDim is the dimension of an interest, by its id.
func InterestDim(id string) int { return dimOf(Interests, hashOf(id)) }

func dimOf(k Kind, hash uint64) int {
	b := &blocks[k]
	return b.from + int(mix(hash)%uint64(b.to-b.from))
}

// PriceBands are the lower ends of the bands of a unit's price, in yen. [JUDG]
var PriceBands = [8]int64{0, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000}

// PriceBand is the band of a unit's price.
func PriceBand(yen int64) int {
	band := 0
	for i, from := range PriceBands {
		if yen >= from {
			band = i
		}
	}
	return band
}

// hashOf is FNV-1a; what comes of it is mixed before it is used.
func hashOf(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}

// mix is the finaliser of splitmix64: every bit of x reaches every bit.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
