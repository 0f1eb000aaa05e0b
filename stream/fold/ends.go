package fold

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// endsEvery is how old what a task knows of its log's end gets before it is asked for.
const endsEvery = 5 * time.Second

// endsUntil sees to it that tasks know where their logs end, and with it how far they are behind, while they do not fetch. One
// that is slow fetches only when it has folded what it had fetched before: minutes later, and until then it would seem to catch up.
func (r *Runner) endsUntil(stop <-chan struct{}) {
	tick := time.NewTicker(endsEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.askEnds()
		case <-stop:
			return
		}
	}
}

func (r *Runner) askEnds() {
	r.mu.Lock()
	var old []*task
	for _, t := range r.tasks {
		if t.endIsOld(time.Now()) {
			old = append(old, t)
		}
	}
	r.mu.Unlock()
	if len(old) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), endsEvery)
	defer cancel()
	ends, err := kadm.NewClient(r.group).ListEndOffsets(ctx, r.cfg.Stage.Input)
	if err != nil {
		r.cfg.Logger.Debug("the ends of logs, for lag displays, are not known", "err", err)
		return
	}
	for _, t := range old {
		if end, ok := ends.Lookup(r.cfg.Stage.Input, t.partition); ok && end.Err == nil {
			t.update(func(s *TaskStatus) {
				if s.State == Running {
					t.ends(s, end.Offset)
				}
			})
		}
	}
}

// endIsOld tells whether a task that runs has heard nothing of its log's end for a while.
func (t *task) endIsOld(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status.State == Running && now.Sub(t.heard) >= endsEvery
}

// ends notes where the log ends; t.mu is held. A fetch may be older than what was asked for since.
func (t *task) ends(s *TaskStatus, end int64) {
	if end > s.End {
		s.End, t.heard = end, time.Now()
	}
}
