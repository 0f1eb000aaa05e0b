package ingest

import (
	"testing"
	"time"

	"pgregory.net/rapid"
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
