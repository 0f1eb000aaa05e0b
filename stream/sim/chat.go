package sim

import (
	"time"

	"github.com/netsu/netsu/stream/source"
)

// utterance is what a comment says; its answers may say it again.
type utterance struct {
	text  string
	depth int
}

// comment is an immigrant: somebody says something of their own accord.
func (sh *show) comment(at int64) { sh.say(at, utterance{text: sh.line()}, "") }

// line draws a text: mostly chat, and talk of the product on air.
func (sh *show) line() string {
	b, u := sh.bank, sh.rng.Float64()
	switch {
	case sh.pinned != nil && u < .25:
		return sh.speak(b.praise)
	case sh.pinned != nil && u < .40:
		return sh.speak(b.ask)
	case u < .60:
		return sh.speak(b.greet)
	case u < .80:
		return sh.speak(b.laugh)
	}
	return sh.speak(b.hype)
}

const (
	answerDelay = 2 * time.Second // mean; a rate of .5/s
	sameWords   = .5              // share of answers that say the same again
	// maxDepth bounds a chain of answers. With a mean below 1 each it ends by itself; this is for sure.
	maxDepth = 40
)

// say sends a comment and plans its answers.
func (sh *show) say(at int64, u utterance, replyTo string) {
	if sh.over(at) {
		return
	}
	who := sh.person()
	c := source.Comment{Common: sh.common(at, who), Text: u.text, Lang: sh.Lang, ReplyTo: replyTo}
	k := sh.care()
	if sh.rng.Float64() < .004 {
		// Taken back soon enough that its pane is open yet, whatever the disorder; so neither may be late.
		k.onTime = true
		sh.sim.plan(at+3000+sh.rng.Int64N(12_000), sh.retract(c.EventID, who))
	}
	sh.sim.send(c.Record(), note{kind: "comment", show: sh.ID}, k)
	if u.depth >= maxDepth {
		return
	}
	for range poisson(sh.rng, sh.Branching) {
		next := utterance{u.text, u.depth + 1}
		if sh.rng.Float64() >= sameWords {
			next.text = sh.speak(sh.bank.answer)
		}
		reply := ""
		if sh.rng.Float64() < .2 {
			reply = c.EventID
		}
		sh.sim.plan(sh.later(at, answerDelay), func(at int64) { sh.say(at, next, reply) })
	}
}

func (sh *show) retract(id string, who int) func(int64) {
	return func(at int64) {
		c := source.Comment{Common: sh.common(at, who), Kind: "retract", Retracts: id}
		sh.sim.send(c.Record(), note{kind: "retract", show: sh.ID}, care{onTime: true})
	}
}

// talk is the ESOL's own comments.
func (sh *show) talk(at int64) {
	if sh.over(at) {
		return
	}
	sh.esol(at, sh.speak(sh.bank.host))
	sh.sim.plan(at+10_000+sh.rng.Int64N(15_000), sh.talk)
}

func (sh *show) esol(at int64, text string) {
	c := source.Comment{Common: sh.common(at, -1), Text: text, Lang: sh.Lang, Role: "esol"}
	c.PersonID = "esol-" + sh.EsolID
	sh.sim.send(c.Record(), note{kind: "comment", show: sh.ID}, sh.care())
}

func (sh *show) call(at int64, by float64) {
	sh.esol(at, sh.speak(sh.bank.call))
	r := source.Reaction{Common: sh.common(at, -1), Kind: "call"}
	sh.sim.send(r.Record(), note{kind: r.Kind, show: sh.ID}, sh.care())
	sh.boost(liking, by, at+20_000)
	sh.boost(buying, by, at+20_000)
	sh.sim.plan(at+1500, func(at int64) { sh.say(at, utterance{text: sh.speak(sh.bank.hype)}, "") })
}

func (sh *show) raid(at int64, people int) {
	hello := utterance{text: sh.speak(sh.bank.raid)}
	for range people {
		sh.sim.plan(at+sh.rng.Int64N(8000), sh.join)
		if sh.rng.Float64() < .5 {
			sh.sim.plan(at+1000+sh.rng.Int64N(14_000), func(at int64) { sh.say(at, hello, "") })
		}
	}
}

// react sends one reaction of a person.
func (sh *show) react(at int64, who int, kind string, fill func(*source.Reaction)) {
	if sh.over(at) {
		return
	}
	r := source.Reaction{Common: sh.common(at, who), Kind: kind}
	if fill != nil {
		fill(&r)
	}
	k := sh.care()
	if kind == "like" && sh.rng.Float64() < .02 {
		r.EventID = "" // some producers give none: then its place is its id, and a second copy would be a second like
		k.once = true
	}
	sh.sim.send(r.Record(), note{kind: kind, show: sh.ID}, k)
}

func (sh *show) like(at int64) {
	sh.react(at, sh.person(), "like", func(r *source.Reaction) {
		if sh.rng.Float64() < .4 {
			r.Count, r.HasCount = 1+sh.rng.Int64N(12), true
		}
	})
}

func (sh *show) join(at int64)   { sh.react(at, sh.person(), "join", nil) }
func (sh *show) leave(at int64)  { sh.react(at, sh.person(), "leave", nil) }
func (sh *show) share(at int64)  { sh.react(at, sh.person(), "share", nil) }
func (sh *show) follow(at int64) { sh.react(at, sh.person(), "follow", nil) }

// gift is paid in yen whatever the shop's currency, as platforms sell gifts in their own.
func (sh *show) gift(at int64) {
	sh.react(at, sh.person(), "gift", func(r *source.Reaction) {
		r.Amount, r.Currency = giftYen[sh.rng.IntN(len(giftYen))], "JPY"
	})
}

var giftYen = []string{"10", "50", "100", "100", "120", "200", "500", "500", "1000", "2000", "5000", "10000"}
