package branching

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"sort"
)

// Setting is one simulated room.
type Setting struct {
	Scenario Scenario
	Rate     float64 // utterances a second in the mean, prompted ones apart
	N        float64 // the truth
	Seconds  int
	Seed     uint64
	Rep      int
}

// History is what happened in it, in order of time.
type History struct {
	Setting
	Uses     []Use
	Mentions []Mention
	Calls    []float64
}

// Use is an utterance: of one word, by someone who says nothing else.
type Use struct {
	At   float64 // s
	Word uint16
}

// Mention is a word said by the ESOL.
type Mention struct {
	At   float64
	Word uint16
}

// draw is a room being drawn.
type draw struct {
	Setting
	rng *rand.Rand
	cdf [words]float64
	log float64 // of the modulation
	h   *History
}

// Simulate draws the room. It has been on long enough before second 0 that what is there is stationary; the ESOL comes
// on in second 0.
func Simulate(s Setting) *History {
	seed := fnv.New64a()
	fmt.Fprintf(seed, "%s %v %v %d %d", s.Scenario.Name, s.Rate, s.N, s.Seconds, s.Rep)
	d := &draw{Setting: s, rng: rand.New(rand.NewPCG(s.Seed, seed.Sum64())), h: &History{Setting: s}}
	var sum float64
	for w := range d.cdf {
		sum += 1 / float64(w+1)
		d.cdf[w] = sum
	}
	before := min(20/(beta*(1-s.N)), 400)
	d.log = ouSigma * d.rng.NormFloat64()
	d.room(-before, d.speak())
	h := d.h
	sort.Slice(h.Uses, func(i, j int) bool { return h.Uses[i].At < h.Uses[j].At })
	sort.Slice(h.Mentions, func(i, j int) bool { return h.Mentions[i].At < h.Mentions[j].At })
	return h
}

// topic is some words for a while.
type topic struct {
	from  float64
	words [topicWords]uint16
}

// speak is the ESOL: topics with their mentions, prompts with their replies, calls to action.
func (d *draw) speak() (topics []topic) {
	end := float64(d.Seconds)
	if d.Scenario.topics {
		for t := 0.; t < end; t += topicLasts {
			topic := topic{from: t}
			for i, w := range d.rng.Perm(words)[:topicWords] {
				topic.words[i] = uint16(w)
				for at := t; at < min(t+topicLasts, end); at += topicMention * (.5 + d.rng.Float64()) {
					d.mention(at, uint16(w))
				}
			}
			topics = append(topics, topic)
		}
	}
	if d.Scenario.prompt != nil {
		for t := promptEvery * d.rng.ExpFloat64(); t < end; t += promptEvery * d.rng.ExpFloat64() {
			w := uint16(d.rng.IntN(words))
			d.mention(t, w)
			for range d.poisson(RS * d.Rate) {
				d.utter(t+d.Scenario.prompt(d.rng), w)
			}
		}
	}
	if d.Scenario.calls {
		for t := callEvery / 2; t < end; t += callEvery {
			d.h.Calls = append(d.h.Calls, t)
		}
	}
	return topics
}

func (d *draw) mention(at float64, w uint16) { d.h.Mentions = append(d.h.Mentions, Mention{at, w}) }

// room is the immigrants, cell by cell of a tenth of a second, with their answers.
func (d *draw) room(from float64, topics []topic) {
	const cell = .1
	keep := math.Exp(-cell / ouSeconds)
	for t := from; t < float64(d.Seconds); t += cell {
		factor := d.factor(t + cell/2)
		if d.Scenario.modulated {
			d.log = d.log*keep + ouSigma*math.Sqrt(1-keep*keep)*d.rng.NormFloat64()
			factor *= math.Exp(d.log - ouSigma*ouSigma/2)
		}
		for range d.poisson(d.Rate * (1 - d.N) * factor * cell) {
			d.utter(t+cell*d.rng.Float64(), d.word(t, topics))
		}
	}
}

func (d *draw) factor(t float64) float64 {
	f := 1.
	if d.Scenario.swell != nil {
		f = d.Scenario.swell(t, float64(d.Seconds))
	}
	for _, c := range d.h.Calls {
		if age := t - c; age >= 0 && age < 100 {
			f += (callFactor - 1) * math.Exp(-age/callFades)
		}
	}
	return f
}

func (d *draw) word(t float64, topics []topic) uint16 {
	if t >= 0 && len(topics) > 0 && d.rng.IntN(2) == 0 {
		now := sort.Search(len(topics), func(i int) bool { return topics[i].from > t }) - 1
		return topics[now].words[d.rng.IntN(topicWords)]
	}
	x := d.rng.Float64() * d.cdf[words-1]
	return uint16(min(sort.SearchFloat64s(d.cdf[:], x), words-1))
}

// utter is an utterance and all that comes of it.
func (d *draw) utter(at float64, w uint16) {
	delay, n := d.Scenario.delay, d.N
	if delay == nil {
		delay = exponential
	}
	open := []float64{at}
	for len(open) > 0 {
		t := open[len(open)-1]
		open = open[:len(open)-1]
		if t >= float64(d.Seconds) {
			continue
		}
		if t >= 0 {
			d.h.Uses = append(d.h.Uses, Use{t, w})
		}
		if d.Scenario.children != nil {
			n = d.Scenario.children(d.rng, d.N)
		}
		for range d.poisson(n) {
			open = append(open, t+delay(d.rng))
		}
	}
}

// poisson counts the exponential gaps that fit into the mean.
func (d *draw) poisson(mean float64) (n int) {
	for sum := d.rng.ExpFloat64(); sum < mean; sum += d.rng.ExpFloat64() {
		n++
	}
	return n
}
