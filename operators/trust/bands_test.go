package trust

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

// What bands finds is what looking at every text finds, while texts come, are said again and go, and the ring grows.
func TestBandsFindWhatIsNear(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	x := newTexts()
	centres := []uint64{rng.Uint64(), rng.Uint64(), rng.Uint64()}
	live := map[uint64]*text{}
	found := 0
	for pane := int64(1000); pane < 1400; pane++ {
		x.expire(pane-textPanes, pane-textPanes)
		for id, o := range live {
			if o.last <= pane-textPanes {
				delete(live, id)
			}
		}
		for range rng.IntN(4) {
			sim := centres[rng.IntN(3)]
			for range rng.IntN(5) {
				sim ^= 1 << rng.IntN(64)
			}
			x.say(&Act{Hash: sim, SimHash: sim, Runes: 12, MS: pane * 1000}, pane, 1)
			o := x.byHash[sim]
			live[sim] = o
			want := map[*text]bool{}
			for _, l := range live {
				if bits.OnesCount64(l.sim^sim) <= nearBits {
					want[l] = true
				}
			}
			got := x.near(o)
			for _, g := range got {
				if !want[g] {
					t.Fatalf("pane %d: %x is not near %x, or gone", pane, g.sim, sim)
				}
			}
			if len(got) != len(want) || len(x.byHash) != len(live) {
				t.Fatalf("pane %d: %d of %d found, %d texts of %d", pane, len(got), len(want), len(x.byHash), len(live))
			}
			found += len(got)
		}
	}
	if found < 2000 {
		t.Errorf("only %d were near: the test is too easy", found)
	}
	if x.expire(1340, 1399); x.bands.nodes != nil || len(x.byHash) != 0 {
		t.Error("what is empty is kept")
	}
}

// What a text said in many panes leaves behind does not stand in the way of others: the 256 that are looked at are
// texts.
func TestWhatIsSaidAgainIsLookedAtOnce(t *testing.T) {
	x := newTexts()
	say := func(sim uint64, pane int64) *text {
		x.say(&Act{Hash: sim, SimHash: sim, Runes: 12, MS: pane * 1000}, pane, 1)
		return x.byHash[sim]
	}
	const a = 0x1111_2222_3333_4444
	first := say(a, 1000)
	for pane := int64(1000); pane < 1059; pane++ {
		for _, other := range []uint64{0xffff_0000_ffff_4444, 0x0000_ffff_0000_4444, 0xff00_ff00_ff00_4444,
			0x00ff_00ff_00ff_4444, 0xf0f0_f0f0_f0f0_4444} {
			say(other, pane)
		}
	}
	got := x.near(say(a^(1<<60|1<<40|1<<20), 1059)) // they have but the last band in common
	if len(got) != 2 || got[1] != first {
		t.Errorf("%d found", len(got))
	}
}
