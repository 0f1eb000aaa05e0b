package returncurve_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/returncurve"
	"github.com/netsu/netsu/stream/event"
)

const day = 24 * 3600 * 1000

func expected(t interface{ Fatal(...any) }, c returncurve.Curve, l returncurve.Line) int64 {
	net, err := c.ExpectedNet(l)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func TestExpectedNet(t *testing.T) {
	line := func(paid, refunded int64, rate uint32, age, window int64) returncurve.Line {
		return returncurve.Line{PaidMinor: paid, RefundedMinor: refunded, RatePPM: rate, AgeMS: age, WindowMS: window}
	}
	for name, c := range map[string]struct {
		in   returncurve.Line
		want int64
	}{
		"a new order":                     {line(10_000, 0, 400_000, 0, 30*day), 6_000},
		"from before it was paid":         {line(10_000, 0, 400_000, -5, 30*day), 6_000},
		"half of the returns have come":   {line(10_000, 0, 400_000, 7*day, 30*day), 7_500}, // .6/.8
		"and so has a part of the money":  {line(10_000, 2_000, 400_000, 7*day, 30*day), 6_000},
		"between two points":              {line(10_000, 0, 500_000, day/2, 30*day), 5_102}, // .5/(1-.5*.04) = .510204
		"a shorter window":                {line(10_000, 0, 400_000, 7*day, 14*day), 7_818}, // .6/(1-.4*.5/.86) = .781818
		"the window is over":              {line(10_000, 0, 400_000, 14*day, 14*day), 10_000},
		"the curve is, before the window": {line(10_000, 0, 400_000, 30*day, 60*day), 10_000},
		"nothing is ever sent back":       {line(10_000, 0, 0, 0, 30*day), 10_000},
		"everything is":                   {line(10_000, 0, 1_000_000, 0, 30*day), 0},
		"everything, and it has":          {line(10_000, 0, 1_000_000, 30*day, 60*day), 10_000},
		"a rate above all":                {line(10_000, 0, 4_000_000, 0, 30*day), 0},
		"all of it was given back":        {line(10_000, 10_000, 400_000, 0, 30*day), 0},
		"and more than all":               {line(10_000, 12_000, 400_000, 0, 30*day), -2_000},
		"half a unit counts as one":       {line(1, 0, 500_000, 0, 30*day), 1},
		"the greatest amount":             {line(math.MaxInt64, 0, 1, 0, 30*day), 9_223_362_813_482_738_952}, // MaxInt64 - MaxInt64/10^6
		"no window":                       {line(10_000, 0, 400_000, 0, 0), 10_000},
	} {
		if got := expected(t, returncurve.Default(), c.in); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if _, err := returncurve.Default().ExpectedNet(line(math.MinInt64, 1, 1, 0, 1)); !errors.Is(err, event.ErrOverflow) {
		t.Errorf("beyond an int64: %v", err)
	}
}

func drawCurve(t *rapid.T) (c returncurve.Curve) {
	days, ppm := int64(0), uint32(0)
	for range rapid.IntRange(0, 6).Draw(t, "points") {
		days += rapid.Int64Range(1, 20).Draw(t, "days")
		ppm += rapid.Uint32Range(0, 1_000_000-ppm).Draw(t, "more")
		c.Points = append(c.Points, returncurve.Point{Days: days, PPM: ppm})
	}
	c.Points = append(c.Points, returncurve.Point{Days: days + 1, PPM: 1_000_000})
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	return c
}

// For any curve, rate, window and amount: the expectation lies between the two ends, does not fall with age, and is what
// exact fractions give at the beginning and at the end.
func TestExpectedNetOfAnyLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCurve(t)
		l := returncurve.Line{
			PaidMinor: rapid.Int64Range(0, math.MaxInt64).Draw(t, "paid"),
			RatePPM:   rapid.Uint32Range(0, 1_000_000).Draw(t, "rate"),
			WindowMS:  rapid.Int64Range(1, 200*day).Draw(t, "window"),
		}
		l.RefundedMinor = rapid.Int64Range(0, l.PaidMinor).Draw(t, "refunded")
		net := l.PaidMinor - l.RefundedMinor
		least := new(big.Int).Mul(big.NewInt(net), big.NewInt(int64(1_000_000-l.RatePPM)))
		least.Quo(least, big.NewInt(1_000_000))
		a := rapid.Int64Range(0, l.WindowMS).Draw(t, "age")
		b := rapid.Int64Range(a, l.WindowMS).Draw(t, "later age")
		l.AgeMS = a
		early := expected(t, c, l)
		l.AgeMS = b
		late := expected(t, c, l)
		if early < least.Int64() || early > late || late > net {
			t.Fatalf("at %d ms %d, at %d ms %d; between %v and %d expected", a, early, b, late, least, net)
		}
		if l.AgeMS = l.WindowMS; expected(t, c, l) != net {
			t.Fatalf("at the window's end it is not %d", net)
		}
		if l.AgeMS = 0; expected(t, c, l)-least.Int64() > 1 &&
			l.WindowMS >= c.Points[len(c.Points)-1].Days*day {
			t.Fatalf("new, it is %d, not %v", expected(t, c, l), least)
		}
	})
}

func TestCurvesAreChecked(t *testing.T) {
	if err := returncurve.Default().Check(); err != nil {
		t.Error(err)
	}
	for name, points := range map[string][]returncurve.Point{
		"none":             nil,
		"days that fall":   {{Days: 3, PPM: 1}, {Days: 3, PPM: 1_000_000}},
		"a day zero":       {{Days: 0, PPM: 1_000_000}},
		"shares that fall": {{Days: 1, PPM: 2}, {Days: 2, PPM: 1}, {Days: 3, PPM: 1_000_000}},
		"not all come":     {{Days: 1, PPM: 999_999}},
		"more than all":    {{Days: 1, PPM: 1_000_001}},
	} {
		if err := (returncurve.Curve{Points: points}).Check(); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func BenchmarkExpectedNet(b *testing.B) {
	c := returncurve.Default()
	l := returncurve.Line{PaidMinor: 128_000, RatePPM: 400_000, AgeMS: 9 * day, WindowMS: 14 * day}
	for b.Loop() {
		_, _ = c.ExpectedNet(l)
	}
}
