package stream_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

// drop deletes a topic; remake makes it anew, as `netsu topics create` does.
func (w *world) drop(topic string) {
	w.t.Helper()
	if _, err := kadm.NewClient(w.root.Client(w.t)).DeleteTopic(w.ctx, topic); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) remake() { w.root.Create(w.t, 4) }

// says waits until a process says all of the texts, in its log or as why its tasks fail.
func (w *world) says(m *member, texts ...string) time.Duration {
	w.t.Helper()
	return w.until("saying "+strings.Join(texts, ", "), 2*time.Minute, func() bool {
		all := m.said.String() + m.reasons()
		for _, text := range texts {
			if !strings.Contains(all, text) {
				return false
			}
		}
		return true
	})
}

// halves plays the scenario with a pause in its middle, when all that was sent is ingested, for fn.
func (w *world) halves(fn func()) {
	w.t.Helper()
	all := w.sc.records
	middle := len(all) / 2
	play := func(records []source.Record) {
		part := *w
		part.sc.records = records
		part.begin()()
	}
	play(all[:middle])
	ingested(w.ctx, w.t, w.root.Cluster, w.root.Topics)
	fn()
	play(all[middle:])
}

// TestFaultDeletedTopics: a topic that is deleted while the program runs, and made anew under its name, is noticed and named; what
// would be wrong with the new one is refused, the rest goes on, and what the runbook says to do leads out.
func TestFaultDeletedTopics(t *testing.T) {
	seed, want := undisturbed(t)
	for _, c := range []struct {
		topic string
		do    func(w *world, want map[string]string)
		brief bool // without -long too
	}{
		{"orders", (*world).loseOrders, true},
		{"a changelog", (*world).loseChangelog, true},
		{"meters", (*world).loseMeters, false},
		{"journal", (*world).loseJournal, false},
		{"journeys", (*world).loseJourneys, false},
		{"credits", (*world).loseCredits, false},
		{"alerts", (*world).loseAlerts, false},
		{"dead letters", (*world).loseDeadLetters, false},
	} {
		if !c.brief && !*long {
			continue
		}
		t.Run(c.topic, func(t *testing.T) {
			inWorld(t, seed, 1, func(w *world) { c.do(w, want) })
		})
	}
}

// dropped starts a process on a disk, plays the scenario to it, deletes a topic in the middle and makes it anew.
func (w *world) dropped(topic, dir string) (m *member, wait func()) {
	w.t.Helper()
	m = w.start(w.as("netsu", w.net.DialContext), dir)
	w.until("running", time.Minute, func() bool { return m.running(12) })
	wait = w.begin()
	time.Sleep(45 * time.Second) // the disk has been written
	w.drop(topic)
	gone := w.says(m, "topic "+topic+" is gone")
	w.remake()
	anew := w.says(m, topic+" was deleted and made anew")
	w.t.Logf("said to be gone after %v, to be made anew after %v", gone, anew)
	return m, wait
}

// again starts a process on a disk where one has been before.
func (w *world) again(dir string) *member { return w.start(w.as("netsu", w.net.DialContext), dir) }

// recovered starts a process on a disk and waits until it works.
func (w *world) recovered(dir string) *member {
	w.t.Helper()
	m := w.again(dir)
	back := w.until("at work", time.Minute, func() bool { return m.running(12) && m.fresh() })
	w.t.Logf("at work %v after its start", back)
	return m
}

// stateAway moves the state of a data directory away.
func (w *world) stateAway(dir string) {
	w.t.Helper()
	if err := os.Rename(filepath.Join(dir, "state"), filepath.Join(dir, "away")); err != nil {
		w.t.Fatal(err)
	}
}

// All of the old topic had been taken; what comes in the new one is another source, from its beginning.
func (w *world) loseOrders(want map[string]string) {
	m := w.start(w.as("netsu", w.net.DialContext), w.t.TempDir())
	w.until("running", time.Minute, func() bool { return m.running(12) })
	w.halves(func() {
		w.drop("netsu.orders")
		gone := w.says(m, "topic netsu.orders is gone")
		w.remake()
		back := w.until("running again", time.Minute, func() bool { return m.running(12) && m.fresh() })
		w.t.Logf("said to be gone after %v; at work %v after it was made anew", gone, back)
	})
	w.judge(want)
}

// The state of a changelog's tasks is on their disk, but nobody else could take over from the new topic.
func (w *world) loseChangelog(want map[string]string) {
	dir := w.t.TempDir()
	m, wait := w.dropped("netsu.ledger.changelog", dir)
	w.until("the ledger refusing", time.Minute, func() bool { return w.failed(m, "ledger") == 4 })
	time.Sleep(time.Minute) // some attempts
	for stage, n := range map[string]int{"show": 0, "journey": 0, "ledger": 4} {
		if got := w.failed(m, stage); got != n {
			w.t.Errorf("%d tasks of %s fail, want %d", got, stage, n)
		}
	}
	// Not by what they find in it: what else might they find in time, or a task without a disk?
	if n := strings.Count(m.reasons(), "was deleted and made anew"); n != 4 {
		w.t.Errorf("%d tasks fail because the topic is another, want 4:\n%s", n, m.reasons())
	}
	for p := range int32(4) {
		if n := w.fake.PartitionInfo("netsu.ledger.changelog", p).HighWatermark; n > 0 {
			w.t.Errorf("%d records were written to partition %d of a changelog that is refused", n, p)
		}
	}
	wait()
	m.stop()
	m = w.again(dir)
	w.says(m, "the state on this disk belongs to another changelog", "Move the state directory away")
	m.stop()
	w.stateAway(dir)
	w.recovered(dir)
	w.judge(want)
}

// What quiet scopes had said is gone with the meters; nobody is to find that out by a page that is empty.
func (w *world) loseMeters(want map[string]string) {
	dir := w.t.TempDir()
	m, wait := w.dropped("netsu.meters", dir)
	time.Sleep(2 * time.Minute)
	if n := len(w.now()); n > 0 {
		w.t.Errorf("%d meters are in the new topic before anybody has said that they may be", n)
	}
	m.stop()
	wait()
	w.recovered(dir)
	w.judge(want) // all scopes change once more in the end
}

// The show's state is of the old journal. Money does not come by the journal, and goes on.
func (w *world) loseJournal(want map[string]string) {
	dir := w.t.TempDir()
	m, wait := w.dropped("netsu.journal", dir)
	w.until("the show refusing", 3*time.Minute, func() bool { return w.failed(m, "show") == 4 })
	before := finals(w.now())
	wait()
	ingested(w.ctx, w.t, w.root.Cluster, w.root.Topics)
	w.until("the money of an undisturbed run", 5*time.Minute, func() bool { return diff(money(want), money(finals(w.now()))) == "" })
	if d := diff(rooms(before), rooms(finals(w.now()))); d != "" {
		w.t.Errorf("rooms have moved on with a journal that is not theirs:\n%s", d)
	}
	m.stop()
	m = w.again(dir)
	w.says(m, "refused: the state is of log netsu.journal")
	m.stop()
	w.madeAnew(want, dir, "netsu.journal", "netsu.show.changelog")
}

// madeAnew takes the runbook's way out for a log that ingest fills: the log goes once more, its fold's changelog with it, and ingest
// alone fills it before the folds begin.
func (w *world) madeAnew(want map[string]string, dir string, topics ...string) {
	w.t.Helper()
	for _, topic := range topics {
		w.drop(topic)
	}
	w.remake()
	w.ingestAnew(w.root.Topics.Raw()...)
	w.stateAway(dir)
	w.recovered(dir)
	latest := settled(w.ctx, w.t, w.root.Cluster, w.root.Topics, w.sc.shows, 5*time.Second)
	w.sc.judge(w.t, latest)
	w.same(want, latest)
}

// ingestAnew fills a log that was made anew: ingest alone reads the raw topics named from their start. The other logs have those
// events already, and their folds drop by its place what they have seen. Dead letters are written again.
func (w *world) ingestAnew(raw ...string) {
	w.t.Helper()
	var offsets kadm.Offsets
	for _, topic := range raw {
		for p := range int32(4) {
			if p == 0 || topic != w.root.Topics.Catalog {
				offsets.AddOffset(topic, p, 0, -1)
			}
		}
	}
	group := ingest.Group(w.root.Topics)
	if err := kadm.NewClient(w.root.Client(w.t)).CommitAllOffsets(w.ctx, group, offsets); err != nil {
		w.t.Fatal(err)
	}
	m := w.start(w.as("netsu", w.net.DialContext), w.t.TempDir(), stream.RoleIngest)
	ingested(w.ctx, w.t, w.root.Cluster, w.root.Topics)
	m.stop()
}

// The journeys' state is of the old log. What that said is still in the raw topics: read anew, they say it again.
func (w *world) loseJourneys(want map[string]string) {
	dir := w.t.TempDir()
	m, wait := w.dropped("netsu.journeys", dir)
	w.until("the journeys refusing", 3*time.Minute, func() bool { return w.failed(m, "journey") == 4 })
	wait()
	ingested(w.ctx, w.t, w.root.Cluster, w.root.Topics)
	m.stop()
	m = w.again(dir)
	w.says(m, "refused: the state is of log netsu.journeys", "Delete and make the changelog netsu.journey.changelog anew too")
	m.stop()
	w.madeAnew(want, dir, "netsu.journeys", "netsu.journey.changelog")
}

// Credits follow from the journeys: when both folds begin anew, with the journeys' log as it was, they are the same.
func (w *world) loseCredits(want map[string]string) {
	dir := w.t.TempDir()
	m, wait := w.dropped("netsu.credits", dir)
	w.until("the ledger refusing", 3*time.Minute, func() bool { return w.failed(m, "ledger") == 4 })
	if n := w.failed(m, "show"); n > 0 {
		w.t.Errorf("%d tasks of the show fail, which has nothing to do with credits", n)
	}
	wait()
	ingested(w.ctx, w.t, w.root.Cluster, w.root.Topics)
	m.stop()
	m = w.again(dir)
	w.says(m, "refused: the state is of log netsu.credits", "Delete and make the changelog netsu.ledger.changelog anew too")
	m.stop()
	for _, topic := range []string{"netsu.credits", "netsu.ledger.changelog", "netsu.journey.changelog"} {
		w.drop(topic)
	}
	w.remake()
	w.ingestAnew(w.root.Topics.Catalog)
	w.stateAway(dir)
	w.recovered(dir)
	w.judge(want)
}

// What was told is gone with the alerts, and nobody tells more before somebody has said that it may be so.
func (w *world) loseAlerts(want map[string]string) {
	dir := w.t.TempDir()
	m, wait := w.dropped("netsu.alerts", dir)
	wait()
	time.Sleep(2 * time.Minute)
	n := 0
	if err := readTopic(w.ctx, w.root.Cluster, w.root.Topics.Alerts, func(*kgo.Record) { n++ }); err != nil {
		w.t.Fatal(err)
	}
	if n > 0 {
		w.t.Errorf("%d alerts are in the new topic before anybody has said that they may be", n)
	}
	m.stop()
	w.recovered(dir)
	w.judge(want)
	if err := readTopic(w.ctx, w.root.Cluster, w.root.Topics.Alerts, func(*kgo.Record) { n++ }); err != nil || n == 0 {
		w.t.Errorf("%d alerts in the end, %v: that there were none before shows nothing", n, err)
	}
}

// Nothing bad gets lost by there being nowhere to put it: the letters wait, and with them the commits, while events go on.
func (w *world) loseDeadLetters(want map[string]string) {
	m := w.start(w.as("netsu", w.net.DialContext), w.t.TempDir())
	w.until("running", time.Minute, func() bool { return m.running(12) })
	wait := w.begin()
	time.Sleep(20 * time.Second)
	before := sum(deadLetters(w.ctx, w.t, w.root.Cluster, w.root.Topics))
	w.drop("netsu.deadletters")
	gone := w.says(m, "topic netsu.deadletters is gone")
	time.Sleep(20 * time.Second)
	if !m.fresh() {
		w.t.Error("folds wait for dead letters")
	}
	w.remake()
	back := w.until("fresh", 2*time.Minute, m.fresh)
	w.t.Logf("said to be gone after %v; fresh %v after it was made anew", gone, back)
	wait()
	latest := settled(w.ctx, w.t, w.root.Cluster, w.root.Topics, w.sc.shows, 5*time.Second)
	w.sc.judge(w.t, latest)
	w.same(want, latest)
	// One may be written between the look and the deletion.
	after := sum(deadLetters(w.ctx, w.t, w.root.Cluster, w.root.Topics))
	if lost := sum(w.sc.truth.Bad) - before - after; after == 0 || lost < 0 || lost > 1 {
		w.t.Errorf("%d dead letters before, %d after, %d in all", before, after, sum(w.sc.truth.Bad))
	}
}

// now are the meters as they lie in their topic.
func (w *world) now() map[string]*eventpb.Meter {
	latest, err := meters(w.ctx, w.root.Cluster, w.root.Topics)
	if err != nil {
		w.t.Fatal(err)
	}
	return latest
}

// failed are a stage's tasks that fail.
func (w *world) failed(m *member, stage string) (n int) {
	for _, f := range m.Folds() {
		for _, task := range f.Tasks {
			if f.Stage == stage && task.Reason != "" {
				n++
			}
		}
	}
	return n
}

func only(all map[string]string, parts ...string) map[string]string {
	kept := maps.Clone(all)
	maps.DeleteFunc(kept, func(key, _ string) bool {
		for _, part := range parts {
			if strings.Contains(key, "/"+part) {
				return false
			}
		}
		return true
	})
	return kept
}

func money(all map[string]string) map[string]string { return only(all, "money", "earnings", "cost") }
func rooms(all map[string]string) map[string]string {
	return only(all, "room", "insight", "trend", "profile")
}
