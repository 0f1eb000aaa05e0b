package main

import (
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
		f           kafkaFlags
		partitions  int32
		replication int16
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
			created, err := broker.Create(c.Context(), cluster, topics, partitions, replication)
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
	c.Flags().Int16Var(&replication, "replication", 3, "copies of each partition")
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
			return nil
		},
	}
	f.add(c, "host:port of some brokers")
	addConfig(c)
	cobra.CheckErr(c.MarkFlagRequired("brokers"))
	return c
}
