package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
)

// Config of a run.
type Config struct {
	Events         int64 // raw records of the backlog
	Shows          int
	Seed           uint64
	Dir            string // for the broker's log and the state; what is there is left there
	Partitions     int32
	Phases         []string // which; none means all. Consume is always measured, since the others are held against it
	LatencySeconds int      // 0: no latency
	ProfileDir     string   // for a CPU profile of each phase; "" means none
	// Progress is told what is being done. Never nil.
	Progress func(format string, args ...any)
}

// Phase is the cost of one phase.
type Phase struct {
	Name      string        `json:"name"`
	Events    int64         `json:"events"`
	Wall      time.Duration `json:"wall_ns"`
	CPU       time.Duration `json:"cpu_ns"`
	PeakRSS   int64         `json:"peak_rss_bytes"`
	BrokerCPU time.Duration `json:"broker_cpu_ns"`
}

// PerSecond is events per second of wall clock.
func (p Phase) PerSecond() float64 { return float64(p.Events) / p.Wall.Seconds() }

// PerCPU is events per second of CPU.
func (p Phase) PerCPU() float64 { return float64(p.Events) / p.CPU.Seconds() }

// Each is the CPU of one event.
func (p Phase) Each() time.Duration { return p.CPU / time.Duration(p.Events) }

// Report is what a run found.
type Report struct {
	Events     int64    `json:"events"`
	Bytes      int64    `json:"bytes"` // of the records' values
	Shows      int      `json:"shows"`
	Partitions int32    `json:"partitions"`
	Seed       uint64   `json:"seed"`
	Cores      int      `json:"cores"`
	Phases     []Phase  `json:"phases"`
	Latency    *Latency `json:"latency,omitempty"`
}

// Names of the phases.
const (
	Consume = "consume"
	Decode  = "decode"
	Room    = "room"
	All     = "all"
)

// The backlog is written twice, since ingest's commits belong to the installation: under the first prefix read by consume,
// decode and room, under the second by all. The third is for latency, which begins with nothing behind it.
var prefixes = [3]string{"bench1.", "bench2.", "bench3."}

// Run makes the records, starts a broker and measures one phase after the other.
func Run(ctx context.Context, c Config) (report *Report, err error) {
	for _, name := range c.Phases {
		if !slices.Contains([]string{Consume, Decode, Room, All}, name) {
			return nil, fmt.Errorf("phase %q is none of consume, decode, room, all", name)
		}
	}
	if c.Events < 1 || c.Shows < 1 {
		return nil, errors.New("a benchmark needs at least one event and one show")
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
	r := &run{Config: c, server: server, addr: a.Addr}
	if r.cluster, err = broker.New(broker.Settings{Seeds: []string{r.addr}, Logger: logger()}); err != nil {
		return nil, err
	}
	return r.run(ctx)
}

// run is one Run.
type run struct {
	Config
	server  *child
	addr    string
	cluster *broker.Cluster
	report  Report
}

func (r *run) run(ctx context.Context) (*Report, error) {
	r.report = Report{Shows: r.Shows, Partitions: r.Partitions, Seed: r.Seed, Cores: runtime.GOMAXPROCS(0)}
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		name, prefix string
		part         part
		roles        []stream.Role
	}{
		{Consume, prefixes[0], partConsume, nil},
		{Decode, prefixes[0], partDecode, nil},
		{Room, prefixes[0], partPath, []stream.Role{stream.RoleIngest, stream.RoleShow}},
		{All, prefixes[1], partPath, stream.AllRoles},
	} {
		if p.name != Consume && len(r.Phases) > 0 && !slices.Contains(r.Phases, p.name) {
			continue
		}
		phase, err := r.phase(ctx, p.name, order{Part: p.part, Prefix: p.prefix, Roles: p.roles})
		if err != nil {
			return nil, fmt.Errorf("phase %s: %w", p.name, err)
		}
		r.report.Phases = append(r.report.Phases, phase)
	}
	if r.LatencySeconds > 0 {
		var err error
		if r.report.Latency, err = r.latency(ctx, r.report.Phases[len(r.report.Phases)-1].PerSecond()/2); err != nil {
			return nil, fmt.Errorf("phase latency: %w", err)
		}
	}
	return &r.report, nil
}

// prepare makes the topics and writes the backlog.
func (r *run) prepare(ctx context.Context) error {
	r.Progress("making %d events of %d shows", r.Events, r.Shows)
	records, err := generate(ctx, shows(r.Seed, r.Shows, backlogStart, 1), r.Events)
	if err != nil {
		return err
	}
	r.report.Events = int64(len(records))
	for _, rec := range records {
		r.report.Bytes += int64(len(rec.Value))
	}
	for i, prefix := range prefixes {
		topics := broker.TopicsWithPrefix(prefix)
		if _, err := broker.Create(ctx, r.cluster, topics, r.Partitions, 1); err != nil {
			return err
		}
		if i < 2 {
			r.Progress("writing them to the broker (%d of 2)", i+1)
			if err := produce(ctx, r.cluster, topics, records); err != nil {
				return err
			}
		}
	}
	return nil
}

// phase runs one phase in a process of its own.
func (r *run) phase(ctx context.Context, name string, o order) (Phase, error) {
	r.Progress("%s", name)
	o.Addr, o.Records, o.Dir = r.addr, r.report.Events, filepath.Join(r.Dir, name)
	o.Profile = r.profile(name)
	before, err := r.server.ask()
	if err != nil {
		return Phase{}, err
	}
	c, err := startChild(ctx, o)
	if err != nil {
		return Phase{}, err
	}
	a, err := c.hear()
	if err != nil {
		return Phase{}, err
	}
	if err := c.stop(); err != nil {
		return Phase{}, err
	}
	after, err := r.server.ask()
	if err != nil {
		return Phase{}, err
	}
	return Phase{Name: name, Events: a.Events, Wall: time.Duration(a.Wall), CPU: time.Duration(a.CPU),
		PeakRSS: a.Usage.PeakRSS, BrokerCPU: after.CPU - before.CPU}, nil
}

func (r *run) profile(name string) string {
	if r.ProfileDir == "" {
		return ""
	}
	return filepath.Join(r.ProfileDir, name+".pprof")
}

// latency measures how long a comment takes while the program is under a load of rate events a second.
func (r *run) latency(ctx context.Context, rate float64) (l *Latency, err error) {
	rate = min(rate, maxRate)
	r.Progress("latency, %d s at %.0f events/s", r.LatencySeconds, rate)
	c, err := startChild(ctx, order{Part: partServe, Addr: r.addr, Prefix: prefixes[2], Roles: stream.AllRoles,
		Dir: filepath.Join(r.Dir, "latency"), Profile: r.profile("latency")})
	if err != nil {
		return nil, err
	}
	a, err := c.hear()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	var begin, brokerBegin usage
	var asked error
	l, err = measureLatency(ctx, r.Config, r.cluster, broker.TopicsWithPrefix(prefixes[2]), a.URL, rate, func() {
		begin, asked = c.ask()
		if asked == nil {
			brokerBegin, asked = r.server.ask()
		}
	})
	if err != nil || asked != nil {
		return nil, errors.Join(err, asked)
	}
	end, err := c.ask()
	if err != nil {
		return nil, err
	}
	brokerEnd, err := r.server.ask()
	if err != nil {
		return nil, err
	}
	l.CPU = (end.CPU - begin.CPU).Seconds() / end.At.Sub(begin.At).Seconds()
	l.Broker = (brokerEnd.CPU - brokerBegin.CPU).Seconds() / brokerEnd.At.Sub(brokerBegin.At).Seconds()
	l.PeakRSS = end.PeakRSS
	return l, nil
}
