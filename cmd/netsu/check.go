package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func checkCommand() *cobra.Command {
	var (
		f            programFlags
		settingsOnly bool
	)
	c := &cobra.Command{
		Use:   "check",
		Short: "Print the settings in force and where each came from, and test every connection",
		Long: `Print the settings in force and where each came from, and test all that ` + "`netsu run`" + ` with the same settings
needs: the data directory, the hashing key and the files of secrets (readable, and by nobody else), the addresses it
listens on and who may read there, each broker (network, TLS, login), the brokers that the cluster advertises, the topics,
and for the bridge role the schema registry, and whether its newest schemas have what the mappings read. Nothing is changed,
and no secret is printed.

Each line is ok, or FAIL with what to do. Exit status: 0 all ok, 1 something failed. Run it before netsu run, with the
same flags, as the same user: where netsu already runs, its addresses are taken.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := printInForce(c.OutOrStdout(), c.Flags()); err != nil || settingsOnly {
				return err
			}
			fmt.Fprintln(c.OutOrStdout())
			return checkAll(c.Context(), c.OutOrStdout(), &f)
		},
	}
	f.add(c, ".netsu/run")
	addConfig(c)
	c.Flags().BoolVar(&settingsOnly, "settings-only", false, "check and print the settings, test no connection")
	return c
}

// printInForce lists the settings. All may be printed: secrets are in files, of which these are the names.
func printInForce(out io.Writer, fs *pflag.FlagSet) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SETTING\tVALUE\tFROM")
	settingFlags().VisitAll(func(known *pflag.Flag) {
		f := fs.Lookup(known.Name)
		from := "default"
		if noted := f.Annotations[fromNote]; len(noted) > 0 {
			from = strings.Join(noted, " ")
		}
		value := valueOf(f)
		if value == "" {
			value = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", keyOf(f.Name), value, from)
	})
	return w.Flush()
}
