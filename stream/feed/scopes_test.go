package feed

import (
	"testing"
	"testing/synctest"
)

// TestMetersAreSeries: what the hub holds is what a scrape shows, an ESOL's shows as one body.
func TestMetersAreSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		defer r.close()
		r.apply(roomMeter("S", "E", 10, 1), roomMeter("T", "E", 10, 1), moneyMeter("campaign/C", 1))
		if n := r.metric("netsu_esol_shows_on_air", "E"); n != 2 {
			t.Errorf("the ESOL has %v shows on the air, want 2", n)
		}
		if n := r.metric("netsu_esol_active_heads", "E"); n != 20 {
			t.Errorf("the ESOL has %v heads, want 20", n)
		}
		if n := r.metric("netsu_feed_shows_on_air", ""); n != 2 {
			t.Errorf("%v shows on the air, want 2", n)
		}
		r.server.hub.live = false
		if n := r.metric("netsu_esol_shows_on_air", "E"); n != 0 {
			t.Errorf("%v before the meters were read", n)
		}
	})
}
