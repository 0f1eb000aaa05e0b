package syncrate

import (
	"math"

	"github.com/netsu/netsu/operators/fade"
	"github.com/netsu/netsu/operators/stable"
)

// How much of the same words: a producer asks whether the room talks of what the seller talks of.

// bag is how often each word was said, fading, and how many words were said in all.
type bag struct {
	counts [Slots]float64
	tokens fade.Mass
}

// wordsMin is how many effective words either side needs, and half of them must not have faded away: the effective
// number alone does not fall in a silence.
const wordsMin = 30

func (b *bag) halve(times int) {
	for i, c := range b.counts {
		if c != 0 {
			b.counts[i] = fade.Halved(c, times)
		}
	}
	b.tokens.Halve(times)
}

func (b *bag) add(tally *tally, tokens int64, w float64) {
	for _, slot := range tally.slots {
		b.counts[slot] += float64(float64(tally.counts[slot]) * w)
	}
	b.tokens.Add(tokens, w)
}

// shares is the distribution of the bag, the last being the words without a slot.
func (b *bag) shares() (p [Slots + 1]float64) {
	other := b.tokens.Sum
	for i, c := range b.counts {
		if c != 0 {
			p[i] = c / b.tokens.Sum
			other -= c
		}
	}
	if other >= fade.Forgotten { // and no rounding
		p[Slots] = other / b.tokens.Sum
	}
	return p
}

// enough says whether the bag holds words enough, when one word of now weighs w.
func (b *bag) enough(w float64) bool {
	return b.tokens.Kish() >= wordsMin && b.tokens.Sum >= float64(w*wordsMin)/2
}

// amount compares two bags: 1 less the Jensen–Shannon divergence in bits, corrected for its bias. Its N is the smaller
// effective number of words. none is the reason when the second bag has no words at all.
//
// The bias b is what MODEL §2 takes off, that of equal distributions; but it vanishes as they part, and taking all of
// it off lets texts that share no word look alike (100 words each out of 50: .22). So the divergence is put on the
// scale from b to 1, as agreement beyond chance is: (d-b)/(1-b) is d-b where d is near b, and 1 where d is. Where b is
// more than half of the scale there are too few words for so many different ones. [JUDG]
//
// The interval joins two variances: that of the divergence as a smooth function of the shares, which vanishes where the
// distributions are equal, and that which remains there (8 ln2 / (1/N1+1/N2) times it is χ² of K-1 degrees).
func amount(a, b *bag, w float64, none string) Component {
	if b.tokens.Sum == 0 {
		return Component{Missing: none}
	}
	if !a.enough(w) || !b.enough(w) {
		return Component{Missing: TooFewWords}
	}
	p, q := a.shares(), b.shares()
	n1, n2 := a.tokens.Kish(), b.tokens.Kish()
	d, observed, variance := divergence(p[:], q[:], n1, n2)
	bias, noise := sampling(observed, n1, n2)
	if bias > .5 {
		return Component{Missing: TooFewWords}
	}
	half := z * math.Sqrt(variance+noise) / (1 - bias)
	s := 1 - max(0, d-bias)/(1-bias)
	return Component{Value: clamp(s), Lo: clamp(s - half), Hi: clamp(s + half), N: min(n1, n2)}
}

// sampling is mean and variance of the divergence of two samples of one distribution over k words (Grosse et al. 2002).
func sampling(k int, n1, n2 float64) (mean, variance float64) {
	per := (1/n1 + 1/n2) / (8 * math.Ln2)
	mean = float64(float64(k-1) * per)
	return mean, float64(2 * mean * per)
}

// divergence is the Jensen–Shannon divergence of two distributions in bits, in [0, 1]; how many words either uses; and
// the variance of the divergence as estimated from n1 and n2 words, to first order.
func divergence(p, q []float64, n1, n2 float64) (d float64, observed int, variance float64) {
	var fromP, fromQ, squaresP, squaresQ float64
	for i := range p {
		if p[i] == 0 && q[i] == 0 {
			continue
		}
		observed++
		m := (p[i] + q[i]) / 2
		if p[i] > 0 {
			l := stable.Log2(p[i] / m)
			fromP += float64(p[i] * l)
			squaresP += float64(float64(p[i]*l) * l)
		}
		if q[i] > 0 {
			l := stable.Log2(q[i] / m)
			fromQ += float64(q[i] * l)
			squaresQ += float64(float64(q[i]*l) * l)
		}
	}
	variance = max(squaresP-float64(fromP*fromP), 0)/(4*n1) + max(squaresQ-float64(fromQ*fromQ), 0)/(4*n2)
	return clamp((fromP + fromQ) / 2), observed, variance
}
