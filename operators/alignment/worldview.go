package alignment

import (
	"math"
	"math/bits"
)

// Do they speak of the same things, in the same way? A text is a vector of its runs of two to four runes, hashed with a
// sign into 256 dimensions (Weinberger et al. 2009): it needs no words, so that Japanese, Thai and Vietnamese are as
// good as English. A run that is everywhere weighs little (SIF, Arora et al. 2017).

const (
	// Dimensions of a vector.
	Dimensions = 256

	runesMin, runesMax = 2, 4
	textRunesMax       = 1000
	fixed              = 1 << 20 // the length of a text's vector, in whole numbers
	fixedWeight        = 1 << 16
	common             = 1e-3 // share of all runs at which a run weighs half
	gramBuckets        = 1 << 14
	othersMin          = 5
)

// TextsMin is how many texts say where somebody stands; fewer say nothing. [JUDG]
const TextsMin = 10

// Vector is a point of the space of texts.
type Vector [Dimensions]float64

// Grams counts runs of runes: how common they are in a category. Runs share 16,384 buckets, so one may look more common
// than it is, never less.
type Grams struct {
	counts [gramBuckets]int64
	total  int64
}

// Add counts the runs of a normalised text.
func (g *Grams) Add(text string) {
	eachGram([]rune(text), func(h uint64) {
		g.counts[bucket(h)]++
		g.total++
	})
}

// Weights is what runs weigh. It does not change: a weight that changed on the way would make the order of texts matter.
type Weights [gramBuckets]int32

// Weights are those by what has been counted so far; of nothing, all runs weigh alike.
func (g *Grams) Weights() *Weights {
	w := &Weights{}
	for i, n := range g.counts {
		p := float64(n) / float64(max(g.total, 1))
		w[i] = int32(math.Round(fixedWeight * common / (common + p)))
	}
	return w
}

func bucket(h uint64) uint64 { return h >> 32 % gramBuckets }

// eachGram calls f with a hash of every run of two to four runes in the first 1,000 runes of the text.
func eachGram(text []rune, f func(h uint64)) {
	text = text[:min(len(text), textRunesMax)]
	for end := range text {
		h := uint64(0)
		for i := range min(end+1, runesMax) {
			h = (h ^ uint64(text[end-i])) * 0x9e3779b97f4a7c15
			h ^= h >> 29
			if i+1 >= runesMin {
				f((h ^ uint64(i)) * 0xbf58476d1ce4e5b9)
			}
		}
	}
}

// raw is where a text is, before it is as long as every text is: at most 3,000 runs × 2^16 in a dimension.
type raw struct {
	of   [Dimensions]int32
	seen [Dimensions / 64]uint64 // dimensions that a run fell into, a bit each: in a comment few
}

func (w *Weights) raw(text []rune) (v raw) {
	eachGram(text, func(h uint64) {
		sign, i := -int32(h>>8&1), h>>16%Dimensions // 0 or -1
		v.of[i] += (w[bucket(h)] ^ sign) - sign
		v.seen[i/64] |= 1 << (i % 64)
	})
	return v
}

// each calls f with every dimension that is not 0, ascending.
func (v *raw) each(f func(i int, x int32)) {
	for n, seen := range v.seen {
		for ; seen != 0; seen &= seen - 1 {
			if i := 64*n + bits.TrailingZeros64(seen); v.of[i] != 0 {
				f(i, v.of[i])
			}
		}
	}
}

// Texts is a sum of texts, each of the same length in the space whatever its own: a person who writes much does not
// outweigh one who writes often. It is whole numbers, so texts may come in any order.
type Texts struct {
	Sum [Dimensions]int64
	N   int64
}

// Add takes in a normalised text. One of less than two runes is no text.
func (t *Texts) Add(text string, w *Weights) {
	v := w.raw([]rune(text))
	squares := int64(0)
	v.each(func(_ int, x int32) { squares += int64(x) * int64(x) })
	if squares == 0 {
		return
	}
	length := math.Sqrt(float64(squares))
	v.each(func(i int, x int32) { t.Sum[i] += toLength(int64(x), length) })
	t.N++
}

// toLength is one number of a vector of that length, when the vector is made as long as every text is.
func toLength(x int64, length float64) int64 { return int64(math.Round(float64(x) * fixed / length)) }

// Merge takes in the texts of another sum.
func (t *Texts) Merge(o *Texts) {
	for i, x := range o.Sum {
		t.Sum[i] += x
	}
	t.N += o.N
}

// Mean is the mean vector of the texts, at most 1 long; that of none is 0.
func (t *Texts) Mean() (v Vector) {
	if t.N > 0 {
		for i, x := range t.Sum {
			v[i] = float64(x) / float64(t.N) / fixed
		}
	}
	return v
}

func (v *Vector) minus(o *Vector) (d Vector) {
	for i := range v {
		d[i] = v[i] - o[i]
	}
	return d
}

func (v *Vector) dot(o *Vector) (sum float64) {
	for i := range v {
		sum += float64(v[i] * o[i])
	}
	return sum
}

// cosine of two vectors, in [-1, 1]; 0 if either is 0.
func cosine(a, b *Vector) float64 {
	n := math.Sqrt(float64(a.dot(a) * b.dot(b)))
	if n == 0 {
		return 0
	}
	return min(max(a.dot(b)/n, -1), 1)
}

// Brands is a brand among the others, each as the way to it from the middle of all: so that what the whole category has
// in common counts for none. A brand with less than ten texts is none.
type Brands struct {
	texts  int64 // of the brand
	middle Vector
	ways   []Vector // the brand's first
}

// NewBrands is a brand among the others.
func NewBrands(brand *Texts, others []*Texts) *Brands {
	b := &Brands{texts: brand.N, ways: make([]Vector, 1, 1+len(others))}
	b.ways[0] = brand.Mean()
	for _, o := range others {
		if o.N >= TextsMin {
			b.ways = append(b.ways, o.Mean())
		}
	}
	b.middle = middleOf(b.ways)
	for i := range b.ways {
		b.ways[i] = b.ways[i].minus(&b.middle)
	}
	return b
}

// Worldview is the rank of the brand among the others by how near the room is to each: the share of the others that are
// less near, one that is just as near counting half. It needs five others and, on every side, ten texts.
func (b *Brands) Worldview(room *Texts) Term {
	if room.N < TextsMin || b.texts < TextsMin {
		return Term{Missing: TooFewTexts}
	}
	others := b.ways[1:]
	if len(others) < othersMin {
		return Term{Missing: TooFewBrands}
	}
	seen := room.Mean()
	seen = seen.minus(&b.middle)
	own, below := cosine(&seen, &b.ways[0]), 0.
	for i := range others {
		switch c := cosine(&seen, &others[i]); {
		case c < own:
			below++
		case c == own:
			below += .5
		}
	}
	return Term{Value: below / float64(len(others)), N: float64(len(others))}
}

// middleOf sums in whole numbers, so that the brands may be listed in any order.
func middleOf(means []Vector) (m Vector) {
	for i := range m {
		sum := int64(0)
		for j := range means {
			sum += int64(math.Round(means[j][i] * fixed))
		}
		m[i] = float64(sum) / float64(len(means)) / fixed
	}
	return m
}
