package fold

import (
	"testing"

	"pgregory.net/rapid"
)

// A broker's clock that is set forward and back by hours: the fold's time never goes back, is never behind append time,
// goes on at nearly the pace of the log, is never ahead of what the broker's clock has said going on, and comes to be append
// time again.
func TestLogClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const start = 1_790_000_000_000
		var c logClock
		append := int64(start)
		c.see(append)
		before, most := c.nowMS, append
		owed := int64(0) // of what passed while it was behind, what may not be counted yet
		for range rapid.IntRange(1, 60).Draw(t, "records") {
			went := rapid.Int64Range(0, 5_000).Draw(t, "passed")
			step := rapid.SampledFrom([]int64{0, 0, 0, 0, -3_600_000, 3_600_000, -20}).Draw(t, "step")
			append, most = append+went+step, max(most+went, append+went+step)
			c.see(append)
			if step == 0 {
				owed += went
			} else {
				owed = 0
			}
			switch {
			case c.nowMS < before:
				t.Fatalf("went back from %d to %d", before, c.nowMS)
			case c.nowMS < append:
				t.Fatalf("%d, behind append time %d", c.nowMS, append)
			case c.nowMS > most:
				t.Fatalf("%d, ahead of all that the broker's clock has said, %d", c.nowMS, most)
			case step == 0 && c.nowMS-before < (owed-15)/16*15:
				t.Fatalf("%d ms passed, and it went from %d to %d", owed, before, c.nowMS)
			}
			if c.nowMS > before || step != 0 {
				owed = append - c.lastMS
			}
			before = c.nowMS
		}
		for range (c.nowMS-append)/(30_000/clockSlower) + 1 {
			append += 30_000
			c.see(append)
		}
		if c.nowMS != append {
			t.Fatalf("it is %d, append time is %d", c.nowMS, append)
		}
	})
}

// A pause while the broker's clock is behind, and a leap that does not make good what it was set back by, are not counted.
func TestLogClockTakesNoLeap(t *testing.T) {
	var c logClock
	for _, ms := range []int64{10_000_000, 1_000_000, 5_000_000, 5_000_016} {
		c.see(ms)
	}
	if c.nowMS != 10_000_015 {
		t.Errorf("it is %d", c.nowMS)
	}
}

// Records that are a little out of order do not make time go faster.
func TestLogClockIsNotMovedByDisorder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const start = 1_790_000_000_000
		var c logClock
		at, greatest := int64(start), int64(0)
		for range rapid.IntRange(1, 60).Draw(t, "records") {
			at += rapid.Int64Range(0, 500).Draw(t, "passed")
			ms := at - rapid.Int64Range(0, clockStepMS).Draw(t, "behind")
			greatest = max(greatest, ms)
			if c.see(ms); c.nowMS != greatest {
				t.Fatalf("it is %d, the greatest append time %d", c.nowMS, greatest)
			}
		}
	})
}

// State of a version that did not write down the log's time goes on from the next record.
func TestLogClockFromAnOlderMarker(t *testing.T) {
	c := logClock{nowMS: 10_000}
	c.see(5_000)
	c.see(5_160)
	if c != (logClock{10_150, 5_160}) {
		t.Errorf("it is %+v", c)
	}
}
