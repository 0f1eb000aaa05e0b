package feed

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream/feed/tape"
)

// A process that finds its tapes older than they can be, as its clock was set forward while it was not there, gives whoever sets it
// right some hours; one whose tapes are that old takes them away within a day.
func TestTapesThatSeemOldAreNotSweptAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keep = 8 * time.Hour
		dir := t.TempDir()
		for h := range 4 {
			w, err := tape.Create(dir, "show/S", time.Now().Add(time.Duration(h)*time.Hour).UnixMilli())
			if err == nil {
				err = w.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(30 * 24 * time.Hour)
		r := &recorder{c: Taping{Dir: dir, Keep: keep}}
		left := func() int {
			k, err := r.old()
			if err != nil {
				t.Fatal(err)
			}
			return k.Files
		}
		if n := left(); n != 4 {
			t.Errorf("%d of 4 are left at once", n)
		}
		for range 2*6 - 1 { // twice as fast as time passes, they are the latest's begin, less three hours, and 4 h older
			time.Sleep(10 * time.Minute)
			left()
		}
		if n := left(); n != 4 {
			t.Errorf("%d of 4 are left after two hours", n)
		}
		for range 24 * 6 {
			time.Sleep(10 * time.Minute)
			left()
		}
		if n := left(); n != 0 {
			t.Errorf("%d are left after a day", n)
		}
	})
}
