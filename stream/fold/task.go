package fold

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/netsu/netsu/state/changelog"
)

// task owns a partition from its assignment to its loss. It tries until then: an attempt restores, folds, and ends with
// an error (then comes the next, after a pause) or with drain.
type task struct {
	cfg       Config
	partition int32
	producers *producers
	metrics   *metrics
	member    func(context.Context) error            // whether the group's coordinator still knows us
	same      func(context.Context, ...string) error // whether topics are still the layout's
	committed func(partition int32, offset int64)
	log       *slog.Logger

	after    <-chan struct{}    // closed once whoever wrote to the disk's part before writes no more; nil: nobody did
	life     context.Context    // ends when the task must drop everything at once
	kill     context.CancelFunc // ends it
	wanted   context.Context    // ends when the task shall come to an orderly end: drain
	unwanted context.CancelFunc
	done     chan struct{} // closed when the goroutine has ended; nothing is written after

	mu       sync.Mutex
	status   TaskStatus
	heard    time.Time // when status.End rose
	progress *changelog.Progress
}

// drain asks for a last checkpoint and the end. It returns at once; wait on done.
func (t *task) drain() { t.unwanted() }

// Pauses between attempts.
const (
	pauseMin = 500 * time.Millisecond
	pauseMax = 30 * time.Second
)

// run is the task's goroutine.
func (t *task) run() {
	defer close(t.done)
	defer t.kill()
	if t.after != nil {
		<-t.after // a standby that was told to stop: at most a batch is being written
	}
	pause := pauseMin
	var said string // the reason logged last: a failure that goes on is logged once
	for t.wanted.Err() == nil {
		began := time.Now()
		err := t.attempt()
		if err == nil || t.life.Err() != nil {
			return
		}
		t.metrics.failures.Inc()
		t.fail(err)
		if time.Since(began) > 5*time.Minute {
			pause, said = pauseMin, "" // it had run well: this is a new failure
		}
		if err.Error() != said {
			said = err.Error()
			t.log.Error("task failed; restoring it again", "in", pause, "err", err)
		}
		if !t.rest(pause) {
			return
		}
		pause = min(2*pause, pauseMax)
		if errors.Is(err, changelog.ErrFenced) {
			t.metrics.fenced.Inc()
			if !t.askGroup() {
				return
			}
		}
	}
}

// rest waits; false means that the task is not wanted any more.
func (t *task) rest(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.wanted.Done():
		return false
	}
}

// askGroup waits until the group's coordinator confirms that we are a member. Whoever fenced us may be the rightful
// owner, and we a zombie that has not heard yet: raising the epoch again would fence them.
func (t *task) askGroup() bool {
	for t.wanted.Err() == nil {
		err := t.member(t.wanted)
		if err == nil {
			return true
		}
		t.fail(fmt.Errorf("fenced, and the group does not confirm this member: %w", err))
		if !t.rest(2 * time.Second) {
			return false
		}
	}
	return false
}

func (t *task) fail(err error) {
	t.update(func(s *TaskStatus) { s.State, s.Reason, s.Since = Failed, err.Error(), time.Now() })
}

func (t *task) update(fn func(*TaskStatus)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fn(&t.status)
}

// Status is the task as of now.
func (t *task) Status() TaskStatus {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.status
	if t.progress != nil {
		s.RestoreFrom, s.RestoreNext, s.RestoreEnd = t.progress.From.Load(), t.progress.Next.Load(), t.progress.End.Load()
	}
	return s
}
