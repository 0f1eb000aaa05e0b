package main

import "github.com/spf13/cobra"

func newModelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "model",
		Short: "Put the model to the test: what its numbers are worth",
	}
	c.AddCommand(newModelTrust())
	return c
}
