package show

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// evening is what happens in a show: 80 people with words of their own, an ESOL who speaks and calls for likes, whom hardly
// anybody heeds; and bots, if so many, until leaveAt seconds: every 70 s one after the other they paste a line, each burst
// another, and like at once when she calls. By the clock, so after 24 minutes they are suspects. After 42 they say to own what
// is on air.
func evening(t *testing.T, bots, leaveAt, seconds int) (all []*eventpb.Event) {
	th := newTheater(t)
	random := rand.New(rand.NewPCG(3, 4))
	words := make([]string, 60)
	for i := range words {
		words[i] = fmt.Sprintf("%c%c%cmi", 'a'+i%26, 'a'+i*7%26, 'k'+i%5)
	}
	all = append(all, th.act(eventpb.Kind_KIND_PIN, 0, "lip"))
	for n := range seconds {
		th.ms = base + int64(n)*1000
		for range 2 {
			all = append(all, th.say(1+random.Uint64N(80), words[random.IntN(60)]+" "+words[random.IntN(60)]))
		}
		if n%9 == 0 {
			all = append(all, th.host(words[random.IntN(12)]+" "+words[random.IntN(12)]))
		}
		sinceCall := n%150 - 100
		if sinceCall == 0 {
			call := th.act(eventpb.Kind_KIND_CALL, 0, "")
			call.Action = eventpb.Kind_KIND_LIKE
			all = append(all, call)
		}
		if sinceCall > 0 && sinceCall < 12 {
			all = append(all, th.act(eventpb.Kind_KIND_LIKE, 1+random.Uint64N(80), ""))
		}
		if n < leaveAt {
			for bot := range bots {
				if n%70 == bot*12/bots {
					line := fmt.Sprint(words[40+n/70%7], " ", words[45+n/70%7], " ", words[49+n/70%7], " gratis gratis klik")
					if n > 2500 {
						line += " 買いました"
					}
					all = append(all, th.say(uint64(1000+bot), line))
				}
				if sinceCall == 2 {
					all = append(all, th.act(eventpb.Kind_KIND_LIKE, uint64(1000+bot), ""))
				}
			}
		}
	}
	return all
}

// play folds events, second by second, each delayed by less than delayMS; each sees the theater after each second.
func play(t *testing.T, events []*eventpb.Event, delayMS int64, each func(*theater)) *theater {
	th := newTheater(t)
	random := rand.New(rand.NewPCG(5, 6))
	var all []arrival
	for i, e := range events {
		at := e.TimeMs
		if i > 0 && delayMS > 0 {
			at += random.Int64N(delayMS)
		}
		all = append(all, arrival{at, e})
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	for len(all) > 0 {
		var now []*eventpb.Event
		for len(all) > 0 && all[0].at <= th.ms {
			now, all = append(now, all[0].e), all[1:]
		}
		th.apply(now...)
		each(th)
		th.ms += 1000
	}
	th.pass(45_000)
	return th
}

func noMore(*theater) {}

// The twin is, to the bit, what a show says of itself in which nobody is ever judged.
func TestTwinIsTheRoomWithEveryoneBelieved(t *testing.T) {
	events := evening(t, 40, 9999, 4000)
	got := play(t, events, 0, noMore).said.insight
	all := play(t, events, 0, func(th *theater) { th.f.shows["S"].study.trust = trust.New() }).said.insight
	if got.Trust.Suspects != 40 || all.Trust.Suspects != 0 {
		t.Fatalf("%d suspects, and %d where nobody is judged", got.Trust.Suspects, all.Trust.Suspects)
	}
	if want := all.Sync; !got.Sync.Raw.EqualVT(&eventpb.SyncTwin{Rate: want.Rate, Amount: want.Amount, Echo: want.Echo,
		Action: want.Action, Possession: want.Possession, Missing: want.Missing}) || !want.Raw.EqualVT(got.Sync.Raw) {
		t.Errorf("the sync rate's twin is\n%v, where all are believed it is\n%v", got.Sync.Raw, want)
	}
	if want := all.Contagion; !got.Contagion.Raw.EqualVT(&eventpb.ContagionTwin{Lexical: want.Lexical, Total: want.Total,
		Tokens: want.Tokens}) || !want.Raw.EqualVT(got.Contagion.Raw) {
		t.Errorf("contagion's twin is\n%v, where all are believed it is\n%v", got.Contagion.Raw, want)
	}
}

// Bots move the twin, and what is said of trusted people stands as it would without them: all but what they said before
// they were found, half of which contagion still holds a quarter of an hour later.
func TestBotsMoveTheTwinOnly(t *testing.T) {
	without := play(t, evening(t, 0, 0, 4000), 0, noMore).said.insight
	with := play(t, evening(t, 40, 9999, 4000), 0, noMore).said.insight
	t.Logf("without bots %v\n%v", without.Sync, without.Contagion)
	t.Logf("with bots %v\n%v", with.Sync, with.Contagion)
	if !without.Sync.Raw.Rate.EqualVT(without.Sync.Rate) || !without.Contagion.Raw.Lexical.EqualVT(without.Contagion.Lexical) {
		t.Error("nobody is doubted, and yet there is a twin of its own")
	}
	near(t, "sync", with.Sync.Rate.Value, without.Sync.Rate.Value, .1)
	near(t, "amount", with.Sync.Amount.Value, without.Sync.Amount.Value, .01)
	near(t, "action", with.Sync.Action.Hi, without.Sync.Action.Hi, .01)
	near(t, "total", with.Contagion.Total.Value, without.Contagion.Total.Value, .01)
	if got, want := with.Contagion.Lexical.Value, without.Contagion.Lexical.Value; got > want+.2 {
		t.Errorf("lexical contagion of those who are believed is %v, without bots it is %v", got, want)
	}
	if raw := with.Sync.Raw; raw.Rate.Value < without.Sync.Rate.Value+10 || raw.Action.Lo < .5 ||
		raw.Amount.Value > without.Sync.Amount.Value-.08 {
		t.Errorf("bots have not moved the sync rate's twin: %v", raw)
	}
	if raw := with.Sync.Raw.Possession; with.Sync.Possession.Insufficient == "" || raw.Insufficient != "" || raw.Lo < .2 {
		t.Errorf("possession is %v and its twin %v, where only bots say to own anything", with.Sync.Possession, raw)
	}
	if raw := with.Contagion.Raw; raw.Lexical.Value < with.Contagion.Lexical.Value+.3 || raw.Total.Value < .8 {
		t.Errorf("bots have not moved contagion's twin: %v", raw)
	}
}

// A room is heard twice from the first pane in which somebody who is not believed has a part until an hour after the last.
// Restarts and the order of arrival change nothing of what is said, and in the end nothing of it is left in the state.
func TestTwinIsDroppedAnHourAfterTheLastDoubt(t *testing.T) {
	events := evening(t, 40, 2000, 5800)
	twins, last := 0, int64(0)
	whole := play(t, events, 0, func(th *theater) {
		if st := th.f.shows["S"].study; st.everyone != nil {
			twins++
			last = st.pane
		}
	})
	if rest := last - (base/1000 + 2000 - 10); rest < twinPanes-70 || rest > twinPanes || twins < int(rest)+200 {
		t.Errorf("there was a twin in %d panes, until %d after the bots had left", twins, rest)
	}
	if i := whole.said.insight; !i.Sync.Raw.Rate.EqualVT(i.Sync.Rate) || !i.Contagion.Raw.Total.EqualVT(i.Contagion.Total) {
		t.Errorf("the twin still differs: %v", i)
	}
	restarts := 0
	broken := play(t, events, 0, func(th *theater) {
		switch restarts++; {
		case restarts%83 == 0, th.f.shows["S"].study.pane >= last-2 && th.f.shows["S"].study.pane <= last+2:
			th.reload()
		case restarts%41 == 0:
			th.memory.Write(th.store.Cut())
			th.store.Written()
		}
	})
	if !slices.EqualFunc(whole.said.all, broken.said.all, bytes.Equal) {
		t.Error("with restarts something else is said")
	}
	broken.reload()
	for key := range broken.memory {
		if strings.HasPrefix(key, "raw") {
			t.Errorf("the state still has %s", key)
		}
	}
	disordered := play(t, events, 24_000, noMore)
	if n := disordered.said.room.LateTotal; n != 0 {
		t.Fatalf("%d events were late", n)
	}
	for pane, want := range whole.said.insights {
		if got, ok := disordered.said.insights[pane]; ok && !bytes.Equal(got, want) {
			t.Fatalf("in another order the insight of pane %d is\n%s, it was\n%s", pane, insight(got), insight(want))
		}
	}
}
