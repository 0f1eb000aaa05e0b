package show

import (
	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Silence in a room is not the same as silence from ingest. A tick says up to when everything has been ingested; that
// time stands still while ingest lags, and leaps when it has caught up. So idleness is measured on a clock of our own,
// Fold.progress, which follows the ticks but takes no leap: of a step longer than leapMS it counts leapMS. During an
// outage no show grows idle, and after it none is found to have been silent for an hour whose events were merely late.
//
// An idle show's watermark then moves at the pace of that clock, from where its own event times left it:
//
//	watermark = min(maxEvent - 5 s + (idle - 10 s), ingested - 5 s - 10 s), never back
//
// The first keeps a show whose event times lag behind the wall clock (a slow connector, a replay of last year) from
// being overtaken by it; the second keeps one whose clock is ahead from closing what has not happened.
const leapMS = 2_000

// tick takes in how far ingest has come.
func (f *Fold) tick(ingestedMS int64, out *operators.Outputs) error {
	if ingestedMS > f.ingestedMS {
		if f.ingestedMS > 0 {
			f.progress += min(ingestedMS-f.ingestedMS, leapMS)
		}
		f.ingestedMS = ingestedMS
	}
	for i := 0; i < len(f.order); i++ {
		s := f.order[i]
		f.pass(s, out)
		if f.progress-s.activeAt >= dropAfterMS {
			if err := f.drop(s, out); err != nil {
				return err
			}
			i--
			continue
		}
		f.putAway(s)
	}
	return nil
}

// pass lets time pass for a show.
func (f *Fold) pass(s *show, out *operators.Outputs) {
	idle := f.progress - s.activeAt
	if idle < idleAfterMS || s.state == eventpb.RoomState_ROOM_STATE_ENDED && s.silent() {
		return
	}
	f.moveWatermark(s, min(s.maxEventMS-outOfOrderMS+idle-idleAfterMS, f.ingestedMS-outOfOrderMS-idleAfterMS), out)
	state := eventpb.RoomState_ROOM_STATE_IDLE
	end := f.catalog.show(s.id).GetEndMs()
	if s.silent() || end != 0 && s.watermarkMS >= end+endedGraceMS {
		state = eventpb.RoomState_ROOM_STATE_ENDED
	}
	if state != s.state {
		s.state = state
		f.change(s)
	}
	if s.silent() {
		s.settle()
	}
}

// silent tells whether nothing is left to happen in the room, as far as is known.
func (s *show) silent() bool { return s.final.frozen() && len(s.panes) == 0 }
