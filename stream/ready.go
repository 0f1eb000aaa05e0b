package stream

import (
	"fmt"
	"time"

	"github.com/netsu/netsu/stream/feed"
	"github.com/netsu/netsu/stream/fold"
)

// staleAfter is how old the latest folded record of a running task may be. Ticks come four times a second, so a task that
// is older has nobody who writes to it, or does not keep up.
const staleAfter = 10 * time.Second

// readiness is what the folds of this process know; the feed adds what it knows of the meters.
func (p *Program) readiness() feed.Readiness {
	r := feed.Readiness{Assigned: true, Restored: true, Fresh: true, Notes: p.notes.all()}
	if r.Reasons = p.troubles.reasons(); len(r.Reasons) > 0 {
		r.Fresh = false
	}
	for _, f := range p.folds {
		st := f.Status()
		if !st.Joined {
			r.Assigned = false
			r.Reasons = append(r.Reasons, fmt.Sprintf("the %s fold has no partitions placed yet %s", st.Stage, st.Reason))
		}
		for _, t := range st.Tasks {
			name := fmt.Sprintf("%s/%d", st.Stage, t.Partition)
			switch {
			case t.Reason != "":
				r.Restored = false
				r.Reasons = append(r.Reasons, fmt.Sprintf("%s is %s: %s", name, t.State, t.Reason))
			case t.State != fold.Running:
				r.Restored = false
				r.Reasons = append(r.Reasons, fmt.Sprintf("%s is restoring: %d of %d%s", name, t.RestoreNext, t.RestoreEnd, waits(t)))
			default:
				if age := t.Age(time.Now()); t.AppendMS == 0 || age > staleAfter {
					r.Fresh = false
					r.Reasons = append(r.Reasons, fmt.Sprintf("%s has folded nothing newer than %s%s", name, since(t.AppendMS, age), waits(t)))
				}
			}
		}
	}
	return r
}

// waits says where a checkpoint hangs, as the fold stands still once the next one is due; or a restore, before it reads.
func waits(t fold.TaskStatus) string {
	if d := time.Since(t.WaitsSince); t.Waits != "" && d > staleAfter {
		return fmt.Sprintf(", and has been waiting for %v for %s", d.Round(time.Second), t.Waits)
	}
	return ""
}

func since(appendMS int64, age time.Duration) string {
	if appendMS == 0 {
		return "the beginning (is any process running the ingest role?)"
	}
	return age.Round(time.Second).String() + " ago"
}
