package returncurve

import (
	"cmp"
	"errors"
	"slices"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/stream/event"
)

// StepMS is a quarter of a day: what is to come is not known more finely than that, so it need not be asked more often.
const StepMS = dayMS / 4

const (
	// Orders are kept apart by when they were paid, to a step, and of windows longer than 16 days to a 64th.
	slotsAWindow = 64
	// openMax is room for 63 return rates. Of a scope that sells at more, nothing is expected any more.
	openMax = 4096
)

// Open is what may yet come back of many orders in one currency. Its zero value is empty. It is a function of the orders
// and of the time: whoever counts or asks gives it, and it does not go back.
type Open struct {
	lots []lot // in order
	over bool
}

// lot is what is left of orders of which as much has come back.
type lot struct {
	windowMS, slot int64
	ratePPM        uint32
	netMinor       int64
}

// Part is what is left of an order's products that come back at one rate.
type Part struct {
	RatePPM  uint32
	NetMinor int64
}

// Count puts a part of an order in (sign 1), or takes it out as it was put in (sign -1). The error is event.ErrOverflow.
func (o *Open) Count(p Part, paidMS, windowMS, sign, nowMS int64) error {
	l := lot{windowMS: windowMS, slot: event.FloorDiv(paidMS, slotOf(windowMS)), ratePPM: min(p.RatePPM, whole)}
	if o.over || p.NetMinor <= 0 || l.ratePPM == 0 || l.age(nowMS) >= windowMS {
		return nil
	}
	i, found := slices.BinarySearchFunc(o.lots, l, byTime)
	if !found {
		o.lots = slices.Insert(o.lots, i, l)
	}
	sum, err := event.Add(o.lots[i].netMinor, sign*p.NetMinor)
	if err != nil {
		return err
	}
	if o.lots[i].netMinor = sum; sum == 0 {
		o.lots = slices.Delete(o.lots, i, i+1)
	}
	if len(o.lots) <= openMax {
		return nil
	}
	if o.settle(nowMS); len(o.lots) > openMax {
		*o = Open{over: true}
	}
	return nil
}

// Empty tells whether nothing changes as time passes.
func (o *Open) Empty() bool { return len(o.lots) == 0 }

// Coming is what is expected to come back of what is net today. It is not ok of a scope that sells at too many rates.
func (o *Open) Coming(c Curve, nowMS int64) (minor int64, ok bool, err error) {
	o.settle(nowMS)
	for _, l := range o.lots {
		left, err := c.ExpectedNet(Line{PaidMinor: l.netMinor, RatePPM: l.ratePPM, AgeMS: l.age(nowMS), WindowMS: l.windowMS})
		if err == nil {
			minor, err = event.Add(minor, l.netMinor-left)
		}
		if err != nil {
			return 0, false, err
		}
	}
	return minor, !o.over, nil
}

// settle drops what cannot come back any more. Count leaves such lots as they are: nothing is coming of them.
func (o *Open) settle(nowMS int64) {
	o.lots = slices.DeleteFunc(o.lots, func(l lot) bool { return l.age(nowMS) >= l.windowMS })
}

// age is from the middle of the slot. At the beginning of time nothing has an age.
func (l lot) age(nowMS int64) int64 {
	slot := slotOf(l.windowMS)
	age, err := event.Sub(nowMS, l.slot*slot+slot/2)
	if err != nil {
		return 0
	}
	return age
}

func slotOf(windowMS int64) int64 { return max(StepMS, windowMS/slotsAWindow) }

func byTime(a, b lot) int {
	return cmp.Or(cmp.Compare(a.windowMS, b.windowMS), cmp.Compare(a.slot, b.slot), cmp.Compare(a.ratePPM, b.ratePPM))
}

// Encode writes o; DecodeOpen reads it.
func (o *Open) Encode(w *codec.Writer) {
	w.Bool(o.over)
	w.Uint(uint64(len(o.lots)))
	for _, l := range o.lots {
		w.Int(l.windowMS)
		w.Int(l.slot)
		w.Uint(uint64(l.ratePPM))
		w.Int(l.netMinor)
	}
}

// DecodeOpen is the inverse of Encode. Lots out of order are an error of the reader.
func DecodeOpen(r *codec.Reader) *Open {
	o := &Open{over: r.Bool()}
	n := r.Count(4)
	if n > openMax {
		r.Fail(errors.New("more lots of open orders than there can be"))
		return &Open{}
	}
	for i := range n {
		l := lot{windowMS: r.Int(), slot: r.Int(), ratePPM: uint32(r.Uint()), netMinor: r.Int()}
		if i > 0 && byTime(l, o.lots[i-1]) <= 0 || l.netMinor == 0 {
			r.Fail(errors.New("lots of open orders out of order, or empty"))
			return &Open{}
		}
		o.lots = append(o.lots, l)
	}
	return o
}
