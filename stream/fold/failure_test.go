package fold_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/fold"
)

// reasons waits until every task of p has failed for what contains all of the texts, or the test fails.
func (p *process) reasons(t *testing.T, tasks int, texts ...string) {
	t.Helper()
	var s fold.Status
	for range 100 {
		time.Sleep(200 * time.Millisecond)
		s = p.runner.Status()
		n := 0
		for _, task := range s.Tasks {
			ok := task.Reason != ""
			for _, text := range texts {
				ok = ok && strings.Contains(task.Reason, text)
			}
			if ok {
				n++
			}
		}
		if n == tasks {
			return
		}
	}
	t.Errorf("status %+v, want %d tasks failed for %q", s, tasks, texts)
}

// alone runs fn with a world and a machine.
func alone(t *testing.T, fn func(t *testing.T, w *world, m *machine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		m := newMachine(t, "a")
		defer func() { w.must(m.db.Close()) }()
		fn(t, w, m)
	})
}

// remembered makes a checkpoint of something.
func remembered(w *world, m *machine) {
	p := w.start(m, nil)
	for range 10 {
		w.say(0, 5)
		time.Sleep(time.Second)
	}
	w.caughtUp(p)
	p.shutdown()
}

func TestRecordThatIsNoBlockStopsTheTask(t *testing.T) {
	alone(t, func(t *testing.T, w *world, m *machine) {
		p := w.start(m, nil)
		w.must(w.client.ProduceSync(context.Background(),
			&kgo.Record{Topic: w.topics.Journal, Partition: 1, Value: []byte("not a block")}).FirstErr())
		p.reasons(t, 1, "netsu.journal/1", "offset 0", "not a block")
		if p.runner.Status().Ready() {
			t.Error("ready with a failed task")
		}
		w.append(0, &eventpb.Block{Version: 99})
		p.reasons(t, 2, "not a block")
		p.shutdown()
	})
}

func TestStateOfOtherLogsIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*fold.Config)
		say    string
	}{
		"another log, as of the start": {nil, "deleted and made anew"},
		"another log, since the start": {func(c *fold.Config) {
			c.Layout.IDs[c.Stage.Input] = "0123456789abcdef0123456789abcdef"
		}, "was deleted and made anew while this process used it"},
		"other counts": {func(c *fold.Config) { c.Layout.Partitions[c.Topics.Credits]++ }, "must not change"},
	} {
		t.Run(name, func(t *testing.T) {
			alone(t, func(t *testing.T, w *world, m *machine) {
				remembered(w, m)
				if c.change == nil {
					_, err := kadm.NewClient(w.client).DeleteTopic(t.Context(), w.topics.Journal)
					w.must(err)
					_, err = broker.Create(t.Context(), w.broker.Cluster(), w.topics, partitions, 1)
					w.must(err)
					w.layout, err = broker.Load(t.Context(), w.broker.Cluster(), w.topics)
					w.must(err)
				}
				p := w.start(m, c.change)
				p.reasons(t, partitions, "refused", c.say)
				p.shutdown()
			})
		})
	}
}

func TestOffsetThatIsGoneIsSaid(t *testing.T) {
	alone(t, func(t *testing.T, w *world, m *machine) {
		remembered(w, m)
		for range 3 {
			w.say(0, 9)
		}
		adm := kadm.NewClient(w.client)
		ends, err := adm.ListEndOffsets(t.Context(), w.topics.Journal)
		w.must(err)
		_, err = adm.DeleteRecords(t.Context(), ends.Offsets())
		w.must(err)
		p := w.start(m, nil)
		p.reasons(t, partitions, "does not hold offset", "netsu.journal")
		p.shutdown()
	})
}

// TestBeginningWithoutStateWithinALog: where state is lost and the log cannot bring it back, a task refuses, and publishes nothing;
// one that is told to begins with what is left, and says so as long as its state lives. Others, new or on a trimmed log, say nothing.
func TestBeginningWithoutStateWithinALog(t *testing.T) {
	alone(t, func(t *testing.T, w *world, m *machine) {
		missing := func(p *process) (n int64) {
			for _, task := range p.runner.Status().Tasks {
				n += task.Missing
			}
			return n
		}
		works := func(m *machine, change func(*fold.Config)) int64 {
			p := w.start(m, change)
			w.say(0, 20) // something in every partition
			w.caughtUp(p)
			defer p.shutdown()
			return missing(p)
		}
		w.say(0, 20)
		if n := works(m, nil); n != 0 {
			t.Errorf("%d records are missing from a new task of a log that begins at its beginning", n)
		}
		adm := kadm.NewClient(w.client)
		ends, err := adm.ListEndOffsets(t.Context(), w.topics.Journal)
		w.must(err)
		_, err = adm.DeleteRecords(t.Context(), ends.Offsets())
		w.must(err)
		if n := works(m, nil); n != 0 {
			t.Errorf("%d records are missing from a task that has its state", n)
		}
		_, err = adm.DeleteTopic(t.Context(), w.topics.ShowChangelog)
		w.must(err)
		_, err = broker.Create(t.Context(), w.broker.Cluster(), w.topics, partitions, 1)
		w.must(err)
		w.layout, err = broker.Load(t.Context(), w.broker.Cluster(), w.topics)
		w.must(err)
		outputs := func() (n int64) {
			for _, topic := range []string{w.topics.Credits, w.topics.Meters, w.topics.Alerts} {
				ends, err := adm.ListEndOffsets(t.Context(), topic)
				w.must(err)
				ends.Each(func(o kadm.ListedOffset) { n += o.Offset })
			}
			return n
		}
		other := newMachine(t, "b")
		defer func() { w.must(other.db.Close()) }()
		before, gone := outputs(), int64(0)
		ends.Each(func(o kadm.ListedOffset) { gone += o.Offset })
		p := w.start(other, nil)
		p.reasons(t, partitions, "state is lost", "netsu.journal", "--begin-without-state")
		if n := missing(p); n != gone {
			t.Errorf("it says that %d records are missing, %d are", n, gone)
		}
		p.shutdown()
		if n := outputs(); n != before {
			t.Errorf("without state, %d outputs were published", n-before)
		}
		for _, told := range []bool{true, false} { // once there is state, nobody needs to be told
			if n := works(other, func(c *fold.Config) { c.BeginWithin = told }); n != gone {
				t.Errorf("told %v: it says that %d records are missing, %d are", told, n, gone)
			}
		}
	})
}

// Outputs that cannot be published stop the task before it makes a checkpoint of what followed; when they can, all
// comes.
func TestFailedOutputsAreSaidAgain(t *testing.T) {
	alone(t, func(t *testing.T, w *world, m *machine) {
		remembered(w, m)
		p := w.start(m, nil)
		w.caughtUp(p)
		adm := kadm.NewClient(w.client)
		limit := func(bytes string) {
			_, err := adm.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Name: "max.message.bytes", Value: &bytes}}, w.topics.Credits)
			w.must(err)
		}
		limit("10")
		for i := range 10 {
			w.say(i%3, 5)
			time.Sleep(time.Second)
		}
		p.reasons(t, partitions, "publishing outputs failed", "netsu.credits")
		limit("2097152")
		for i := range 10 {
			w.say(i%3, 5)
			time.Sleep(time.Second)
		}
		w.caughtUp(p)
		p.shutdown()
		w.verify()
	})
}

// A fold whose state grows past DirtyKeys within the interval is cut early.
func TestMuchDirtyStateIsCutEarly(t *testing.T) {
	alone(t, func(t *testing.T, w *world, m *machine) {
		reg := prometheus.NewRegistry()
		p := w.start(m, func(c *fold.Config) { c.DirtyKeys, c.CheckpointEvery, c.Registerer = 2, time.Hour, reg })
		for range 5 {
			w.say(0, 9)
			time.Sleep(100 * time.Millisecond)
		}
		w.caughtUp(p)
		for _, s := range p.runner.Status().Tasks {
			if s.End >= 0 && s.End != s.Offset {
				t.Errorf("the log of %d ends at %d and all of it is folded, to %d", s.Partition, s.End, s.Offset)
			}
			if s.Checkpointed.IsZero() {
				t.Errorf("no checkpoint of %d", s.Partition)
			}
		}
		families, err := reg.Gather()
		w.must(err)
		got := map[string]float64{}
		for _, f := range families {
			for _, m := range f.Metric {
				got[f.GetName()] += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
			got["series of "+f.GetName()] = float64(len(f.Metric))
		}
		if got["netsu_fold_lag_records"] != 0 || got["series of netsu_fold_lag_records"] == 0 {
			t.Errorf("lag is %v of %v tasks", got["netsu_fold_lag_records"], got["series of netsu_fold_lag_records"])
		}
		if got["netsu_fold_events_total"] != 45 || got["netsu_fold_outputs_total"] < 45 {
			t.Errorf("metrics say %v", got)
		}
		p.shutdown()
	})
}

// The group's offset is where the latest checkpoint stands, for lag displays.
func TestGroupOffsetFollows(t *testing.T) {
	alone(t, func(t *testing.T, w *world, m *machine) {
		remembered(w, m)
		offsets, err := kadm.NewClient(w.client).FetchOffsets(t.Context(), "netsu-show")
		w.must(err)
		for p := range int32(partitions) {
			o, _ := offsets.Lookup(w.topics.Journal, p)
			if end := w.end(w.topics.Journal, p); o.At != end {
				t.Errorf("the group's offset of %d is %d, want %d", p, o.At, end)
			}
		}
	})
}

func TestConfigurationIsChecked(t *testing.T) {
	for name, layout := range map[string]*broker.Layout{
		"no log":          {Partitions: map[string]int32{}},
		"other changelog": {Partitions: map[string]int32{"in": 4, "log": 3}},
	} {
		c := fold.Config{
			Cluster: &broker.Cluster{}, Layout: layout, DB: newMachine(t, name).db,
			Stage: fold.Stage{Name: "show", Input: "in", Changelog: "log", New: newCounting},
		}
		if _, err := fold.New(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := fold.New(fold.Config{}); err == nil {
		t.Error("an empty configuration was taken")
	}
}

// An owner that a confused process has fenced is still a member of the group: it asks, takes the partition back and
// goes on from its last checkpoint.
func TestFencedOwnerTakesItsPartitionBack(t *testing.T) {
	alone(t, func(t *testing.T, w *world, m *machine) {
		p := w.start(m, nil)
		for i := range 10 {
			w.say(i%3, 5)
			time.Sleep(time.Second)
		}
		intruder, err := changelog.Open(t.Context(), changelog.Settings{
			Cluster: w.broker.Cluster(), Topic: w.topics.ShowChangelog, TransactionalID: "netsu-show-0",
		})
		w.must(err)
		fenced := false
		for i := range 100 {
			w.say(i%3, 5)
			time.Sleep(100 * time.Millisecond)
			for _, s := range p.runner.Status().Tasks {
				fenced = fenced || s.Partition == 0 && strings.Contains(s.Reason, changelog.ErrFenced.Error())
			}
		}
		if !fenced {
			t.Error("it was not fenced")
		}
		intruder.Close()
		w.caughtUp(p)
		p.shutdown()
		w.verify()
	})
}
