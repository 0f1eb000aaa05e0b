package branching

import (
	"math"
	"math/rand/v2"
)

// Scenario is what varies beside contagion.
type Scenario struct {
	Name, Says string

	modulated bool                                  // hidden log-OU modulation of all words, σ .5, τ 5 s
	swell     func(t, T float64) float64            // factor of the rate of immigrants
	calls     bool                                  // calls to action: ×5, fading in 8 s
	delay     func(r *rand.Rand) float64            // of an answer, s
	children  func(r *rand.Rand, n float64) float64 // mean answers of one utterance, of mean n
	prompt    func(r *rand.Rand) float64            // delay of an answer to the ESOL; nil: she does not prompt
	topics    bool                                  // half of what is said is on one of few words, for 120 s
	Unheard   bool                                  // what the ESOL says and pins is not part of the input
}

const (
	beta       = .5 // 1/s
	words      = 40
	ouSigma    = .5
	ouSeconds  = 5
	callEvery  = 90.
	callFactor = 5.
	callFades  = 8.
	topicLasts = 120.
	topicWords = 4
	// A topic's word is mentioned when it begins and then each 30 s or so, so that a mask of 90 s spans the gaps.
	topicMention = 30.
	promptEvery  = 10.
	// RS is the truth of R_S in scenarios that prompt, per utterance a second of the room.
	RS = 2.
)

// Scenarios are those of MODEL §3.2, S0 and S4 first.
var Scenarios = []Scenario{
	{Name: "S0", Says: "stationary"},
	{Name: "S4", Says: "hidden modulation, log-OU, sigma .5, tau 5 s", modulated: true},
	{Name: "S1", Says: "sinusoid +-60% in 600 s", swell: func(t, _ float64) float64 {
		return 1 + .6*math.Sin(2*math.Pi*t/600)
	}},
	{Name: "S2", Says: "calls to action, x5 fading in 8 s, times known", calls: true},
	{Name: "S3", Says: "raid, x6 fading in 120 s", swell: func(t, T float64) float64 {
		if t < T/3 {
			return 1
		}
		return 1 + 5*math.Exp(-(t-T/3)/120)
	}},
	{Name: "S5", Says: "topics of 120 s without transcript, + S4", modulated: true, topics: true, Unheard: true},
	{Name: "S6a", Says: "answers after gamma(2), mean 4 s", delay: func(r *rand.Rand) float64 {
		return 2 * (r.ExpFloat64() + r.ExpFloat64())
	}},
	{Name: "S6b", Says: "answers after Lomax(1.2, 2 s)", delay: func(r *rand.Rand) float64 {
		return 2 * (math.Pow(1-r.Float64(), -1/1.2) - 1)
	}},
	{Name: "S7", Says: "productivity lognormal, CV^2 3.3", children: func(r *rand.Rand, n float64) float64 {
		v := math.Log(1 + 3.3)
		return n * math.Exp(math.Sqrt(v)*r.NormFloat64()-v/2)
	}},
	{Name: "S8", Says: "ESOL prompts words, + S4", modulated: true, prompt: exponential},
	{Name: "S9", Says: "S8 with replies after gamma(3), mean 6 s", modulated: true, prompt: func(r *rand.Rand) float64 {
		return 2 * (r.ExpFloat64() + r.ExpFloat64() + r.ExpFloat64())
	}},
	{Name: "S10", Says: "topics of 120 s, transcript known, + S4", modulated: true, topics: true},
}

// Find is the scenario of that name.
func Find(name string) (Scenario, bool) {
	for _, s := range Scenarios {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}

func exponential(r *rand.Rand) float64 { return r.ExpFloat64() / beta }
