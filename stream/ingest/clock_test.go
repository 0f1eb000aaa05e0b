package ingest

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// Whatever is done to the wall clock, ours never goes back or stands still, is never behind it, and comes to be the same
// as it is, after sixteen times what it was set back by.
func TestClockGoesOnWhateverIsDoneToTheWallClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wall := noon
		var passed time.Duration
		c := &clock{wall: func() time.Time { return wall }, passed: func() time.Duration { return passed }}
		before := c.now()
		ahead := noon // the most that the wall clock has said, going on
		for range rapid.IntRange(1, 40).Draw(t, "readings") {
			went := time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(10*time.Minute)).Draw(t, "passed"))
			step := time.Duration(rapid.SampledFrom([]int64{0, 0, 0, -1, 1}).Draw(t, "step")) * time.Hour
			wall, passed, ahead = wall.Add(went+step), passed+went, ahead.Add(went)
			if wall.After(ahead) {
				ahead = wall
			}
			now := c.now()
			switch {
			case now.Before(before.Add(went - went/16)):
				t.Fatalf("%v passed, and it went from %v to %v", went, before, now)
			case now.Before(wall):
				t.Fatalf("it says %v, behind the wall clock's %v", now, wall)
			case now.After(ahead):
				t.Fatalf("it says %v, ahead of all that the wall clock has said, %v", now, ahead)
			}
			before = now
		}
		behind := max(0, before.Sub(wall))
		for range 16 * 8 { // in steps too short to overtake it
			wall, passed = wall.Add(behind/8), passed+behind/8
			before = c.now()
		}
		if !before.Equal(wall) {
			t.Fatalf("it says %v, the wall clock %v", before, wall)
		}
	})
}

// A process that starts with its clock set back, or where another's clock was ahead, goes on from what the ticks in the logs
// claim: what people do now is not taken for the future, and ticks go on claiming. A clock that was wrong by days is not
// followed.
func TestClockGoesOnInANewProcess(t *testing.T) {
	for _, c := range []struct {
		back    time.Duration
		follows bool
	}{{0, true}, {time.Hour, true}, {23 * time.Hour, true}, {48 * time.Hour, false}} {
		t.Run(c.back.String(), func(t *testing.T) {
			inBubble(t, 2, func(t *testing.T, r *rig) {
				run := func(back time.Duration, n int) (last *eventpb.Event) {
					config := r.config
					config.hooks.wall = func() time.Time { return time.Now().Add(-back) }
					stop := r.start(config)
					r.put(r.config.Topics.Comments, 0, "", comment(n, "S", time.Now()))
					time.Sleep(16 * time.Second)
					if err := stop(); err != nil {
						t.Fatal(err)
					}
					ticks := r.ticks(r.config.Topics.Journal, 1)
					return ticks[len(ticks)-1]
				}
				before := run(0, 1)
				time.Sleep(time.Minute) // away
				after := run(c.back, 2)
				want := before.TimeMs + 14_000 // sixteen seconds less their sixteenth, and a start
				if c.back == 0 {
					want += time.Minute.Milliseconds()
				}
				if went := after.TimeMs >= want && after.Tick.IngestedMs >= want-1000; went != c.follows {
					t.Errorf("ticks claimed %v and then %v", before, after)
				}
				letters := 0
				for _, all := range r.read(r.config.Topics.DeadLetters) {
					letters += len(all)
				}
				if (letters == 0) != c.follows {
					t.Errorf("%d dead letters", letters)
				}
				if said := strings.Contains(r.log.String(), "Is this machine's clock right?"); said != (c.back > 0) {
					t.Errorf("the log says:\n%s", r.log.String())
				}
			})
		})
	}
}
