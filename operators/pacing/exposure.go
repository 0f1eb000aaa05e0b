package pacing

// Show is when a show of the campaign is on the air, or is planned to be.
type Show struct{ StartMS, EndMS int64 }

// Profile is how a show of the kind sells in each of its equal parts, relative to each other; nil is flat. A profile that
// has a negative weight, none above zero, or more than 1,440 parts counts as flat.
type Profile []float64

const partsMax = 1440

// exposure is the seconds on the air from one time to another, weighted by the profile: a whole show's exposure is its
// length. Shows are taken as they are: of two at a time, both sell.
func exposure(shows []Show, p Profile, fromMS, toMS int64) (seconds float64) {
	sum := p.sum()
	for _, s := range shows {
		from, to, length := max(fromMS, s.StartMS), min(toMS, s.EndMS), float64(s.EndMS-s.StartMS)
		if from >= to {
			continue
		}
		if sum == 0 {
			seconds += float64(to-from) / 1000
			continue
		}
		a, b := float64(from-s.StartMS)/length, float64(to-s.StartMS)/length
		seconds += float64(float64(length/1000) * ((p.upTo(b) - p.upTo(a)) / sum))
	}
	return seconds
}

// sum is that of the weights, 0 for a profile that counts as flat.
func (p Profile) sum() (sum float64) {
	if len(p) > partsMax {
		return 0
	}
	for _, w := range p {
		if !(w >= 0 && w <= 1e9) {
			return 0
		}
		sum += w
	}
	return sum
}

// upTo is the sum of the weights of the first part of a show, in [0, 1].
func (p Profile) upTo(part float64) (sum float64) {
	at := float64(part * float64(len(p)))
	for i, w := range p {
		sum += float64(w * max(0, min(1, at-float64(i))))
	}
	return sum
}
