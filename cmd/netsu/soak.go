package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/bench"
)

func soakCommand() *cobra.Command {
	var s bench.SoakConfig
	c := &cobra.Command{
		Use:   "soak",
		Short: "Run the program for long under an even load and tell what grows",
		Long: `Run the program for long under an even load, shows ending and others beginning all the while, and tell what grows:
memory, goroutines, open files, records behind, and what is on disk.

The broker and the program are processes of their own. The exit status is 1 if anything grew from the second third of the
time to the last.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if s.Dir == "" {
				dir, err := os.MkdirTemp("", "netsu-soak-")
				if err != nil {
					return err
				}
				defer os.RemoveAll(dir)
				s.Dir = dir
			}
			s.Progress = func(format string, args ...any) { fmt.Fprintf(c.ErrOrStderr(), "soak: "+format+"\n", args...) }
			report, err := bench.Soak(c.Context(), s)
			if err != nil {
				return err
			}
			return errors.Join(report.Print(c.OutOrStdout()), report.Judge())
		},
	}
	fs := c.Flags()
	fs.DurationVar(&s.For, "for", 30*time.Minute, "how long")
	fs.Float64Var(&s.Rate, "rate", 20_000, "events a second")
	fs.IntVar(&s.Shows, "shows", 50, "how many shows are on the air at once")
	fs.Uint64Var(&s.Seed, "seed", 1, "which shows")
	fs.IntVar(&s.Watchers, "watchers", 20, "clients that follow the board")
	fs.StringVar(&s.Dir, "data-dir", "", "an empty directory to work in; empty means a temporary one, removed afterwards")
	return c
}
