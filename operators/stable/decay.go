package stable

// Decay is d = 2^(-1/60): what one second leaves of heat whose half-life is 60 s.
const Decay = 0x1.fa1e827a1b38cp-1

// DecayPanesMax is the longest gap that leaves anything: d^3600 = 2^-60 is taken for nothing.
const DecayPanesMax = 3600

// Decayed is d^panes, for panes ≥ 0; beyond DecayPanesMax it is 0.
func Decayed(panes int64) float64 {
	if panes > DecayPanesMax {
		return 0
	}
	return decays[panes]
}

// decays[m] = d^m by binary powers, at most 12 products each: its relative error stays below 12 roundings, where m
// products in a row would gather m of them.
var decays = func() (t [DecayPanesMax + 1]float64) {
	for m := range t {
		v, square := 1.0, float64(Decay)
		for n := m; n > 0; n >>= 1 {
			if n&1 == 1 {
				v = float64(v * square)
			}
			square = float64(square * square)
		}
		t[m] = v
	}
	return t
}()
