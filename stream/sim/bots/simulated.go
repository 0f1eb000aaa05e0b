package bots

import (
	"math/rand/v2"
	"time"

	"github.com/netsu/netsu/stream/sim"
)

// Simulated is the chat of a simulated show of that length: some 7 comments a second of 900 people who greet, answer
// and shout, with calls, hot minutes and a raid that says hello in one voice. Its language is one of the simulator's.
// Three in a hundred accounts are made within the day, an assumption.
//
// The simulator draws from a dozen phrases for each mood, so its people say the same far more often than people do:
// what it says of false positives is too much.
func Simulated(seed uint64, lang string, lasts time.Duration) ([]Comment, error) {
	const m, s = time.Minute, time.Second
	start := time.Date(2026, 3, 8, 20, 0, 0, 0, time.UTC)
	chat, err := sim.New(sim.Config{Seed: seed, Start: start, Shows: []sim.Spec{{ID: "s", EsolID: "e", Platform: "youtube",
		Lang: lang, Currency: "JPY", Lasts: lasts, People: 900, Rate: 10, Branching: .45, Every: 11 * m,
		Acts: []sim.Act{{Kind: sim.Call, At: 110 * s}, {Kind: sim.Hot, At: 3 * m, For: 90 * s, Size: 2.2},
			{Kind: sim.Raid, At: 8 * m, Size: 120}}}}})
	if err != nil {
		return nil, err
	}
	out, err := Read(chat.All())
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	made := map[string]int64{}
	for i := range out {
		c := &out[i]
		if made[c.Person] == 0 {
			made[c.Person] = start.UnixMilli() - day - rng.Int64N(1000*day)
			if rng.Float64() < .03 {
				made[c.Person] = start.UnixMilli() - rng.Int64N(day/2)
			}
		}
		c.AccountMS = made[c.Person]
	}
	return out, nil
}
