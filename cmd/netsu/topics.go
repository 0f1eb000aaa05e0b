package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/broker"
)

func topicsCommand() *cobra.Command {
	c := &cobra.Command{Use: "topics", Short: "Make the topics, check them, or print them for Strimzi"}
	c.AddCommand(topicsCreateCommand(), topicsCheckCommand(), topicsStrimziCommand())
	return c
}

func topicsCreateCommand() *cobra.Command {
	var (
		f          kafkaFlags
		partitions int32
	)
	c := &cobra.Command{
		Use:   "create",
		Short: "Make the topics that are missing; leaves the others alone",
		Long: `Make the topics that are missing and leave the others alone.

The number of partitions is the unit of scale: how many tasks of each fold there are. It cannot be changed later, because
state and keys are placed by it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cluster, topics, err := f.cluster()
			if err != nil {
				return err
			}
			if err := ping(c.Context(), &f, cluster); err != nil {
				return err
			}
			created, err := broker.Create(c.Context(), cluster, topics, partitions, f.replication)
			if err != nil {
				return err
			}
			if len(created) == 0 {
				fmt.Fprintln(c.OutOrStdout(), "nothing to do: all topics exist")
				return nil
			}
			fmt.Fprintln(c.OutOrStdout(), "created", strings.Join(created, " "))
			return nil
		},
	}
	f.add(c, "host:port of some brokers")
	addConfig(c)
	cobra.CheckErr(c.MarkFlagRequired("brokers"))
	c.Flags().Int32Var(&partitions, "partitions", 8, "partitions of each topic (the catalog has one)")
	// The setting is of the embedded broker, and this cannot be changed later.
	cobra.CheckErr(c.Flags().SetAnnotation("partitions", ownNote, []string{"true"}))
	f.addReplication(c.Flags())
	return c
}

func topicsCheckCommand() *cobra.Command {
	var f kafkaFlags
	c := &cobra.Command{
		Use:   "check",
		Short: "Check that the topics are there and configured as they must be",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cluster, topics, err := f.cluster()
			if err != nil {
				return err
			}
			if err := ping(c.Context(), &f, cluster); err != nil {
				return err
			}
			layout, err := broker.Load(c.Context(), cluster, topics)
			if err != nil {
				return err
			}
			for _, name := range topics.All() {
				fmt.Fprintf(c.OutOrStdout(), "%-32s %3d partitions\n", name, layout.Partitions[name])
			}
			return copies(c.Context(), cluster, topics, f.replication)
		},
	}
	f.add(c, "host:port of some brokers")
	f.addReplication(c.Flags())
	addConfig(c)
	cobra.CheckErr(c.MarkFlagRequired("brokers"))
	return c
}

// copies is an error that says which topics are kept in fewer copies than asked, if any are.
func copies(ctx context.Context, c *broker.Cluster, t broker.Topics, asked int16) error {
	less, err := broker.Copies(ctx, c, t, asked)
	if err == nil && len(less) > 0 {
		err = fmt.Errorf("the death of one broker can lose records or stop work:\n  %s", strings.Join(less, "\n  "))
	}
	return err
}
