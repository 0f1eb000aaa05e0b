package sim

import (
	"strconv"
	"time"

	"github.com/netsu/netsu/stream/source"
)

// utterance is what a comment says; its answers may say it again.
type utterance struct {
	text  string
	depth int
}

// comment is an immigrant: somebody says something of their own accord.
func (sh *show) comment(at int64) {
	b, u := sh.bank, sh.rng.Float64()
	if sh.pinned != nil && u < .15 {
		sh.ask(at)
		return
	}
	sh.say(at, utterance{text: sh.line(b, u)}, "")
}

// line draws a text: mostly chat, and talk of the product on air.
func (sh *show) line(b *bank, u float64) string {
	switch {
	case sh.pinned != nil && u < .35:
		return sh.speak(b.praise)
	case sh.pinned != nil && u < .40:
		return sh.speak(b.story)
	case u < .60:
		return sh.speak(b.greet)
	case u < .80:
		return sh.speak(b.laugh)
	}
	return sh.speak(b.hype)
}

// ask is a question, which the ESOL answers now and then.
func (sh *show) ask(at int64) {
	id := sh.say(at, utterance{text: sh.speak(sh.bank.ask)}, "")
	if at >= sh.repliesAt {
		sh.repliesAt = at + 8000 + sh.rng.Int64N(10_000)
		text := sh.speak(sh.bank.reply)
		sh.sim.plan(at+3000+sh.rng.Int64N(12_000), func(at int64) { sh.esol(at, text, id) })
	}
}

const (
	answerDelay = 2 * time.Second // mean; a rate of .5/s
	sameWords   = .5              // share of answers that say the same again
	// maxDepth bounds a chain of answers. With a mean below 1 each it ends by itself; this is for sure.
	maxDepth = 40
)

// say sends a comment, plans its answers and returns its id.
func (sh *show) say(at int64, u utterance, replyTo string) string {
	if sh.over(at) {
		return ""
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
		return c.EventID
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
	return c.EventID
}

func (sh *show) retract(id string, who int) func(int64) {
	return func(at int64) {
		c := source.Comment{Common: sh.common(at, who), Kind: "retract", Retracts: id}
		sh.sim.send(c.Record(), note{kind: "retract", show: sh.ID}, care{onTime: true})
	}
}

// talk is the ESOL's own comments: about the product, with what the brand wants told, some of which the room takes up.
func (sh *show) talk(at int64) {
	if sh.over(at) {
		return
	}
	lines := sh.bank.host
	if u := sh.rng.Float64(); u < .35 {
		lines = sh.bank.tell
		for range sh.rng.IntN(3) {
			sh.sim.plan(at+2000+sh.rng.Int64N(15_000), func(at int64) {
				sh.say(at, utterance{text: sh.speak(sh.bank.story)}, "")
			})
		}
	}
	sh.esol(at, sh.speak(lines), "")
	sh.sim.plan(at+6_000+sh.rng.Int64N(10_000), sh.talk)
}

func (sh *show) esol(at int64, text, replyTo string) {
	if sh.over(at) {
		return
	}
	c := source.Comment{Common: sh.common(at, -1), Text: text, Lang: sh.Lang, Role: "esol", ReplyTo: replyTo}
	c.PersonID = "esol-" + sh.EsolID
	sh.sim.send(c.Record(), note{kind: "comment", show: sh.ID}, sh.care())
}

// called is a call to action: what the ESOL says, the act that it calls for, and the word that it asks for.
type called struct{ text, action, word string }

func (sh *show) call(at int64, by float64) {
	c := sh.bank.call[sh.rng.IntN(len(sh.bank.call))]
	sh.esol(at, c.text, "")
	r := source.Reaction{Common: sh.common(at, -1), Kind: "call", Action: c.action, Text: c.word}
	sh.sim.send(r.Record(), note{kind: r.Kind, show: sh.ID}, sh.care())
	sh.boost(liking, by, at+20_000)
	sh.boost(buying, by, at+20_000)
	if c.word != "" {
		for range poisson(sh.rng, by*sh.Rate/4) {
			sh.sim.plan(at+1500+sh.rng.Int64N(15_000), func(at int64) { sh.say(at, utterance{c.word, maxDepth}, "") })
		}
	}
	sh.sim.plan(at+1500, func(at int64) { sh.say(at, utterance{text: sh.speak(sh.bank.hype)}, "") })
}

// copies is a botnet: fresh accounts that post one advertisement, a few times each.
func (sh *show) copies(at int64, accounts int, last int64) {
	text := sh.bank.spam[sh.rng.IntN(len(sh.bank.spam))]
	for range 3 * accounts {
		who := sh.rng.IntN(accounts)
		sh.sim.plan(at+sh.rng.Int64N(last), func(at int64) {
			if sh.over(at) {
				return
			}
			c := source.Comment{Common: sh.common(at, -1), Text: text, Lang: sh.Lang}
			c.PersonID, c.AccountMS = sh.ID+"-fresh-"+strconv.Itoa(who), sh.start-int64(who+1)*60_000
			sh.sim.send(c.Record(), note{kind: "comment", show: sh.ID}, sh.care())
		})
	}
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
