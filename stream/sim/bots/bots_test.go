package bots_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/sim/bots"
	"github.com/netsu/netsu/stream/source"
)

func simulated(t *testing.T) []bots.Comment {
	t.Helper()
	c, err := bots.Simulated(1, "ja", 15*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestInjectionKeepsTheGenuineAndTheShare(t *testing.T) {
	genuine := simulated(t)
	before := slices.Clone(genuine)
	for _, kind := range bots.Kinds {
		for _, rate := range []float64{.01, .05, .20} {
			plan := bots.Plan{Kind: kind, Rate: rate, Seed: 5}
			mixed, err := bots.Inject(genuine, plan)
			if err != nil {
				t.Fatal(err)
			}
			again, _ := bots.Inject(genuine, plan)
			plan.Seed++
			other, _ := bots.Inject(genuine, plan)
			if !slices.Equal(mixed, again) || slices.Equal(mixed, other) || !slices.Equal(genuine, before) {
				t.Fatalf("%s %v: not a function of comments and plan", kind, rate)
			}
			if !slices.IsSortedFunc(mixed, func(a, b bots.Comment) int { return int(a.MS - b.MS) }) {
				t.Errorf("%s %v: not by time", kind, rate)
			}
			real := slices.DeleteFunc(slices.Clone(mixed), func(c bots.Comment) bool { return c.Bot })
			share := 1 - float64(len(real))/float64(len(mixed))
			if !slices.Equal(real, genuine) || math.Abs(share-rate) > .15*rate+.003 {
				t.Errorf("%s: %d of %d genuine comments are left, share %.3f, want %.3f", kind, len(real), len(genuine), share,
					rate)
			}
			ids := map[string]bool{}
			for _, c := range mixed {
				if ids[c.ID] || c.MS < genuine[0].MS || c.MS > genuine[len(genuine)-1].MS {
					t.Fatalf("%s: %+v is there twice, or out of time", kind, c)
				}
				ids[c.ID] = true
			}
		}
	}
}

func TestInjectionRefuses(t *testing.T) {
	two := simulated(t)[:2]
	for _, c := range []struct {
		chat []bots.Comment
		plan bots.Plan
	}{{two, bots.Plan{Kind: "nobody", Rate: .1}}, {two, bots.Plan{Kind: bots.Timer}},
		{two, bots.Plan{Kind: bots.Timer, Rate: 1}},
		{two[:1], bots.Plan{Kind: bots.Timer, Rate: .1}}, {two, bots.Plan{Kind: bots.Timer, Rate: math.NaN()}}} {
		if _, err := bots.Inject(c.chat, c.plan); err == nil {
			t.Errorf("%+v into %d comments is no error", c.plan, len(c.chat))
		}
	}
}

// Timers that share their texts are suspects in an hour; those who word each line anew never are; nobody genuine is.
func TestMeasure(t *testing.T) {
	genuine := simulated(t)
	measure := func(k bots.Kind) bots.Result {
		mixed, err := bots.Inject(genuine, bots.Plan{Kind: k, Rate: .2, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		r := bots.Measure(mixed)
		t.Logf("%s: %+v", k, r)
		if r.SuspectPeople > 0 || r.Comments != len(mixed) || r.People+r.Bots > r.Comments {
			t.Errorf("%s: %+v", k, r)
		}
		return r
	}
	timers, poisson := measure(bots.Timer), measure(bots.Poisson)
	if of, ok := timers.Recall(); !ok || of < .9 || timers.SuspectBotComments == 0 {
		t.Errorf("timers: recall %v, %d comments under suspicion", of, timers.SuspectBotComments)
	}
	if of, ok := timers.Precision(); !ok || of != 1 {
		t.Errorf("timers: precision %v, %v", of, ok)
	}
	if _, ok := poisson.Precision(); ok || poisson.SuspectBots+poisson.DoubtedBots > 0 {
		t.Errorf("they were to pass: %+v", poisson)
	}
}

func TestReadTakesWhatTheAudienceSays(t *testing.T) {
	records := []source.Record{
		{Topic: source.Comments, TimeMS: 9, Value: []byte(`{"event_id":"b","show_id":"s","person_id":"p","text":"x"}`)},
		{Topic: source.Comments, TimeMS: 5, Value: []byte(`{"event_id":"a","person_id":"p","text":"x","role":"viewer"}`)},
		{Topic: source.Comments, TimeMS: 5, Value: []byte(`{"person_id":"p","text":"x","role":"moderator"}`)},
		{Topic: source.Comments, TimeMS: 5, Value: []byte(`{"person_id":"p","kind":"retract","text":"x"}`)},
		{Topic: source.Comments, TimeMS: 5, Value: []byte(`{"text":"x"}`)},
		{Topic: source.Comments, TimeMS: 5, Value: []byte(`no json`)},
		{Topic: source.Reactions, TimeMS: 5, Value: []byte(`{"person_id":"p","text":"x"}`)},
	}
	got, err := bots.Read(func(yield func(source.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil || len(got) != 2 || got[0].ID != "a" || got[1].ID != "b" {
		t.Errorf("%+v, %v", got, err)
	}
	if got = bots.Busiest(append(got, bots.Comment{Show: "s"})); len(got) != 2 || got[0].Show != "s" {
		t.Errorf("%+v", got)
	}
}

func TestReadText(t *testing.T) {
	for a, b := range map[string]string{" WOOOW!!! ": "wow!", "a \t b": "A b", "草草草": "草"} {
		if x, y := bots.ReadText(a), bots.ReadText(b); x != y {
			t.Errorf("%q %+v, %q %+v", a, x, b, y)
		}
	}
	if r := bots.ReadText("  "); r.Runes != 0 || r.SimHash != 0 {
		t.Errorf("%+v", r)
	}
	a, b := bots.ReadText("one thing to say"), bots.ReadText("quite another thing")
	if a.Hash == b.Hash || a.SimHash == b.SimHash {
		t.Error("different texts read the same")
	}
}

// Panes count as active who has acted in the last 300 s.
func TestPanesCountActiveHeads(t *testing.T) {
	acts := bots.Acts([]bots.Comment{{ID: "1", Person: "a", MS: 1000}, {ID: "2", Person: "b", MS: 1500},
		{ID: "3", Person: "b", MS: 200_000}, {ID: "4", Person: "c", MS: 301_000}, {ID: "5", Person: "a", MS: 900_000}}, nil)
	var got []int64
	bots.Panes(acts, func(pane int64, acts []trust.Act, active int64) {
		got = append(got, pane, int64(len(acts)), active)
	})
	if want := []int64{1, 2, 2, 200, 1, 2, 301, 1, 2, 900, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
