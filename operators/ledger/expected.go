package ledger

import (
	"github.com/netsu/netsu/operators/returncurve"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// expectAt is the time by which is judged what may yet come back: the latest step, so that it is the same whenever in the
// step it is said, and next is when it is another. A campaign whose goods may come back is said then, though nothing was
// bought or sent back: the longer goods stay, the fewer will come.
func (f *Fold) expectAt() (ms, next int64) {
	if f.clock.SettledMs == minTime {
		return minTime, minTime + 1 // with the first tick
	}
	step := event.FloorDiv(f.clock.SettledMs, returncurve.StepMS)
	return step * returncurve.StepMS, (step + 1) * returncurve.StepMS
}

// countOpen puts a campaign's credit in (sign 1) or takes it out.
func (f *Fold) countOpen(open *returncurve.Open, c *eventpb.Credit, sign int64) error {
	window, err := event.Sub(c.SettlesMs, c.PaidMs)
	if err != nil {
		return err
	}
	now, _ := f.expectAt()
	for _, k := range c.Kept {
		part := returncurve.Part{RatePPM: k.ReturnRatePpm, NetMinor: k.NetMinor}
		if err := open.Count(part, c.PaidMs, window, sign, now); err != nil {
			return err
		}
	}
	return nil
}

// expected is what will be left of a campaign's net GMV; nil of a deal, and where that cannot be said.
func (f *Fold) expected(in *returnsIn) (*eventpb.Expected, error) {
	if in.open == nil {
		return nil, nil
	}
	curve := returncurve.Default()
	now, _ := f.expectAt()
	coming, ok, err := in.open.Coming(curve, now)
	if err != nil || !ok {
		return nil, err
	}
	left, err := event.Sub(in.sums.Net.Minor, coming)
	return &eventpb.Expected{NetMinor: left, ComingMinor: coming, Curve: curve.Version}, err
}
