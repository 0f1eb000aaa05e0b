package show

import (
	"cmp"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/sim/bots"
	"github.com/netsu/netsu/stream/source"
)

// The null battery of MODEL §8 on recorded chat: where what an indicator looks for has been taken away, it must find
// nothing, up to its false alarms, which are logged. The chats are not part of the project.
var nullChats = []string{"id07.jsonl.gz", "id30.jsonl.gz", "id33.jsonl.gz"}

func nullChat(t *testing.T, name string) []bots.Comment {
	t.Helper()
	path := filepath.Join(cmp.Or(os.Getenv("NETSU_TEST_DATA"), "../../../shared/data"), "id_youtube_live_chat", name)
	r, err := source.Open(path)
	if err != nil {
		t.Skipf("recorded data is not part of the project: %v (NETSU_TEST_DATA says where it is)", err)
	}
	defer r.Close()
	all, err := bots.Read(source.ChatLines(r, source.Chat{Name: name, ShowID: "x", Platform: "youtube"}))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(all, func(a, b bots.Comment) int { return cmp.Compare(a.MS, b.MS) })
	until := all[0].MS + nullMS
	return slices.DeleteFunc(all, func(c bots.Comment) bool { return c.MS > until })
}

// nullMS is how much of each chat is looked at: 80 minutes.
const nullMS = 80 * 60_000

// follow folds comments, with what else happens, and returns every insight.
func follow(t *testing.T, comments []bots.Comment, more []*eventpb.Event) (all []*eventpb.Insight) {
	t.Helper()
	th := newTheater(t)
	events := slices.Clone(more)
	for i, c := range comments {
		e := th.event(eventpb.Kind_KIND_COMMENT, 0)
		e.IdLo, e.TimeMs, e.Text = uint64(i+1), c.MS, c.Text
		e.PersonHi, e.PersonLo = text.Hash(c.Person), uint64(len(c.Person))
		events = append(events, e)
	}
	slices.SortStableFunc(events, func(a, b *eventpb.Event) int { return cmp.Compare(a.TimeMs, b.TimeMs) })
	last := int64(-1)
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].TimeMs < events[0].TimeMs+250 {
			n++
		}
		th.out.Reset()
		r := &operators.Record{AppendMS: events[n-1].TimeMs, Events: events[:n]}
		if err := th.f.Apply(r, &th.out); err != nil {
			t.Fatal(err)
		}
		for _, m := range th.out.Meters {
			if i := m.Meter.GetInsight(); i != nil && i.Pane > last {
				last, all = i.Pane, append(all, i)
			}
		}
		events = events[n:]
	}
	return all
}

// Texts shuffled within blocks of time: people speak when they spoke, and what they say follows from nothing but the topic
// of the block. These chats have no transcript, so what moves the topic is not known: contagion is graded C and has zero in
// its interval. But its null is reached without that, by the plain interval about the number: of quick answers there are
// none in a shuffled chat. With slow ones (the regression's .1/s) the means were .06 to .12, and 60 of 71 intervals above
// zero.
func TestShuffledChatIsNotContagious(t *testing.T) {
	known, above := 0, 0
	for _, name := range nullChats {
		chat := nullChat(t, name)
		whole := lookAtContagion(t, follow(t, chat, nil))
		t.Logf("%s as it was: mean %.3f, %d of %d intervals above zero", name, whole.mean, whole.above, whole.known)
		for _, blockMS := range []int64{30_000, 300_000} {
			rng := rand.New(rand.NewPCG(uint64(blockMS), 7))
			shuffled := slices.Clone(chat)
			for from := 0; from < len(shuffled); {
				to := from
				for to < len(shuffled) && shuffled[to].MS/blockMS == shuffled[from].MS/blockMS {
					to++
				}
				block := shuffled[from:to]
				rng.Shuffle(len(block), func(i, j int) { block[i].Text, block[j].Text = block[j].Text, block[i].Text })
				from = to
			}
			got := lookAtContagion(t, follow(t, shuffled, nil))
			t.Logf("%s shuffled within %d s: mean %.3f, %d of %d intervals above zero", name, blockMS/1000, got.mean, got.above,
				got.known)
			if known, above = known+got.known, above+got.above; math.Abs(got.mean) > .02 {
				t.Errorf("%s: shuffling within %d s leaves %.3f of %.3f", name, blockMS/1000, got.mean, whole.mean)
			}
		}
	}
	if known < 60 || above*20 > known {
		t.Errorf("%d of %d intervals of shuffled chats are above zero", above, known)
	}
}

// And what is caught is found: of the comments of a shuffled chat three in ten are copied by somebody else, 2 s
// later on average.
func TestCopiesInAShuffledChatAreFound(t *testing.T) {
	for _, name := range nullChats {
		chat := nullChat(t, name)
		rng := rand.New(rand.NewPCG(3, 7))
		rng.Shuffle(len(chat), func(i, j int) { chat[i].Text, chat[j].Text = chat[j].Text, chat[i].Text })
		all := chat
		for made := chat; len(made) > 0; {
			var copies []bots.Comment
			for _, c := range made {
				if rng.Float64() < .3 {
					c.Person, c.MS = chat[rng.IntN(len(chat))].Person, c.MS+int64(rng.ExpFloat64()*2000)
					copies = append(copies, c)
				}
			}
			all, made = append(all, copies...), copies
		}
		got := lookAtContagion(t, follow(t, all, nil))
		t.Logf("%s, shuffled, with 3 of 10 copied: mean %.3f, %d of %d plain intervals above zero", name, got.mean, got.above, got.known)
		if math.Abs(got.mean-.3) > .1 || got.above*10 < got.known*9 {
			t.Errorf("%s: %.3f of .3 is found, by %d of %d looks", name, got.mean, got.above, got.known)
		}
	}
}

type looks struct {
	known, above int
	mean         float64
}

// lookAtContagion looks every five minutes: nearer looks see the same.
func lookAtContagion(t *testing.T, all []*eventpb.Insight) (l looks) {
	t.Helper()
	for i := 29; i < len(all); i += 30 {
		e := all[i].Contagion.Lexical
		if e.Insufficient != "" {
			continue
		}
		if e.Grade != eventpb.Grade_GRADE_C {
			t.Fatalf("contagion of a chat without transcript is graded %v", e.Grade)
		}
		l.known++
		if e.Lo > 0 || e.Hi < 0 {
			t.Errorf("without a transcript zero is not in %v", e)
		}
		l.mean += e.Value
		if 2*e.Value-e.Hi > 0 { // the lower end, were it as far away as the upper one
			l.above++
		}
	}
	l.mean /= float64(max(l.known, 1))
	return l
}

// The words of an ESOL from another show: the room cannot echo them.
func TestNoEchoOfAnotherShow(t *testing.T) {
	for i, name := range nullChats {
		chat, other := nullChat(t, name), nullChat(t, nullChats[(i+1)%len(nullChats)])
		var words []*eventpb.Event
		next := chat[0].MS
		for j, c := range other {
			ms := chat[0].MS + c.MS - other[0].MS
			if ms < next || ms > chat[len(chat)-1].MS {
				continue
			}
			next = ms + 8_000
			words = append(words, &eventpb.Event{
				Kind: eventpb.Kind_KIND_COMMENT, Role: eventpb.Role_ROLE_ESOL, ShowId: "S", IdHi: 9, IdLo: uint64(j + 1), TimeMs: ms,
				Text: c.Text, PersonHi: 1, PersonLo: 1,
			})
		}
		known, alarms := 0, 0
		all := follow(t, chat, words)
		for j := 29; j < len(all); j += 30 {
			if e := all[j].Sync.Echo; e.Insufficient == "" {
				known++
				if e.Lo > 0 {
					alarms++
				}
			}
		}
		t.Logf("%s with another show's ESOL: %d of %d looks found an echo", name, alarms, known)
		if alarms*5 > known {
			t.Errorf("%s: %d of %d looks found an echo of another show's words", name, alarms, known)
		}
	}
}

// Calls to action at times when nobody called: nobody can have followed.
func TestNobodyFollowsCallsThatWereNotMade(t *testing.T) {
	known, followed := 0, 0
	for i, name := range nullChats {
		chat := nullChat(t, name)
		rng := rand.New(rand.NewPCG(uint64(i), 11))
		var calls []*eventpb.Event
		for ms := chat[0].MS + 120_000; ms < chat[len(chat)-1].MS-60_000; ms += 90_000 + rng.Int64N(60_000) {
			calls = append(calls, &eventpb.Event{
				Kind: eventpb.Kind_KIND_CALL, Action: eventpb.Kind_KIND_COMMENT, ShowId: "S", IdHi: 8, IdLo: uint64(ms), TimeMs: ms,
			})
		}
		seen := map[int64]bool{}
		for _, insight := range follow(t, chat, calls) {
			for _, c := range insight.Sync.Calls {
				if seen[c.Pane] || c.Uplift.Insufficient != "" {
					continue
				}
				seen[c.Pane] = true
				known++
				if c.Uplift.Lo > 0 {
					followed++
				}
			}
		}
	}
	t.Logf("%d of %d calls that nobody made were followed", followed, known)
	if known == 0 || followed*10 > known {
		t.Errorf("%d of %d calls that nobody made were followed", followed, known)
	}
}
