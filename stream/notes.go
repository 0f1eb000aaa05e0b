package stream

import (
	"log/slog"
	"slices"
	"sync"
)

// notes are what this process does without for now: nothing that anybody was promised, so it is ready all the same. Each is
// said once in the log when it begins and when it ends, and at /readyz, as it is by then, for as long as it lasts. Who watches
// has an alert of each part's own. One for each part: bounded.
type notes struct {
	log *slog.Logger
	mu  sync.Mutex
	now map[string]string // by part
}

// Parts that can be done without.
const (
	partHistory = "history"
	partTape    = "tape"
)

// note says how it stands with a part; nil is well.
func (n *notes) note(part string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, noted := n.now[part]
	switch {
	case err == nil && noted:
		delete(n.now, part)
		n.log.Info("goes on", "part", part)
	case err != nil:
		n.now[part] = err.Error()
		if !noted { // the text changes as a disk fills
			n.log.Error("stands still; it is tried again", "part", part, "err", err)
		}
	}
}

// all is for /readyz, in a fixed order.
func (n *notes) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := []string{}
	for part, text := range n.now {
		all = append(all, part+": "+text)
	}
	slices.Sort(all)
	return all
}
