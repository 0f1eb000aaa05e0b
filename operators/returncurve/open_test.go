package returncurve_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/returncurve"
	"github.com/netsu/netsu/stream/event"
)

const hour = int64(3_600_000)

type sold struct {
	part             returncurve.Part
	paidMS, windowMS int64
}

// coming is what comes back of an order by the formula of the package, as a fraction, its age taken at the time given.
func (s sold) coming(nowMS int64) float64 {
	net, age := float64(s.part.NetMinor), max(0, nowMS-s.paidMS)
	if net <= 0 || age >= s.windowMS {
		return 0
	}
	share := func(ms int64) float64 {
		d, last := float64(ms)/float64(day), returncurve.Point{}
		for _, p := range returncurve.Default().Points {
			if d < float64(p.Days) {
				return float64(last.PPM) + float64(p.PPM-last.PPM)*(d-float64(last.Days))/float64(p.Days-last.Days)
			}
			last = p
		}
		return 1e6
	}
	rate, of := float64(s.part.RatePPM)/1e6, share(age)/share(s.windowMS)
	return net - net*(1-rate)/(1-rate*of)
}

// What is to come is of the last versions of the orders, counted whenever they became known, and as exact as quarters of
// a day allow.
func TestComing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var last []sold
		o, now := &returncurve.Open{}, int64(0)
		count := func(s sold, sign int64) {
			if err := o.Count(s.part, s.paidMS, s.windowMS, sign, now); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "orders") {
			s := sold{paidMS: rapid.Int64Range(0, 20*4).Draw(t, "paid") * day / 4, windowMS: rapid.SampledFrom([]int64{
				14 * day, 3 * day, 10 * day}).Draw(t, "window")}
			s.paidMS += day / 8 // in the middle of a slot, of those windows: there the age is exact
			for v := range rapid.IntRange(1, 3).Draw(t, "versions") {
				if v > 0 {
					count(s, -1)
				}
				s.part = returncurve.Part{RatePPM: rapid.SampledFrom([]uint32{0, 100_000, 400_000, 999_999, 2_000_000}).Draw(t, "rate"),
					NetMinor: rapid.Int64Range(-5, 100_000).Draw(t, "net")}
				count(s, +1)
				now = max(now, rapid.Int64Range(0, 40*24).Draw(t, "now")*hour)
				if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
					o = again(t, o)
				}
			}
			last = append(last, s)
		}
		want := 0.0
		for _, s := range last {
			s.part.RatePPM = min(s.part.RatePPM, 1_000_000)
			want += s.coming(now)
		}
		got, ok, err := o.Coming(returncurve.Default(), now)
		if err != nil || !ok || math.Abs(float64(got)-want) > 1+float64(len(last)) {
			t.Fatalf("coming %d (%v, %v), want %.1f of %+v at %d h", got, ok, err, want, last, now/hour)
		}
		if now > 35*day && !o.Empty() {
			t.Fatal("all windows are over")
		}
	})
}

func again(t *rapid.T, o *returncurve.Open) *returncurve.Open {
	w := codec.NewWriter(1)
	o.Encode(w)
	r := codec.NewReader(w.Done(), 1)
	out := returncurve.DecodeOpen(r)
	if err := r.End(); err != nil {
		t.Fatal(err)
	}
	return out
}

// Wherever in its quarter of a day an order was paid, what is expected of it is off by less than a fiftieth of it.
func TestQuarterOfADay(t *testing.T) {
	for _, window := range []int64{14 * day, 30 * day} {
		for at := int64(0); at < day/4; at += hour / 2 {
			o, s := &returncurve.Open{}, sold{returncurve.Part{RatePPM: 400_000, NetMinor: 1_000_000}, 10*day + at, window}
			if err := o.Count(s.part, s.paidMS, s.windowMS, 1, 0); err != nil {
				t.Fatal(err)
			}
			for now := s.paidMS; now < s.paidMS+window-day; now += hour {
				got, _, err := o.Coming(returncurve.Default(), now)
				if want := s.coming(now); err != nil || math.Abs(float64(got)-want) > 20_000 {
					t.Fatalf("paid %d h into the slot, at %d h: %d, want %.0f, %v", at/hour, (now-s.paidMS)/hour, got, want, err)
				}
			}
		}
	}
}

// At more rates than are kept apart nothing is said, not even after some have gone.
func TestOpenIsBounded(t *testing.T) {
	o := &returncurve.Open{}
	for i := range int64(5000) {
		p := returncurve.Part{RatePPM: uint32(1 + i), NetMinor: 100}
		if err := o.Count(p, 0, 14*day, 1, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, err := o.Coming(returncurve.Default(), 0); ok || err != nil || !o.Empty() {
		t.Errorf("of 5,000 rates: %v, %v", ok, err)
	}
	o = &returncurve.Open{}
	big := returncurve.Part{RatePPM: 1, NetMinor: math.MaxInt64}
	err := errors.Join(o.Count(big, 0, day, 1, 0), o.Count(big, 0, day, 1, 0))
	if !errors.Is(err, event.ErrOverflow) {
		t.Errorf("error %v", err)
	}
}
