package retain

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever is done to the wall clock: what was stamped with it while it was right looks no older than it is by more than the time
// for which the clock has been wrong, unless that is a day; nothing looks as if from after the wall clock; and a day after the last
// step nothing is left of it.
func TestNothingIsOldBeforeItsTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		began := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
		var passed, off time.Duration
		stepped := false
		wall := func() time.Time { return began.Add(passed + off) }
		unseen := time.Duration(rapid.IntRange(0, 100).Draw(t, "unseen_h")) * time.Hour
		c := New(wall, began.Add(-unseen))
		c.passed = func() time.Duration { return passed }
		wrong := time.Duration(0) // for how long the clock has been ahead of the truth, or that was not there at the start
		if unseen > 0 {
			wrong = 1
		}
		read := func(went time.Duration) {
			if passed += went; off > 0 || wrong > 0 {
				wrong += went
			}
			now, truth := c.Now(), began.Add(passed)
			if now.After(wall()) {
				t.Fatalf("it says %v, the wall clock %v", now, wall())
			}
			if ahead := now.Sub(truth); wrong < believe && ahead > wrong+leap {
				t.Fatalf("after %v of a clock that is %v ahead, it is %v ahead", wrong, off, ahead)
			}
			if !stepped && unseen == 0 && !now.Equal(truth) {
				t.Fatalf("the clock was always right, and it says %v for %v", now, truth)
			}
		}
		for range rapid.IntRange(1, 30).Draw(t, "readings") {
			if rapid.IntRange(0, 4).Draw(t, "step") == 0 {
				off = time.Duration(rapid.SampledFrom([]int64{-24 * 365, -30, -1, 0, 0, 1, 30, 24 * 365}).Draw(t, "to_h")) * time.Hour
				stepped = stepped || off != 0
			}
			read(time.Duration(rapid.Int64Range(1, int64(20*time.Minute)).Draw(t, "went")))
		}
		for range 2 * 24 * 6 {
			read(10 * time.Minute)
		}
		if now := c.Now(); !now.Equal(wall()) {
			t.Fatalf("two days after the last step it says %v, the wall clock %v", now, wall())
		}
	})
}
