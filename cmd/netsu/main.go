// Command netsu runs Netsu: `netsu demo` to see it, `netsu run` to use it, the rest to feed it and to look after it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // mappings name zones, and small images have none

	"github.com/spf13/cobra"
)

func main() { os.Exit(Main()) }

// Main is the program without its exit, so that tests can run it as a command. Exit status: 0 done, 1 failed; a second
// Ctrl-C ends it at once.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	if err := command().ExecuteContext(ctx); err != nil {
		if !errors.Is(err, context.Canceled) {
			fmt.Fprintln(os.Stderr, "netsu:", err)
		}
		return 1
	}
	return 0
}

func command() *cobra.Command {
	c := &cobra.Command{
		Use:   "netsu",
		Short: "How hot the room is, what it sells, who earned it: while the show is on the air",
		Long: `Netsu (熱, heat) reads a show's comments, reactions and orders from Kafka and says, while the show is on
the air, how hot the room is, what it sells and who earned it.

  netsu demo       see it with simulated shows, no service needed
  netsu run        run it, with the embedded broker or with --brokers
  netsu check      test its settings and every connection first
  netsu replay     play a recording into it
  netsu catalog    tell it of brands, shows and campaigns
  netsu statement  print what a campaign owes its ESOLs
  netsu explain    print what led to that, for one order
  netsu holdout    tell whom not to show a campaign
  netsu tail       print how its documents change, as NDJSON
  netsu token      make keys and tokens for its HTTP port`,
		SilenceUsage:  true,
		SilenceErrors: true,

		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return takeSettings(c) },
	}
	c.SetFlagErrorFunc(flagError)
	c.AddCommand(demoCommand(), runCommand(), replayCommand(), catalogCommand(), deadLettersCommand(), statementCommand(),
		explainCommand(), holdoutCommand(), topicsCommand(), checkCommand(), settingsCommand(), benchCommand(), benchChildCommand(),
		modelCommand(), metricsCommand(), tokenCommand(), tailCommand(), versionCommand())
	return c
}
