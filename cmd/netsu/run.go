package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/feed"
)

func runCommand() *cobra.Command {
	var f programFlags
	c := &cobra.Command{
		Use:   "run",
		Short: "Run Netsu, with the embedded broker or with --brokers",
		Example: `  netsu run --data-dir /var/lib/netsu
  netsu run --brokers kafka-1:9092,kafka-2:9092 --data-dir /var/lib/netsu --hashing-key-file /etc/netsu/key`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := f.settings()
			if err != nil {
				return err
			}
			if feedAlone(s.Roles) && os.Getenv("GOGC") == "" {
				debug.SetGCPercent(feed.GCPercent)
			}
			p, err := stream.Open(c.Context(), s)
			if err != nil {
				return err
			}
			defer p.Close()
			if addr := p.BrokerAddr(); addr != "" {
				fmt.Fprintf(c.OutOrStdout(), "broker %s, topics %s{comments,reactions,orders,catalog}\n", addr, s.Prefix)
			}
			if url := p.URL(); url != "" {
				fmt.Fprintln(c.OutOrStdout(), "page  ", url)
			}
			if url := p.GatewayURL(); url != "" {
				fmt.Fprintln(c.OutOrStdout(), "gateway", url+"{source}")
			}
			return p.Run(c.Context())
		},
	}
	f.add(c, ".netsu/run")
	addConfig(c)
	return c
}

// feedAlone tells whether a process is a feed and nothing more. No roles are all of them.
func feedAlone(roles []stream.Role) bool { return slices.Equal(roles, []stream.Role{stream.RoleFeed}) }
