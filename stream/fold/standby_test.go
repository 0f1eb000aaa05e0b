package fold_test

import (
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/fold"
)

// several runs fn with so many machines.
func several(t *testing.T, n int, fn func(t *testing.T, w *world, ms []*machine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		var ms []*machine
		for i := range n {
			ms = append(ms, newMachine(t, string(rune('a'+i))))
		}
		defer func() {
			for _, m := range ms {
				w.must(m.db.Close())
			}
		}()
		fn(t, w, ms)
	})
}

func oneStandby(c *fold.Config) { c.Standbys = 1 }

// copies are the standbys of the processes that have come to the end of their changelog, by partition; and the process.
func copies(ps ...*process) map[int32]fold.StandbyStatus {
	all := map[int32]fold.StandbyStatus{}
	for _, p := range ps {
		for _, s := range p.runner.Status().Standbys {
			if s.MarkedMS > 0 && s.Next == s.End && s.Reason == "" {
				all[s.Partition] = s
			}
		}
	}
	return all
}

// mirrored talks until every partition has a standby that has copied all there is.
func (w *world) mirrored(ps ...*process) {
	w.t.Helper()
	for range 60 {
		w.talk(2)
		w.caughtUp(ps...)
		if len(copies(ps...)) == partitions {
			return
		}
	}
	w.t.Fatalf("no standby for each partition: %v", copies(ps...))
}

// When an owner dies, its partition goes to the member with the copy, which goes on from there.
func TestSuccessorGoesOnFromItsCopy(t *testing.T) {
	for _, members := range []int{2, 3} {
		several(t, members, func(t *testing.T, w *world, ms []*machine) {
			var ps []*process
			for _, m := range ms {
				ps = append(ps, w.start(m, oneStandby))
			}
			w.mirrored(ps...)
			w.talk(100)
			victim := slices.IndexFunc(ps, func(p *process) bool { return len(p.runner.Status().Tasks) > 0 })
			lost := ps[victim].runner.Status().Tasks[0].Partition
			copied := copies(ps...)[lost]
			ps[victim].kill()
			w.talk(40) // meanwhile the group notices
			w.caughtUp(ps...)
			found := false
			for i, p := range ps {
				if i == victim {
					continue
				}
				for _, s := range p.runner.Status().Tasks {
					if s.Partition != lost {
						continue
					}
					found = true
					if copied.Next < 20 || s.RestoreFrom < copied.Next-3 {
						t.Errorf("the successor read from offset %d to %d, its copy stood at %d", s.RestoreFrom, s.RestoreEnd, copied.Next)
					}
				}
			}
			if !found {
				t.Errorf("partition %d has no owner", lost)
			}
			ps[victim].bury()
			for i, p := range ps {
				if i != victim {
					p.shutdown()
				}
			}
			w.verify()
		})
	}
}

// A partition that moves away is copied where it was, and a member that leaves keeps nothing running.
func TestFormerOwnerBecomesTheStandby(t *testing.T) {
	several(t, 2, func(t *testing.T, w *world, ms []*machine) {
		reg := prometheus.NewRegistry()
		a := w.start(ms[0], func(c *fold.Config) { c.Standbys, c.Registerer = 1, reg })
		w.talk(20)
		w.caughtUp(a)
		if s := a.runner.Status().Standbys; len(s) != 0 {
			t.Errorf("alone, it keeps copies: %+v", s)
		}
		b := w.start(ms[1], oneStandby)
		w.mirrored(a, b)
		if s := a.runner.Status(); len(s.Standbys) != 1 || len(s.Tasks) != 1 || s.Standbys[0].Partition == s.Tasks[0].Partition {
			t.Errorf("it owns and copies %+v", s)
		}
		got := map[string]float64{}
		families, err := reg.Gather()
		w.must(err)
		for _, f := range families {
			for _, m := range f.Metric {
				got[f.GetName()] += m.GetGauge().GetValue()
			}
		}
		if age, ok := got["netsu_standby_freshness_seconds"]; got["netsu_standby_copies"] != 1 || got["netsu_standby_lag_records"] != 0 ||
			!ok || age < 0 || age > 60 {
			t.Errorf("metrics say %v", got)
		}
		b.shutdown()
		w.talk(20)
		w.caughtUp(a)
		if s := a.runner.Status(); len(s.Standbys) != 0 || len(s.Tasks) != 2 {
			t.Errorf("alone again, it owns and copies %+v", s)
		}
		groups, err := kadm.NewClient(w.client).DescribeGroups(t.Context(), "netsu-show")
		w.must(err)
		said, ok := groups["netsu-show"].Members[0].Join.AsConsumer()
		if !ok || !regexp.MustCompile(`^{"copies":{"0":[1-9]\d*,"1":[1-9]\d*}}$`).Match(said.UserData) {
			t.Errorf("it said of its copies: %s", said.UserData)
		}
		a.shutdown()
		w.verify()
	})
}

// A member of the version before, which knows the cooperative balancer only, shares the work; when the last of those is
// gone, there are standbys.
func TestUpgradeOneByOne(t *testing.T) {
	several(t, 2, func(t *testing.T, w *world, ms []*machine) {
		former := func(topic string) *kgo.Client {
			cl, err := w.broker.Cluster().Client(kgo.ConsumerGroup("netsu-show"), kgo.ConsumeTopics(topic),
				kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.DisableAutoCommit())
			w.must(err)
			time.Sleep(5 * time.Second)
			return cl
		}
		old := former(w.topics.Journal)
		a := w.start(ms[0], oneStandby)
		shared := func() int { return len(a.runner.Status().Tasks) }
		w.talk(40)
		if shared() != 1 || len(a.runner.Status().Standbys) != 0 {
			t.Errorf("beside an old member, it owns and copies %+v", a.runner.Status())
		}
		b := w.start(ms[1], oneStandby)
		w.talk(20)
		old.Close()
		w.mirrored(a, b)

		// And one by one back. What is copied here becomes what is owned here, without another word on standbys: the old
		// member consumes nothing that it could be given instead.
		old = former(w.topics.Credits)
		w.talk(30)
		b.shutdown()
		w.caughtUp(a)
		old.Close()
		w.caughtUp(a)
		if s := a.runner.Status(); len(s.Tasks) != 2 || len(s.Standbys) != 0 {
			t.Errorf("alone, it owns and copies %+v", s)
		}
		a.shutdown()
		w.verify()
	})
}
