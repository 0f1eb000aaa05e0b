package stream_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/feed/livemeter"
	"github.com/netsu/netsu/stream/sim"
)

var (
	feedKills   = flag.Int("feed.kills", 12, "how often the feed process is killed")
	feedClients = flag.Int("feed.clients", 50, "how many clients it has")
)

// TestKilledFeedIsNotMissedByItsClients kills a feed process again and again, with records coming in and clients of all kinds
// connected. Every client ends with the documents of one that was never cut, byte for byte, and was told of every event
// once. The folds and the broker live on, and so does a second feed process, which serves the clients that are never cut.
//
//	              ┌─ folds (a process) ─┐
//	records ─▶ broker ─────────────────▶ broker ─▶ feed that is killed ◀── most clients ─── balancer
//	                                          └──▶ feed that is not    ◀── the control, and who fails over ┘
//
// With a real Kafka in the environment it is over that, else over the embedded broker.
func TestKilledFeedIsNotMissedByItsClients(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	s := newFeedStorm(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Duration(*feedKills)*8*time.Second)
	defer cancel()
	s.populate(ctx)
	loading, enough := context.WithCancel(ctx)
	defer enough()
	produced := make(chan error, 1)
	go func() { produced <- produce(loading, s.kafka.Cluster, s.kafka.Topics, s.scenario.records, 800) }()
	s.killAll(ctx)
	enough()
	if err := <-produced; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal("producing:", err)
	}
	s.folds.kill() // what is in the logs now is all
	s.swing.rag(false)
	s.converge(ctx)
	s.moments(ctx, 200) // more than are sent again
	s.absent.shut(false)
	s.clients = append(s.clients, s.away)
	s.converge(ctx)
	s.judge()
}

// feedStorm is the processes and the clients of the test.
type feedStorm struct {
	*testing.T
	kafka    brokertest.Kafka
	producer *kgo.Client
	scenario scenario
	rng      *rand.Rand
	feed     child // the one that is killed
	at       string
	folds    *process
	victim   *process
	calm     string // address of the feed that is not killed
	swing    *balancer
	absent   *balancer
	control  *follower
	away     *follower // is kept out until the end
	clients  []*follower
	swinging int // of the clients
	said     int // alerts of the test's own
	streams  []*listener
	kills    int
	early    int // kills while the feed was still reading its logs
}

func newFeedStorm(t *testing.T) *feedStorm {
	s := &feedStorm{T: t, rng: rand.New(rand.NewPCG(uint64(*feedKills), 7))}
	if os.Getenv(brokertest.BrokersEnv) != "" {
		s.kafka = brokertest.Real(t)
	} else {
		s.kafka = brokertest.Embedded(t)
	}
	s.kafka.Create(t, 4)
	s.producer = s.kafka.Client(t)
	seeds := brokersOf(os.Getenv(brokertest.BrokersEnv))
	if s.kafka.Embedded != nil {
		seeds = []string{s.kafka.Embedded.Addr()}
	}
	s.scenario = play(t, 99, 20*time.Minute, 2, sim.Wire{Disorder: 2 * time.Second, DuplicateRate: .01, BadRate: .002})
	process := func(roles ...stream.Role) child {
		return child{DataDir: t.TempDir(), Brokers: seeds, Prefix: s.kafka.Prefix, Roles: roles,
			Listen: fmt.Sprintf("127.0.0.1:%d", freePort(t))}
	}
	s.folds = start(t, process(stream.RoleIngest, stream.RoleShow, stream.RoleJourney, stream.RoleLedger))
	s.feed = process(stream.RoleFeed)
	s.at = s.feed.Listen
	calm := process(stream.RoleFeed)
	s.calm = calm.Listen
	s.victim = start(t, s.feed)
	start(t, calm)
	s.swing, s.absent = newBalancer(t, s.at, s.calm), newBalancer(t, s.at, s.at)
	return s
}

// feedSubs are what clients subscribe to.
var feedSubs = []livemeter.Sub{
	{Topic: "shows"},
	{Topic: "shows", Fields: []string{"campaigns"}, MaxHz: 1},
	{Topic: "shows", Fields: []string{}},
	{Topic: "show/hana-evening"},
	{Topic: "show/hana-evening", Fields: []string{"room.provisional.heat", "state"}, MaxHz: 4},
	{Topic: "show/ren-kitchen"},
	{Topic: "show/mika-desk", Fields: []string{"money.gmv.net", "conversion", "trend"}},
	{Topic: "show/noa-first-show"}, // a small room, of which a state stays for a while
	{Topic: "esol/hana"},
	{Topic: "esol/kai", Fields: []string{"money"}, MaxHz: 2},
	{Topic: "campaign/dew-spring"},
	{Topic: "campaign/north-fall", Fields: []string{"returns", "total"}, MaxHz: 1},
	{Topic: "brand/asadew"},
	{Topic: "brand/silklane", Fields: []string{"money.gmv", "as_of"}},
}

// populate connects the clients, before there is anything to be seen, so that all of them see the same.
func (s *feedStorm) populate(ctx context.Context) {
	s.control = s.follower("control", s.calm, nil, feedSubs...)
	for i := range *feedClients {
		var subs []livemeter.Sub
		for _, j := range s.rng.Perm(len(feedSubs))[:1+i%3] {
			subs = append(subs, feedSubs[j])
		}
		name := fmt.Sprintf("client %d", i)
		switch {
		case i%10 == 0:
			s.clients = append(s.clients, s.follower(name+" that reads slowly", s.at, slowRead, subs...))
		case i%10 == 1:
			w := s.follower(name+" whose user is slow", s.at, nil, subs...)
			w.dawdle()
			s.clients = append(s.clients, w)
		case i%10 < 5:
			s.swinging++
			s.clients = append(s.clients, s.follower(name+" that fails over", s.swing.addr, nil, subs...))
		default:
			s.clients = append(s.clients, s.follower(name, s.at, nil, subs...))
		}
	}
	s.away = s.follower("client that stays away", s.absent.addr, nil, feedSubs[0], feedSubs[3])
	for i, sub := range []livemeter.Sub{feedSubs[0], feedSubs[3], feedSubs[10], feedSubs[5]} {
		s.streams = append(s.streams, s.listener(sub, i%2 == 0))
	}
	s.await(ctx, "the clients have subscribed", func() string {
		for _, w := range append([]*follower{s.control, s.away}, s.clients...) {
			if why := w.unready(); why != "" {
				return why
			}
		}
		for _, l := range s.streams {
			if l.cursor() == "" {
				return l.name + " has no cursor yet"
			}
		}
		return ""
	})
	s.absent.shut(true)
	s.swing.rag(true)
}

// moments says alerts and restatements beside those of the folds, which are rare in a minute of shows.
func (s *feedStorm) moments(ctx context.Context, n int) {
	for range n {
		s.said++
		show := s.scenario.shows[s.said%len(s.scenario.shows)]
		a := &eventpb.Alert{Id: fmt.Sprintf("show/%s/ignition/%d", show, s.said), Scope: "show/" + show, ShowId: show,
			Kind: "ignition", TimeMs: time.Now().UnixMilli(), EsolId: []string{"hana", "kai", "noa"}[s.said%3]}
		if s.said%4 == 0 {
			a.Scope, a.Kind = "campaign/dew-spring", operators.Restate
			a.Restatement = &eventpb.Restatement{Reason: eventpb.Restatement_REFUND, Revision: int64(s.said), Orders: 1,
				FromMs: a.TimeMs, ToMs: a.TimeMs, OrderIds: []string{"1001"}}
		}
		value, err := a.MarshalVTStrict()
		if err != nil {
			s.Fatal(err)
		}
		source := fmt.Sprintf("show/1000/%d/0", s.said) // of a partition that the folds do not have
		if err := s.producer.ProduceSync(ctx, &kgo.Record{Topic: s.kafka.Topics.Alerts, Key: []byte(a.EsolId), Value: value,
			Headers: []kgo.RecordHeader{{Key: "netsu-source", Value: []byte(source)}}}).FirstErr(); err != nil {
			s.Fatal("producing an alert:", err)
		}
	}
}

// killAll kills the feed again and again: most of the time once clients have come back, sometimes while it is still starting.
func (s *feedStorm) killAll(ctx context.Context) {
	s.await(ctx, "there is something to see", func() string { return s.control.lacks("shows") })
	for s.kills < *feedKills {
		early := s.kills%5 == 4
		if !early {
			s.returned(ctx)
		}
		s.pause(ctx, time.Duration(100+s.rng.IntN(700))*time.Millisecond)
		if how, over := s.victim.ended(); over {
			s.Fatalf("before kill %d the feed had ended by itself: %s", s.kills, how)
		}
		s.victim.kill()
		if status, ok := s.victim.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			s.Fatalf("kill %d: the feed ended as %v", s.kills, s.victim.cmd.ProcessState)
		}
		s.kills++
		s.moments(ctx, 3) // nobody is told of them, until they are sent again; not so many that a client that waits misses 128
		if early {
			s.early++
		}
		s.victim = start(s.T, s.feed)
	}
	s.returned(ctx)
}

// returned waits until clients have come back to the feed and hold documents of it, and has those that failed over do so.
func (s *feedStorm) returned(ctx context.Context) {
	began := map[*follower]int{}
	for _, w := range s.clients {
		began[w] = w.proven()
	}
	s.await(ctx, "the feed is live again", func() string {
		if res, err := http.Get("http://" + s.at + "/readyz"); err != nil {
			return err.Error()
		} else if res.Body.Close(); res.StatusCode != http.StatusOK {
			return res.Status
		}
		return ""
	})
	s.swing.home()
	for i, w := range s.clients {
		if i%2 == 0 { // the others wait as long as they would
			w.client.Retry()
		}
	}
	s.await(ctx, "clients have come back", func() string {
		back := 0
		for w, n := range began {
			if w.proven() > n {
				back++
			}
		}
		if back < len(s.clients)/2 {
			return fmt.Sprintf("%d of %d", back, len(s.clients))
		}
		return ""
	})
}

// converge waits until everyone holds and has heard what there is.
func (s *feedStorm) converge(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	said := s.inTheLog(ctx)
	s.await(ctx, "all clients have what the control has", func() string {
		s.swing.home()
		for _, w := range s.clients {
			w.client.Retry()
		}
		if got := s.control.ids(feedSubs[0], livemeter.Event); !maps.Equal(got, said) {
			return fmt.Sprintf("of %d alerts the control was told %d", len(said), len(got))
		}
		at := s.control.cursor()
		for _, w := range s.clients {
			if n := w.counts(); len(n.gaps) > 0 && w != s.away {
				s.Fatalf("%s was told of the gaps %q, with %d alerts and restatements said by the test", w.name, n.gaps, s.said)
			}
			if w.cursor() != at {
				return fmt.Sprintf("%s is at %s, the control at %s", w.name, w.cursor(), at)
			}
			if why := w.differs(s.control, w == s.away); why != "" {
				return why
			}
		}
		for _, l := range s.streams {
			if why := l.differs(s.control); why != "" {
				return why
			}
		}
		if !s.swing.lasting(s.swinging) { // who is away while much is said misses some
			return "not all who failed over are back for good"
		}
		return ""
	})
}

// inTheLog are the ids of all alerts in the log, each once.
func (s *feedStorm) inTheLog(ctx context.Context) map[string]int {
	ids := map[string]int{}
	if err := readTopic(ctx, s.kafka.Cluster, s.kafka.Topics.Alerts, func(r *kgo.Record) {
		var a eventpb.Alert
		if err := a.UnmarshalVT(r.Value); err != nil {
			s.Error("an alert in the log:", err)
		}
		if a.Kind != operators.Restate {
			ids[a.Id] = 1
		}
	}); err != nil {
		s.Fatal("reading the alerts:", err)
	}
	return ids
}

// judge says which roads the clients came back by, and fails where one was not gone: what was not gone was not tested.
func (s *feedStorm) judge() {
	roads, total := map[string]int{}, tally{}
	for _, w := range s.clients {
		n := w.counts()
		for road, times := range n.roads {
			roads[road] += times
		}
		total.add(n)
		if n.resyncs > 0 {
			s.Errorf("%s: %d documents did not agree with their hashes", w.name, n.resyncs)
		}
		if n.refused != "" {
			s.Errorf("%s was refused: %s", w.name, n.refused)
		}
		if gaps := n.roads["too_old"] + n.roads["foreign"]; (gaps > 0) != (w == s.away) || gaps != len(n.gaps) {
			s.Errorf("%s came back %d times too late, and was told of the gaps %q", w.name, gaps, n.gaps)
		}
	}
	streamed := 0
	for _, l := range s.streams {
		streamed += l.resumed()
	}
	events, restatements := 0, 0
	for _, sub := range feedSubs {
		events += len(s.control.ids(sub, livemeter.Event))
		restatements += len(s.control.ids(sub, livemeter.Restate))
	}
	s.Logf("%d kills (%d of a feed that was still reading); resumes: %v, and %d of streams; %d documents proven, %d events sent again, "+
		"%d that had come before; of %d events and %d restatements none was missed or told twice",
		s.kills, s.early, roads, streamed, total.proofs, total.replayed, total.again, events, restatements)
	for _, road := range []string{"in_step", "delta", "snapshot", "too_old"} {
		if roads[road] == 0 {
			s.Errorf("nobody came back by %s: the test has lost its teeth", road)
		}
	}
	for what, n := range map[string]int{
		"events that were sent again": total.replayed, "events that had come before": total.again, "events": events, "restatements": restatements, "resumed streams": streamed,
		"kills of a feed that was still reading": s.early,
	} {
		if n == 0 {
			s.Errorf("no %s: the test has lost its teeth", what)
		}
	}
	if least := s.kills * *feedClients / 4; total.resumes() < least {
		s.Errorf("only %d resumes in %d kills: the test has lost its teeth", total.resumes(), s.kills)
	}
}

func (s *feedStorm) pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// await waits until lacking says nothing more.
func (s *feedStorm) await(ctx context.Context, what string, lacking func() string) {
	s.Helper()
	for {
		why := lacking()
		if why == "" {
			return
		}
		if ctx.Err() != nil {
			how, over := s.victim.ended()
			s.Fatalf("waiting until %s, after %d kills: %s (the feed has ended: %t %s)", what, s.kills, why, over, how)
		}
		s.pause(ctx, 50*time.Millisecond)
	}
}
