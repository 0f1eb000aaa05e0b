package feed

import (
	"fmt"
	"time"
)

// slowness is how a connection is treated that cannot take what it asked for. What it cannot take is left out, which loses
// nothing, since a document's next frame starts from what the client holds. If a write has to wait all the same, its
// documents come less often, and it is told. Only when events find no room, or nothing at all is taken for writeWait, is it
// closed.
type slowness struct {
	every time.Duration // least time between two frames of a document; 0: it is not slow
	last  time.Time     // when a write had to wait, or its pace was changed
}

const (
	slowWrite  = 250 * time.Millisecond // a batch that takes longer had to wait for the client
	slowFirst  = 200 * time.Millisecond
	slowMost   = 3200 * time.Millisecond
	slowReview = 10 * time.Second // without a wait, after which it may have more again
)

// judge looks at a batch that was written; the notice is to be sent.
func (s *slowness) judge(began, now time.Time) *noticeFrame {
	before := s.every
	switch {
	case now.Sub(began) > slowWrite:
		s.every = min(max(2*s.every, slowFirst), slowMost)
		s.last = now
	case s.every > 0 && now.Sub(s.last) >= slowReview:
		if s.every /= 2; s.every < slowFirst {
			s.every = 0
		}
		s.last = now
	}
	switch {
	case s.every == before:
		return nil
	case s.every == 0:
		return &noticeFrame{"notice", 0, "well", "none", maxHz, "documents come as often as asked for again"}
	}
	hz := 1 / s.every.Seconds()
	return &noticeFrame{"notice", 0, "slow", "conflating", hz,
		fmt.Sprintf("this client takes frames too slowly: documents come %.2f times a second at most; nothing is lost", hz)}
}
