package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/sim"
)

func demoCommand() *cobra.Command {
	var (
		f    programFlags
		seed uint64
	)
	c := &cobra.Command{
		Use:   "demo",
		Short: "Play simulated shows through the whole path and say where the page is",
		Long: `Play simulated shows of several ESOLs through the whole path: embedded broker, ingest, folds, feed, page.

People, brands and comments are invented; the same seed makes the same shows. Ctrl-C stops; started again with the same
data directory, it goes on where it was.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runDemo(c, &f, seed) },
	}
	f.add(c, ".netsu/demo")
	c.Flags().Uint64Var(&seed, "seed", 7, "which shows")
	return c
}

func runDemo(c *cobra.Command, f *programFlags, seed uint64) error {
	// A demo should not fail because the usual ports are taken; who names a port gets that one or an error.
	if !c.Flags().Changed("listen") {
		f.listen = freeOr(f.listen)
	}
	if !c.Flags().Changed("broker-port") && !portFree(int(f.brokerPort)) {
		f.brokerPort = 0
	}
	s, err := f.settings()
	if err != nil {
		return err
	}
	p, err := stream.Open(c.Context(), s)
	if err != nil {
		return err
	}
	defer p.Close()
	script, err := openScript(filepath.Join(f.dataDir, "demo.json"), seed)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "netsu demo: %s  (Kafka on %s; Ctrl-C stops)\n", p.URL(), p.BrokerAddr())

	// The players stop first, then the path drains; a failure of either stops the other.
	group, ctx := errgroup.WithContext(c.Context())
	running, stopRunning := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		defer stopRunning()
		return script.play(ctx, p)
	})
	group.Go(func() error { return p.Run(running) })
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func freeOr(addr string) string {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "127.0.0.1:0"
	}
	l.Close()
	return addr
}

func portFree(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err == nil {
		l.Close()
	}
	return err == nil
}

// script is what a demo remembers between two starts: which shows, since when, and how far they were played.
type script struct {
	Seed     uint64    `json:"seed"`
	Start    time.Time `json:"start"`
	PlayedMS int64     `json:"played_ms"` // arrival time of the latest record that is acknowledged

	file string
}

func openScript(file string, seed uint64) (*script, error) {
	s := &script{Seed: seed, Start: time.Now(), file: file}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading how far the demo was: %w", err)
	}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("reading %s: %w (delete the data directory to begin anew)", file, err)
	}
	return s, nil
}

func (s *script) save() error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.file+".new", b, 0o644); err != nil {
		return fmt.Errorf("writing how far the demo is: %w", err)
	}
	return os.Rename(s.file+".new", s.file)
}

// play writes the shows as they happen until ctx ends. What happened while the demo was not running is made up for, at
// most the history that a new demo begins with.
func (s *script) play(ctx context.Context, p *stream.Program) error {
	shows, err := sim.New(sim.Demo(s.Seed, s.Start))
	if err != nil {
		return err
	}
	out, err := newProducer(p.Cluster(), p.Topics())
	if err != nil {
		return err
	}
	defer out.close()
	from := max(s.PlayedMS+1, time.Now().Add(-sim.DemoHistory).UnixMilli())
	saved := time.Now()
	for r, err := range shows.All() {
		if err != nil {
			return err
		}
		if r.TimeMS != 0 && r.ArriveMS < from {
			continue // played before; the catalog (no time) is always said again
		}
		if err := sleepUntil(ctx, time.UnixMilli(r.ArriveMS)); err != nil {
			break
		}
		if err := out.write(ctx, r); err != nil && ctx.Err() == nil {
			return err
		}
		if time.Since(saved) > time.Second {
			saved = time.Now()
			if err := s.reached(out); err != nil {
				return err
			}
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(out.flush(last), s.reached(out))
}

func (s *script) reached(out *producer) error {
	s.PlayedMS = max(s.PlayedMS, out.ackedMS())
	return s.save()
}

func sleepUntil(ctx context.Context, t time.Time) error {
	d := time.Until(t)
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
