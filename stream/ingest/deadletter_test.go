package ingest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDeadLettersListAndResubmit(t *testing.T) {
	inBubble(t, 3, func(t *testing.T, r *rig) {
		topics, now := r.config.Topics, time.Now()
		ahead := comment(1, "S", now.Add(5*time.Minute+20*time.Second))
		r.put(topics.Comments, 2, "k", ahead)
		r.put(topics.Comments, 1, "k", "no json")
		r.put(topics.Reactions, 0, "k", strings.Repeat("x", 9<<20>>3)) // too large for ingest, not for a letter
		kills := 0
		killed := r.config
		killed.hooks.beforeCommit = func() error { kills++; return errKilled } // so that every letter is written twice
		stop := r.start(killed)
		time.Sleep(5 * time.Second)
		if stop(); kills != 1 {
			t.Fatal("not killed")
		}
		stop = r.start(r.config)
		time.Sleep(5 * time.Second)
		list := func(f Filter) (letters []*DeadLetter, out []string) {
			err := List(t.Context(), r.kafka.Cluster, topics, f, func(d *DeadLetter) error {
				letters = append(letters, d)
				out = append(out, fmt.Sprintf("%s %s", strings.TrimPrefix(d.Place(), r.kafka.Prefix), d.Reason))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(out)
			return letters, out
		}
		if n := len(r.read(topics.DeadLetters)[2]); n != 2 {
			t.Errorf("%d letters in partition 2, want it written twice", n)
		}
		letters, got := list(Filter{})
		if want := []string{"comments/1/0 malformed_json", "comments/2/0 time_future", "reactions/0/0 too_large"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if len(letters[0].Value) == 0 || letters[0].Time.Before(now) {
			t.Errorf("letter %+v", letters[0])
		}
		if _, got := list(Filter{Topic: topics.Reactions}); len(got) != 1 {
			t.Errorf("of reactions: %v", got)
		}
		if _, got := list(Filter{Until: now.Add(-time.Second)}); len(got) != 0 {
			t.Errorf("of the past: %v", got)
		}
		future, _ := list(Filter{Reason: TimeFuture})
		time.Sleep(30 * time.Second)
		if err := Resubmit(t.Context(), r.kafka.Cluster, topics, future); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if got := ids(r.events(topics.Journal, false)); !slices.Equal(got, []string{"c1"}) {
			t.Errorf("after resubmitting, the journal has %v", got)
		}
		for _, records := range r.read(topics.Comments) {
			last := records[len(records)-1]
			for _, h := range last.Headers {
				if h.Key != HeaderResubmitted || string(h.Value) != future[0].Place() || string(last.Value) != ahead || string(last.Key) != "k" {
					t.Errorf("resubmitted as %v", last)
				}
			}
		}
		if err := Resubmit(t.Context(), r.kafka.Cluster, topics, []*DeadLetter{{Topic: "other"}}); err == nil {
			t.Error("resubmits to a topic that is not raw")
		}
	})
}

func TestReadCatalog(t *testing.T) {
	const a, b = `{"kind":"brand","id":"B","name":"Hana"}`, `{"kind":"esol","id":"E","deleted":true}`
	for _, file := range []string{a + "\n" + b + "\n", "[" + a + ",\n" + b + "]\n", " \n" + a + b} {
		got, err := ReadCatalog(strings.NewReader(file))
		if err != nil || len(got) != 2 || got[0].Key != "brand/B" || string(got[0].Value) != a || got[1].Key != "esol/E" || got[1].Value != nil {
			t.Errorf("%q: %v, %v", file, got, err)
		}
	}
	for file, want := range map[string]string{
		"":                                "",
		"[]":                              "",
		a + `{"kind":"shop","id":"x"}`:    "catalog entry 2: shop/x: unknown_kind",
		"[" + a:                           "catalog",
		"[" + a + "] " + a:                "follows the array",
		`{"kind":"fx","id":"x"}`:          "base:",
		`{"kind":"brand","id":5}`:         "both strings",
		`[1]`:                             "expected an object",
		a + "\nnot json":                  "catalog entry 2",
		`{"kind":"brand","deleted":true}`: "key:",
	} {
		_, err := ReadCatalog(strings.NewReader(file))
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
}
