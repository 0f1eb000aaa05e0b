package fold

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/state/disk"
)

// standby keeps a copy of a partition's state on this disk while another process owns it. It reads the changelog and
// touches nothing else; if it does not get on, nobody waits for it, and it tries again.
type standby struct {
	partition int32
	changelog changelog.Settings
	since     time.Time
	disk      func() *disk.Task // anew each time: a damaged database may have been replaced
	metrics   *metrics
	log       *slog.Logger

	after <-chan struct{} // as a task's
	life  context.Context
	stop  context.CancelFunc // asks for the end and returns at once; wait on done
	done  chan struct{}      // closed when the goroutine has ended; nothing is written after

	progress changelog.Following
	mu       sync.Mutex
	reason   string
	records  int64 // progress.Records when it failed
}

// run is the standby's goroutine.
func (s *standby) run() {
	defer close(s.done)
	defer s.stop()
	if s.after != nil {
		<-s.after
	}
	pause := pauseMin
	var said string // the reason logged last: a failure that goes on is logged once
	for s.life.Err() == nil {
		began := time.Now()
		err := changelog.Follow(s.life, s.changelog, s.disk(), &s.progress)
		if s.life.Err() != nil {
			return
		}
		s.failed(err)
		if time.Since(began) > 5*time.Minute {
			pause, said = pauseMin, "" // it had run well: this is a new failure
		}
		if err.Error() != said {
			said = err.Error()
			s.log.Warn("the standby copy cannot follow its changelog; trying again", "in", pause, "err", err)
		}
		select {
		case <-time.After(pause):
		case <-s.life.Done():
		}
		pause = min(2*pause, pauseMax)
	}
}

func (s *standby) failed(err error) {
	s.metrics.standbyFailures.Inc()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reason, s.records = err.Error(), s.progress.Records.Load()
}

// Status is the standby as of now.
func (s *standby) Status() StandbyStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.progress
	st := StandbyStatus{
		Partition: s.partition, Records: p.Records.Load(),
		Next: p.Next.Load(), End: p.End.Load(), MarkedMS: p.MarkedMS.Load(), Since: s.since,
	}
	if st.Records == s.records {
		st.Reason = s.reason // nothing has come since
	}
	return st
}

// copies are the partitions of which this disk has a copy, owned or not, with how far it has come. A mark that cannot be
// read is none: whoever restores there will say so.
func (r *Runner) copies() map[int32]int64 {
	c := r.cfg
	have := map[int32]int64{}
	for p := range c.Layout.Partitions[c.Stage.Changelog] {
		m, ok, err := c.DB.Task(c.Stage.Name, p).Mark()
		if err == nil && ok && m.ChangelogID == c.Layout.IDs[c.Stage.Changelog] {
			have[p] = m.ChangelogOffset
		}
	}
	return have
}

// placed takes note of what the group wants kept here. A partition that is still owned here, and to be given up, is copied
// from the next time on: the group comes back to it once it has been given up.
func (r *Runner) placed(partitions []int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return
	}
	r.wanted = partitions
	r.settle()
}

// settle stops the standbys that are not wanted and starts those that are. What is owned here is not copied, whatever was
// wanted: a group that an older process has joined says nothing of standbys, and what it said last still stands. r.mu is
// held.
func (r *Runner) settle() {
	for p, s := range r.standbys {
		if r.tasks[p] != nil || !slices.Contains(r.wanted, p) {
			s.stop()
			delete(r.standbys, p)
		}
	}
	for _, p := range r.wanted {
		if r.tasks[p] == nil && r.standbys[p] == nil {
			s := r.standby(p)
			s.after, r.writing[p] = r.writing[p], s.done
			r.standbys[p] = s
			go s.run()
		}
	}
}

func (r *Runner) standby(p int32) *standby {
	log := r.cfg.Logger.With("partition", p)
	s := &standby{
		partition: p, changelog: r.cfg.changelog(p, log), disk: func() *disk.Task { return r.cfg.DB.Task(r.cfg.Stage.Name, p) },
		metrics: r.metrics, log: log, since: time.Now(), done: make(chan struct{}),
	}
	s.life, s.stop = context.WithCancel(context.Background())
	return s
}
