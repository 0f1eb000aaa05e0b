package sim

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/source"
)

// show is one running show. All its randomness comes from rng, in the order of its tasks.
type show struct {
	Spec
	sim        *Sim
	rng        *rand.Rand
	start, end int64 // epoch ms; end 0: open
	bank       *bank
	products   []*Product
	pinned     *Product
	boosts     []boost
	viewers    int
	events     int64
	orders     int64
	lastOrder  map[int]int64 // when a person last bought; bounded by People
	repliesAt  int64         // when the ESOL next answers a question
}

// boost multiplies a rate until a time. Those in force multiply each other.
type boost struct {
	on    mood
	until int64
	by    float64
}

type mood int

const (
	all    mood = iota // the whole room
	buying             // clicks
	liking
)

func (s *Sim) newShow(spec Spec) (*show, error) {
	if spec.Branching < 0 || spec.Branching >= 1 {
		return nil, errors.New("branching must be in [0,1): at 1 the chat never ends")
	}
	sh := &show{Spec: spec, sim: s, rng: newRand(s.cfg.Seed, "show/"+spec.ID), lastOrder: map[int]int64{}}
	if sh.People <= 0 {
		sh.People = 200
	}
	if sh.Rate <= 0 {
		sh.Rate = 3
	}
	if sh.bank = banks[spec.Lang]; sh.bank == nil {
		return nil, fmt.Errorf("no phrases in language %q (there are ja, en, th, id)", spec.Lang)
	}
	sh.start = s.cfg.Start.Add(spec.After).UnixMilli()
	if spec.Lasts > 0 {
		sh.end = sh.start + spec.Lasts.Milliseconds()
	}
	for _, id := range spec.Products {
		p := s.cfg.Cast.product(id)
		if p == nil {
			return nil, fmt.Errorf("product %q is not in the cast", id)
		}
		if p.Currency != spec.Currency {
			return nil, fmt.Errorf("product %q has its price in %s, the show sells in %s", id, p.Currency,
				spec.Currency)
		}
		if _, ok := event.Exponent(p.Currency); !ok || p.PriceMinor < 0 {
			return nil, fmt.Errorf("product %q has no price (%d minor units of %s)", id, p.PriceMinor, p.Currency)
		}
		sh.products = append(sh.products, p)
	}
	return sh, nil
}

func (c *Cast) product(id string) *Product {
	for i := range c.Products {
		if c.Products[i].ID == id {
			return &c.Products[i]
		}
	}
	return nil
}

func (sh *show) entry() source.Record {
	return source.Show{ID: sh.ID, Title: sh.Title, EsolID: sh.EsolID, Platform: sh.Platform, CampaignIDs: sh.Campaigns,
		StartMS: sh.start, EndMS: sh.end}.Record()
}

// open plans the show's clockwork: a step a second, the gauge, the ESOL's talk and the script.
func (sh *show) open() {
	sh.sim.plan(sh.start, sh.step)
	sh.sim.plan(sh.start, sh.gauge)
	sh.sim.plan(sh.start+2000, sh.talk)
	for _, a := range sh.Acts {
		sh.sim.plan(sh.start+a.At.Milliseconds(), sh.act(a))
	}
}

func (sh *show) over(at int64) bool { return sh.end != 0 && at >= sh.end }

// step draws one second of immigrants.
func (sh *show) step(at int64) {
	if sh.over(at) {
		return
	}
	r := sh.Rate * sh.factor(all, at)
	sh.scatter(at, .40*r, sh.comment)
	sh.scatter(at, .30*r*sh.factor(liking, at), sh.like)
	sh.scatter(at, .10*r, sh.join)
	sh.scatter(at, .06*r, sh.leave)
	sh.scatter(at, .015*r, sh.share)
	sh.scatter(at, .012*r, sh.follow)
	sh.scatter(at, .012*r, sh.gift)
	sh.scatter(at, .006*r, sh.couponClaim)
	sh.scatter(at, .006*r, sh.linkVisit)
	if len(sh.products) > 0 {
		sh.scatter(at, .06*r*sh.factor(buying, at), sh.click)
		sh.scatter(at, .02*r, sh.inquiry)
	}
	sh.sim.plan(at+1000, sh.step)
}

// scatter plans a Poisson number of events at uniform times within the second from at.
func (sh *show) scatter(at int64, mean float64, do func(int64)) {
	for range poisson(sh.rng, mean) {
		sh.sim.plan(at+sh.rng.Int64N(1000), do)
	}
}

func (sh *show) factor(on mood, at int64) float64 {
	f, kept := 1.0, sh.boosts[:0]
	for _, b := range sh.boosts {
		if b.until <= at {
			continue
		}
		kept = append(kept, b)
		if b.on == on {
			f *= b.by
		}
	}
	sh.boosts = kept
	return f
}

func (sh *show) boost(on mood, by float64, until int64) {
	sh.boosts = append(sh.boosts, boost{on, until, by})
}

// act plays one act, and plans it again where the script repeats.
func (sh *show) act(a Act) func(int64) {
	var play func(at int64)
	play = func(at int64) {
		if sh.over(at) {
			return
		}
		sh.play(a, at)
		if sh.Every > 0 {
			sh.sim.plan(at+sh.Every.Milliseconds(), play)
		}
	}
	return play
}

func (sh *show) play(a Act, at int64) {
	size := func(usual float64) float64 {
		if a.Size > 0 {
			return a.Size
		}
		return usual
	}
	last := a.For
	if last <= 0 {
		last = time.Minute
	}
	switch a.Kind {
	case Quiet:
		sh.boost(all, .1, at+last.Milliseconds())
	case Hot:
		sh.boost(all, size(3), at+last.Milliseconds())
	case Raid:
		sh.raid(at, int(size(60)))
	case Call:
		sh.call(at, size(5))
	case Pin:
		sh.pin(at, a.Product, size(4))
	case Copies:
		sh.copies(at, int(size(30)), last.Milliseconds())
	}
}

// later draws an exponential delay with the given mean; never 0, so that what follows comes after.
func (sh *show) later(at int64, mean time.Duration) int64 {
	return at + 1 + int64(-math.Log(1-sh.rng.Float64())*float64(mean.Milliseconds()))
}

// person draws who acts: a few act much. One in ten is a fan who also visits other shows of the platform.
func (sh *show) person() int { return int(float64(sh.People) * math.Pow(sh.rng.Float64(), 1.8)) }

func (sh *show) personID(p int) string {
	if p%10 == 7 {
		return "fan-" + strconv.Itoa(p)
	}
	return sh.ID + "-v" + strconv.Itoa(p)
}

// common fills in what all events of the show have. who is -1 for events without a person.
func (sh *show) common(at int64, who int) source.Common {
	sh.events++
	c := source.Common{EventID: sh.ID + "-" + strconv.FormatInt(sh.events, 36), TimeMS: at, Epoch: sh.EpochTimes,
		ShowID: sh.ID, EsolID: sh.EsolID, Platform: sh.Platform}
	if who >= 0 {
		c.PersonID = sh.personID(who)
	}
	return c
}

func (sh *show) care() care { return care{until: sh.end} }

// gauge says how many watch, every ten seconds; a random walk towards a size that the mood sets.
func (sh *show) gauge(at int64) {
	if sh.over(at) {
		return
	}
	aim := float64(sh.People) * (.5 + .1*min(sh.factor(all, at), 5))
	v := .9*float64(sh.viewers) + .1*aim*(.9+.2*sh.rng.Float64())
	if sh.viewers == 0 {
		v = aim / 2
	}
	sh.viewers = int(v)
	r := source.Reaction{Common: sh.common(at, -1), Kind: "viewers", Count: int64(sh.viewers), HasCount: true}
	// Never late: the gauge is what moves the watermark of a quiet room on.
	sh.sim.send(r.Record(), note{kind: r.Kind, show: sh.ID}, care{onTime: true})
	sh.sim.plan(at+10_000, sh.gauge)
}

// poisson draws by multiplying uniforms; long means in chunks, as exp(-mean) must not vanish.
func poisson(rng *rand.Rand, mean float64) (n int) {
	for ; mean > 30; mean -= 30 {
		n += poisson(rng, 30)
	}
	limit, p := math.Exp(-mean), rng.Float64()
	for ; p > limit; p *= rng.Float64() {
		n++
	}
	return n
}
