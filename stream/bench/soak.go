package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed/livemeter"
	"github.com/netsu/netsu/stream/sim"
)

// SoakConfig of a soak: the program under one even load for long, watched for what grows.
type SoakConfig struct {
	For   time.Duration
	Rate  float64 // events a second
	Shows int     // on the air at once; each tenth ends after a twelfth of the time, and another begins in its place
	Seed  uint64
	Dir   string // for the broker's log and the state; what is there is left there
	// Watchers follow the board and prove every frame.
	Watchers int
	// Progress is told what is being done. Never nil.
	Progress func(format string, args ...any)
}

const (
	soakSamples    = 60
	soakPartitions = 4
	soakTurns      = 12
	soakTurning    = 10 // each so many-th show ends, and another begins
	// People that a show ever has: all of them have come within the first third.
	soakPeople = 4_000
	// A cache of clean state that is full within the first third, so that what it takes does not look like a leak.
	soakCacheBytes = 8 << 20
)

// SoakReport is what was found.
type SoakReport struct {
	Config  SoakConfig
	Events  int64 // written
	Frames  int64 // that the watchers proved
	Samples []SoakSample
}

// SoakSample is the program at a moment.
type SoakSample struct {
	At         time.Time
	Cores      float64 // since the sample before
	Broker     float64 // of the broker's process
	Live       int64   // bytes that the latest garbage collection left
	Resident   int64   // bytes
	Goroutines int64
	Files      int64 // open
	State      int64 // bytes on disk of the folds' state, and so on
	History    int64
	Tape       int64
	Behind     int64 // records that the folds have yet to fold
}

// Soak runs the broker and the program, each a process of its own, under the load.
func Soak(ctx context.Context, c SoakConfig) (report *SoakReport, err error) {
	if c.For < time.Second || c.Rate <= 0 || c.Shows < 1 || c.Watchers < 0 {
		return nil, errors.New("a soak needs a second or more, a rate above zero and at least one show")
	}
	server, err := startChild(ctx, order{Part: partBroker, Dir: filepath.Join(c.Dir, "broker")})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	a, err := server.hear()
	if err != nil {
		return nil, err
	}
	cluster, err := broker.New(broker.Settings{Seeds: []string{a.Addr}, Logger: logger()})
	if err != nil {
		return nil, err
	}
	topics := broker.TopicsWithPrefix("soak.")
	if _, err := broker.Create(ctx, cluster, topics, soakPartitions, 1); err != nil {
		return nil, err
	}
	program, err := startChild(ctx, order{Part: partServe, Addr: a.Addr, Prefix: "soak.", Roles: stream.AllRoles,
		Dir: filepath.Join(c.Dir, "program"), CacheBytes: soakCacheBytes})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, program.stop()) }()
	if a, err = program.hear(); err != nil {
		return nil, err
	}
	s := &soak{SoakConfig: c, program: program, server: server, report: &SoakReport{Config: c}}
	return s.report, s.run(ctx, cluster, topics, a.URL)
}

// soak is one Soak.
type soak struct {
	SoakConfig
	program, server *child
	report          *SoakReport
	frames          atomic.Int64
}

func (s *soak) run(ctx context.Context, cluster *broker.Cluster, topics broker.Topics, url string) error {
	load, err := sim.New(s.shows(time.Now().Add(time.Second)))
	if err != nil {
		return fmt.Errorf("making the shows: %w", err)
	}
	ctx, stop := context.WithTimeout(ctx, s.For+time.Second)
	defer stop()
	var watchers sync.WaitGroup
	defer watchers.Wait()
	failed := make(chan error, 1)
	for range s.Watchers {
		client, err := livemeter.New(livemeter.Config{URL: url})
		if err != nil {
			return err
		}
		if err := client.Subscribe(livemeter.Sub{Topic: "shows", MaxHz: 4}); err != nil {
			return err
		}
		watchers.Go(func() {
			err := client.Run(ctx, func(u livemeter.Update) error {
				if u.Kind == livemeter.Document {
					s.frames.Add(1)
				}
				return nil
			})
			if err != nil && ctx.Err() == nil {
				select {
				case failed <- fmt.Errorf("following the board: %w", err):
				default:
				}
				stop()
			}
		})
	}
	group, within := errgroup.WithContext(ctx)
	group.Go(func() error { return s.play(within, load, cluster, topics) })
	group.Go(func() error { return s.sample(within) })
	err = group.Wait()
	s.report.Frames = s.frames.Load()
	select {
	case f := <-failed:
		err = errors.Join(err, f)
	default:
	}
	return err
}

// shows are those of the benchmark. Most last for all of the time; each tenth is over after its turn, and followed by another
// of the same temper and other people. What ended less than an hour ago is still remembered, so if all did, memory would
// grow for an hour however well it is kept.
func (s *soak) shows(start time.Time) sim.Config {
	speed := s.Rate / float64(naturalRate*s.Shows)
	c := shows(s.Seed, s.Shows, start, speed)
	turn := s.For / soakTurns
	var all []sim.Spec
	for i, first := range c.Shows {
		first.People = min(first.People, soakPeople)
		if i%soakTurning != 0 {
			all = append(all, first)
			continue
		}
		// They do not all end at once: the first turn is shorter, by a share of its own.
		at := -time.Duration(float64(turn) * float64(i) / float64(s.Shows))
		for n := 0; at < s.For; n++ {
			next := first
			next.ID += "-" + strconv.Itoa(n)
			next.After, next.Lasts = max(at, 0), turn+min(at, 0)
			all = append(all, next)
			at += turn
		}
	}
	c.Shows = all
	return c
}

// play writes each record when it arrives.
func (s *soak) play(ctx context.Context, load *sim.Sim, cluster *broker.Cluster, topics broker.Topics) error {
	out, err := newProducer(cluster, topics, 5*time.Millisecond)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		r, ok := load.Next()
		if !ok {
			break
		}
		if at := time.UnixMilli(r.ArriveMS); time.Until(at) > 2*time.Millisecond && sleepUntil(ctx, at) != nil {
			break
		}
		out.write(context.WithoutCancel(ctx), r)
		s.report.Events++
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return out.close(last)
}

// sample asks the program and the broker what they use.
func (s *soak) sample(ctx context.Context) error {
	ticker := time.NewTicker(s.For / soakSamples)
	defer ticker.Stop()
	var before, brokerBefore usage
	for n := 0; ; n++ {
		a, err := s.program.asked()
		if err != nil {
			return err
		}
		b, err := s.server.ask()
		if err != nil {
			return err
		}
		if now := a.Usage; n > 0 {
			next := SoakSample{At: now.At, Live: a.Live, Resident: a.Resident, Goroutines: a.Goroutines, Files: a.Files,
				State: a.State, History: a.History, Tape: a.Tape, Behind: a.Behind,
				Cores:  (now.CPU - before.CPU).Seconds() / now.At.Sub(before.At).Seconds(),
				Broker: (b.CPU - brokerBefore.CPU).Seconds() / b.At.Sub(brokerBefore.At).Seconds()}
			s.report.Samples = append(s.report.Samples, next)
			if n%(soakSamples/soakTurns) == 0 {
				s.Progress("%2.0f %%: %s", 100*float64(n)/soakSamples, next)
			}
		}
		if before, brokerBefore = a.Usage, b; n == soakSamples {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}
