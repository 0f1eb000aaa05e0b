// Fanout measures what a delivery costs: many loopback subscribers of one topic that changes a few times a second, served by
// the feed and, on the same machine, by the least that could be and by another library.
//
//	source: Kafka (kfake), a meter at -hz ──▶ netsu: a feed process ──┐
//	                                   raw: frames written to sockets ├──▶ clients: one process, epoll
//	                                   centrifuge: its node, JSON ────┘
//
//	go run . -subscribers 5000 -hz 4 -for 10m -peers 1m
//
// Each is a process of its own, so that CPU and memory are the server's alone. Deliveries per core-second is what was read by
// the clients over the server's CPU time, system time included; on loopback that has the receiving side's work in it, for
// all three alike. Latency is from the append of the meter to the read of the frame (raw and centrifuge: from the write of
// the first). One client in a thousand follows the documents and proves them by their hash; all count frames.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		err = serve(ctx, os.Args[2:])
	} else {
		err = run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fanout:", err)
		os.Exit(1)
	}
}

// plan is what is measured.
type plan struct {
	subscribers int
	hz          float64
	long, short time.Duration
	stalled     int
	only        string
}

func run(ctx context.Context) error {
	var p plan
	flag.IntVar(&p.subscribers, "subscribers", 5000, "loopback connections")
	flag.Float64Var(&p.hz, "hz", 4, "changes a second")
	flag.DurationVar(&p.long, "for", time.Minute, "how long the feed is measured")
	flag.DurationVar(&p.short, "peers", 30*time.Second, "how long each of the others is")
	flag.IntVar(&p.stalled, "stalled", 1, "subscribers of the feed that read nothing")
	flag.StringVar(&p.only, "only", "", "netsu, raw or centrifuge: that one alone")
	flag.Parse()
	if err := needFiles(2*p.subscribers + 200); err != nil {
		return err
	}
	results := map[string]*result{}
	size := 900
	for _, kind := range []string{"netsu", "raw", "centrifuge"} {
		if p.only != "" && kind != p.only {
			continue
		}
		r, err := measure(ctx, kind, p, size)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		results[kind] = r
		if kind == "netsu" {
			size = r.bytesPerFrame() // the others send frames of that size
		}
		fmt.Println(r)
	}
	if n, r, c := results["netsu"], results["raw"], results["centrifuge"]; n != nil && r != nil && c != nil {
		fmt.Printf("deliveries per core-second: netsu is %.0f %% of raw, centrifuge %.0f %%\n",
			100*n.perCore()/r.perCore(), 100*c.perCore()/r.perCore())
	}
	return nil
}

// needFiles raises the limit of open files, of this process and those it starts.
func needFiles(n int) error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("reading the limit of open files: %w", err)
	}
	if l.Cur >= uint64(n) {
		return nil
	}
	if l.Max < uint64(n) {
		return fmt.Errorf("%d open files are needed, and the limit is %d: raise it (ulimit -Hn) or ask for fewer -subscribers", n, l.Max)
	}
	l.Cur = uint64(n)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("raising the limit of open files: %w", err)
	}
	return nil
}
