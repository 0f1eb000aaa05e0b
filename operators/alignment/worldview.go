package alignment

import "math"

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
	textsMin           = 10 // [JUDG]
	othersMin          = 5
)

// Vector is a point of the space of texts.
type Vector [Dimensions]float64

// Grams is how common runs of runes are in a category: built once from its texts and then left alone, since a weight
// that changed on the way would make the order of texts matter. Runs share 16,384 buckets, so one may look more common
// than it is, never less. The zero value knows nothing: all runs weigh alike.
type Grams struct {
	counts [gramBuckets]int64
	total  int64
}

// Add counts the runs of a normalised text.
func (g *Grams) Add(text string) {
	eachGram(text, func(h uint64) {
		g.counts[h>>32%gramBuckets]++
		g.total++
	})
}

func (g *Grams) weight(h uint64) int64 {
	if g.total == 0 {
		return fixedWeight
	}
	p := float64(g.counts[h>>32%gramBuckets]) / float64(g.total)
	return int64(math.Round(fixedWeight * common / (common + p)))
}

// eachGram calls f with a hash of every run of two to four runes in the first 1,000 runes of the text.
func eachGram(text string, f func(h uint64)) {
	var last [runesMax]uint64 // the newest first
	n := 0
	for _, r := range text {
		if n == textRunesMax {
			return
		}
		copy(last[1:], last[:])
		last[0] = uint64(r)
		n++
		h := uint64(0)
		for i := range min(n, runesMax) {
			h = (h ^ last[i]) * 0x9e3779b97f4a7c15
			h ^= h >> 29
			if i+1 >= runesMin {
				f((h ^ uint64(i)) * 0xbf58476d1ce4e5b9)
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

// Add takes in a normalised text, with g for how common its runs are. One of less than two runes is no text.
func (t *Texts) Add(text string, g *Grams) {
	var v [Dimensions]int64
	eachGram(text, func(h uint64) {
		w := g.weight(h)
		if h>>8&1 == 1 {
			w = -w
		}
		v[h>>16%Dimensions] += w
	})
	squares := int64(0)
	for _, x := range v {
		squares += x * x // at most (3,000 runs × 2^16)²
	}
	if squares == 0 {
		return
	}
	length := math.Sqrt(float64(squares))
	for i, x := range v {
		t.Sum[i] += int64(math.Round(float64(x) * fixed / length))
	}
	t.N++
}

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

// Worldview is the rank of a brand among the other brands by how near the room is to each: the share of the others that
// are less near, one that is just as near counting half. All are seen from the middle of the brands, so that what the
// whole category has in common counts for none. It needs five others and, on every side, ten texts: a brand with fewer
// is none.
func Worldview(room, brand *Texts, others []Texts) Term {
	if room.N < textsMin || brand.N < textsMin {
		return Term{Missing: TooFewTexts}
	}
	means := []Vector{brand.Mean()}
	for i := range others {
		if others[i].N >= textsMin {
			means = append(means, others[i].Mean())
		}
	}
	if len(means)-1 < othersMin {
		return Term{Missing: TooFewBrands}
	}
	middle, seen := middleOf(means), room.Mean()
	seen = seen.minus(&middle)
	near := func(v *Vector) float64 {
		d := v.minus(&middle)
		return cosine(&seen, &d)
	}
	own, below := near(&means[0]), 0.
	for i := range means[1:] {
		switch c := near(&means[1+i]); {
		case c < own:
			below++
		case c == own:
			below += .5
		}
	}
	return Term{Value: below / float64(len(means)-1), N: float64(len(means) - 1)}
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
