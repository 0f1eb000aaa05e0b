package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/bench"
)

func benchCommand() *cobra.Command {
	var (
		b      bench.Config
		asJSON bool
	)
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure what an event costs here, and how long it takes to be seen",
		Long: `Measure, on this machine and in one run: what an event costs (reading alone, with decoding, ingest and show
fold, the whole path), and how long a comment takes from its producer to a websocket while the path is half loaded.

The records are the same in all phases and for the same seed. The broker and each phase are processes of their own. Look
at CPU and at ratios within one run; wall clock is the machine's and what else it does.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if b.Dir == "" {
				dir, err := os.MkdirTemp("", "netsu-bench-")
				if err != nil {
					return err
				}
				defer os.RemoveAll(dir)
				b.Dir = dir
			}
			b.Progress = func(format string, args ...any) { fmt.Fprintf(c.ErrOrStderr(), "bench: "+format+"\n", args...) }
			report, err := bench.Run(c.Context(), b)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(report)
			}
			return report.Print(c.OutOrStdout())
		},
	}
	fs := c.Flags()
	fs.Int64Var(&b.Events, "events", 1_000_000, "how many raw records")
	fs.IntVar(&b.Shows, "shows", 50, "how many shows they are of")
	fs.Uint64Var(&b.Seed, "seed", 1, "which shows")
	fs.Int32Var(&b.Partitions, "partitions", 4, "partitions of each topic")
	fs.StringVar(&b.Dir, "data-dir", "", "an empty directory to work in; empty means a temporary one, removed afterwards")
	fs.StringSliceVar(&b.Phases, "phases", nil, "some of consume,decode,room,all; empty means all (consume always is)")
	fs.IntVar(&b.LatencySeconds, "latency-seconds", 20, "how long latency is measured; zero means not at all")
	fs.StringVar(&b.ProfileDir, "profile-dir", "", "where to write a CPU profile of each phase; empty means none")
	fs.BoolVar(&asJSON, "json", false, "print the report as JSON")
	c.AddCommand(soakCommand())
	return c
}

// benchChildCommand is how bench starts its processes.
func benchChildCommand() *cobra.Command {
	return &cobra.Command{
		Use:    bench.ChildCommand,
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return bench.Child(c.Context(), c.InOrStdin(), c.OutOrStdout())
		},
	}
}
