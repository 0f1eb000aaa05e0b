package show

import (
	"testing"

	"pgregory.net/rapid"
)

// The broadcasts that the properties are checked on come to a worldview and to possession now and then.
func TestBroadcastsReachTheirQuestions(t *testing.T) {
	worldviews, directions, possessions := 0, 0, 0
	for seed := range 60 {
		rs := rapid.Custom(func(r *rapid.T) []*said {
			s, _ := run(t, records(r, arrive(r, broadcast(r, true), 24_000, "arrival"), 120))
			return []*said{s}
		}).Example(seed)
		if i := rs[0].insight; i != nil {
			worldviews += int(count(i.Alignment.Worldview.Insufficient == ""))
			directions += int(count(i.Alignment.Direction.Insufficient != "no_target"))
			possessions += int(count(i.Sync.Possession.Insufficient == ""))
		}
	}
	t.Logf("of 60: %d worldviews, %d possessions", worldviews, possessions)
	if worldviews < 3 || directions < 3 || possessions < 3 {
		t.Errorf("of 60: %d worldviews, %d directions, %d possessions", worldviews, directions, possessions)
	}
}
