package returncurve

import (
	"errors"
	"math/bits"

	"github.com/netsu/netsu/stream/event"
)

// whole is all of something, in parts per million.
const whole = 1_000_000

const dayMS = 24 * 3600 * 1000

// DefaultRatePPM is the return rate of products whose catalog entry names none [JUDG]: the middle of the 30 to 50 %
// that DOMAIN.md §4 gives for live shopping (10 to 15 % elsewhere, 50 to 60 % of women's wear).
const DefaultRatePPM = 400_000

// Point says that of all returns so many have come when an order is this old.
type Point struct {
	Days int64
	PPM  uint32
}

// Curve is when returns come: straight lines from nothing at age zero through its points. Its version is part of every
// number that was made with it.
type Curve struct {
	Version string
	Points  []Point // days and shares ascending; the last share is 1,000,000
}

// Default is a judgement [JUDG]: no source that DOMAIN.md names says when returns come. Some orders are cancelled
// before they are sent; parcels take two to four days; half of those who send back do so within a week of paying.
func Default() Curve {
	return Curve{Version: "judged-1", Points: []Point{
		{1, 80_000}, {3, 200_000}, {5, 340_000}, {7, 500_000}, {10, 700_000}, {14, 860_000}, {21, 960_000}, {30, whole},
	}}
}

// ErrCurve is what is wrong with a curve.
var ErrCurve = errors.New("a return curve needs ascending days above zero, and shares that do not fall and end with 1000000")

// Check tells whether the curve is one.
func (c Curve) Check() error {
	last := Point{}
	for _, p := range c.Points {
		if p.Days <= last.Days || p.Days > 10_000 || p.PPM < last.PPM {
			return ErrCurve
		}
		last = p
	}
	if last.PPM != whole {
		return ErrCurve
	}
	return nil
}

// Line is what is known of an order's line, or of an order.
type Line struct {
	PaidMinor, RefundedMinor int64
	RatePPM                  uint32 // of the category; above 1,000,000 counts as that
	AgeMS                    int64  // since it was paid; below zero counts as zero
	WindowMS                 int64  // how long it may be sent back
}

// ExpectedNet is what is expected to be left of the line when its window is over, to the nearest minor unit (half a
// unit counts as one). More refunded than paid stays as it is. The error is event.ErrOverflow.
//
// Returns come within the window or not at all: of a window that ends before the curve does, the curve up to there is
// taken as the whole, and where nothing has come by then, nothing does.
func (c Curve) ExpectedNet(l Line) (int64, error) {
	net, err := event.Sub(l.PaidMinor, l.RefundedMinor)
	if err != nil {
		return 0, err
	}
	rate := uint64(min(l.RatePPM, whole))
	if net <= 0 || rate == 0 || l.AgeMS >= l.WindowMS {
		return net, nil
	}
	came, all := uint64(c.cameBy(l.AgeMS)), uint64(c.cameBy(l.WindowMS))
	// net · (1-ρ) / (1 - ρ·came/all), all of it times a million times all: at most 10^12, so the product has 128 bits.
	kept, of := (whole-rate)*all, whole*all-rate*came
	if of == 0 {
		return net, nil // all that comes has come, or nothing comes in time
	}
	hi, lo := bits.Mul64(uint64(net), kept)
	lo, carry := bits.Add64(lo, of/2, 0)
	quotient, _ := bits.Div64(hi+carry, lo, of) // kept <= of, so it is at most net
	return int64(quotient), nil
}

// cameBy is the share of returns that have come at an age, cut to a whole part per million.
func (c Curve) cameBy(ageMS int64) uint32 {
	last := Point{}
	for _, p := range c.Points {
		if to := p.Days * dayMS; ageMS < to {
			from := last.Days * dayMS
			return last.PPM + uint32(max(0, ageMS-from)*int64(p.PPM-last.PPM)/(to-from))
		}
		last = p
	}
	return last.PPM
}
