package stream_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/netsu/netsu/stream"
)

// TestKafkaRollingUpgrade runs a fleet with its roles split over processes of one version, and puts a process of the next
// beside each of them before it is told to stop, while records arrive. Then an older process comes by mistake: it refuses
// what it is given and says so, and is told to stop. What is final is what a quiet run says, and every witness has counted
// every event once.
func TestKafkaRollingUpgrade(t *testing.T) {
	f := newFleet(t)
	roles := []struct {
		name  string
		roles []stream.Role
	}{
		{"ingest", []stream.Role{stream.RoleIngest}},
		{"rooms", []stream.Role{stream.RoleShow, stream.RoleJourney}},
		{"money", []stream.Role{stream.RoleLedger, stream.RoleFeed}},
		{"viewers", []stream.Role{stream.RoleFeed}},
	}
	for _, r := range roles {
		f.start("old "+r.name, child{Roles: r.roles, Witness: 1})
	}
	f.move("as it was")
	f.await("old rooms", "old money")
	f.load()
	f.await()
	for _, r := range roles {
		folds := r.name == "rooms" || r.name == "money"
		if folds {
			f.move("a new process for " + r.name)
		}
		f.start("new "+r.name, child{Roles: r.roles, Witness: 2})
		if folds {
			f.await("old "+r.name, "new "+r.name)
			f.move("the old one for " + r.name + " told to stop")
		}
		f.stop("old " + r.name)
		f.await()
	}
	f.undisturbedTasks()

	f.move("an older process by mistake, told to stop")
	f.start("mistake", child{Roles: folding, Witness: 1})
	f.refused("mistake")
	f.stop("mistake")
	f.await("new rooms", "new money")
	f.land()
	f.account()
	for _, name := range []string{"new ingest", "new rooms", "new money", "new viewers"} {
		f.stop(name)
	}
	testify(f.ctx, t, f.k.Cluster, f.k.Topics, f.partitions)
}

// refused waits until the process has tasks and all of them are refused, for reasons that name both versions and the way
// out, of which its readiness is one, while those of the others run.
func (f *fleet) refused(name string) {
	f.t.Helper()
	clear := func(text string) bool {
		for _, say := range []string{"refused", "newer version of netsu", "has schema", "this program reads ", "left as it is"} {
			if !strings.Contains(text, say) {
				return false
			}
		}
		return true
	}
	p := f.living[name]
	if !f.until(func() bool {
		mine := p.trace.tasks()
		for _, s := range mine {
			if !clear(s.Reason) {
				return false
			}
		}
		return len(mine) >= 3
	}) {
		f.t.Fatalf("the older process is not refused what it has: %s", f.say())
	}
	answer, err := http.Get(p.trace.url + "readyz")
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusServiceUnavailable || !clear(string(text)) {
		f.t.Errorf("its readiness is %d, %v: %s", answer.StatusCode, err, text)
	}
	for other, p := range f.living {
		for _, s := range p.trace.tasks() {
			if other != name && s.Reason != "" {
				f.t.Errorf("task %s/%d of %s does not go on: %s", s.Stage, s.Partition, other, s.Reason)
			}
		}
	}
	f.t.Logf("its readiness: %.400s", text)
}
