package bots

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// Kind is a kind of bot.
type Kind string

// The kinds, as doc.go describes them.
const (
	Copypasta Kind = "copypasta"
	Timer     Kind = "timer"
	Poisson   Kind = "poisson"
	Swarm     Kind = "swarm"
	Fanatic   Kind = "fanatic"
)

// Kinds are all kinds.
var Kinds = []Kind{Copypasta, Timer, Poisson, Swarm, Fanatic}

// Plan says what to put into a chat.
type Plan struct {
	Kind Kind
	Rate float64 // the bots' share of all comments, in (0,1)
	Seed uint64
	// Accounts take part; 0 means what is usual of the kind: 100 for copypasta and the swarm, else one for each 60
	// comments, 2 at least, and one fanatic.
	Accounts int
}

// Inject returns genuine, one show's comments by time, and the bots' among them, by time. The bots are there from the
// first comment to the last.
func Inject(genuine []Comment, p Plan) ([]Comment, error) {
	if !(p.Rate > 0 && p.Rate < 1) {
		return nil, fmt.Errorf("a rate of %v is not between 0 and 1", p.Rate)
	}
	if len(genuine) < 2 {
		return nil, fmt.Errorf("%d comments are no chat", len(genuine))
	}
	h := fnv.New64a()
	h.Write([]byte(p.Kind))
	team := team{
		plan: p, rng: rand.New(rand.NewPCG(p.Seed, h.Sum64())), genuine: genuine,
		n:    max(1, int(math.Round(float64(len(genuine))*p.Rate/(1-p.Rate)))),
		from: genuine[0].MS, to: max(genuine[0].MS+1, genuine[len(genuine)-1].MS),
	}
	switch p.Kind {
	case Copypasta:
		team.copypasta()
	case Timer:
		team.timers()
	case Poisson:
		team.chance(team.accounts(max(2, team.n/60)), team.template, 0)
	case Swarm:
		texts := team.texts(5)
		team.chance(team.accounts(100), func() string { return texts[team.rng.IntN(len(texts))] }, 6*day/24)
	case Fanatic:
		team.chance(1, func() string { return genuine[team.rng.IntN(len(genuine))].Text }, 0)
	default:
		return nil, fmt.Errorf("there is no kind of bot %q", p.Kind)
	}
	out := append(append(make([]Comment, 0, len(genuine)+len(team.out)), genuine...), team.out...)
	sortComments(out)
	return out, nil
}

// team is a plan at work.
type team struct {
	plan     Plan
	rng      *rand.Rand
	genuine  []Comment
	n        int // comments to make
	from, to int64
	out      []Comment
}

func (t *team) accounts(usual int) int {
	if t.plan.Accounts > 0 {
		return t.plan.Accounts
	}
	return usual
}

// post makes a comment of an account. age is how old the account is at the most; 0: unknown.
func (t *team) post(account int, ms int64, text string, age int64) {
	c := Comment{ID: fmt.Sprintf("bot-%s-%d", t.plan.Kind, len(t.out)),
		Person: fmt.Sprintf("bot-%s-%d", t.plan.Kind, account), Text: text, MS: min(ms, t.to), Bot: true}
	if age > 0 {
		c.AccountMS = t.from - age + int64(account)*60_000%age
	}
	t.out = append(t.out, c)
}

// copypasta: bursts of 20 within some 15 s, each of one text, the accounts taking turns.
func (t *team) copypasta() {
	const burst = 20
	accounts := t.accounts(100)
	bursts := (t.n + burst - 1) / burst
	next := 0
	for b := range bursts {
		at := t.from + int64((float64(b)+t.rng.Float64())/float64(bursts)*float64(t.to-t.from))
		text := t.texts(1)[0]
		for range min(burst, t.n-len(t.out)) {
			t.post(next%accounts, at+t.rng.Int64N(15_000), text, 0)
			next++
		}
	}
}

// timers: each account has a period of its own, such that all make n comments, and 10 % jitter.
func (t *team) timers() {
	accounts := t.accounts(max(2, t.n/60))
	period := float64(t.to-t.from) * float64(accounts) / float64(t.n)
	texts := t.texts(3)
	for a := range accounts {
		own := period * (.9 + .2*t.rng.Float64())
		for at := own * t.rng.Float64(); at < float64(t.to-t.from); at += own * (1 + .1*t.rng.NormFloat64()) {
			t.post(a, t.from+int64(at), texts[t.rng.IntN(len(texts))], 0)
		}
	}
}

// chance: n comments at uniform times, that is Poisson processes of the accounts.
func (t *team) chance(accounts int, text func() string, age int64) {
	for range t.n {
		t.post(t.rng.IntN(accounts), t.from+t.rng.Int64N(t.to-t.from), text(), age)
	}
}

var (
	openers = []string{"hey everyone", "guys listen", "omg", "just saying", "psst", "friends", "seriously", "well"}
	offers  = []string{"cheap followers", "the free gift card", "half price serum", "the same thing for less",
		"instant coupons", "my channel", "double coins", "the secret discount"}
	places = []string{"in my profile", "on my page", "at the link in my bio", "if you search my name",
		"when you follow me", "before midnight"}
	closers = []string{"do not miss it", "only today", "thank me later", "it really works", "hurry up", "no joke"}
)

// template words one line anew.
func (t *team) template() string {
	pick := func(from []string) string { return from[t.rng.IntN(len(from))] }
	return fmt.Sprintf("%s %s %s %s %d", pick(openers), pick(offers), pick(places), pick(closers), t.rng.IntN(1000))
}

// texts are lines that are then posted again and again.
func (t *team) texts(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = t.template()
	}
	return out
}
