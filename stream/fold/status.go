package fold

import "time"

// State is what a task is doing.
type State string

// The states of a task. It goes from Restoring to Running, and from either to Failed and back to Restoring.
const (
	Restoring State = "restoring"
	Running   State = "running"
	Failed    State = "failed" // it will try again; see Reason
)

// Status is a stage in this process as of now.
type Status struct {
	Stage string
	// Joined tells whether the group has placed partitions here (perhaps none) and has not thrown us out since.
	Joined bool
	Reason string // why the group was left last, if it was
	Tasks  []TaskStatus
	// Standbys are the copies of other processes' partitions that are kept here. They are not waited for.
	Standbys []StandbyStatus
}

// Ready tells whether all that is placed here is running.
func (s Status) Ready() bool {
	for _, t := range s.Tasks {
		if t.State != Running {
			return false
		}
	}
	return s.Joined
}

// TaskStatus is one task.
type TaskStatus struct {
	Partition int32
	State     State
	Reason    string    // of the latest failure; "" once it runs
	Since     time.Time // in this state
	Offset    int64     // next to fold; -1 until known
	End       int64     // where the log ended when that was heard last; -1 until known
	AppendMS  int64     // append time of the latest record folded; 0: none yet
	Folded    time.Time // when that was, or when the task began to run
	// Restore: where it began to read the changelog, the next offset, and where it ends. The latter are equal when done.
	RestoreFrom, RestoreNext, RestoreEnd int64
	Checkpointed                         time.Time // when the latest checkpoint ended; zero: none yet
	Waits                                string    // what the checkpoint that is being written waits for, or a restore before it reads; "": nothing
	WaitsSince                           time.Time // since when there is this checkpoint, or restore
	Missing                              int64     // records at the log's beginning that are in no state: it refuses to begin, or was told to
}

// Age is how old what the task has folded last is at a time, its freshness: by append time, and not less than how long ago it was
// folded. Where this machine's clock is behind the broker's, a task that stands still would else be fresh until it has caught up.
func (s *TaskStatus) Age(now time.Time) time.Duration {
	return max(now.Sub(time.UnixMilli(s.AppendMS)), now.Sub(s.Folded))
}

// StandbyStatus is one copy.
type StandbyStatus struct {
	Partition int32
	Reason    string // why it cannot follow; "" while it does
	Records   int64  // of the changelog, read since it is a standby
	Next, End int64  // next offset of the changelog to read, and where it ended at the latest fetch
	MarkedMS  int64  // when the newest checkpoint in the copy was made; 0: none was read yet
	Since     time.Time
}
