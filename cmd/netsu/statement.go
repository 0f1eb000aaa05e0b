package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/operators/statement"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
)

// statementTime bounds the whole command: the reading of one partition of the ledger's changelog, or of two.
const statementTime = 10 * time.Minute

var statementFormats = map[string]func(io.Writer, []*statement.Statement) error{
	"csv": statement.WriteCSV, "json": statement.WriteJSON,
}

func statementCommand() *cobra.Command {
	var (
		f                      kafkaFlags
		campaign, esol, format string
	)
	c := &cobra.Command{
		Use:   "statement --campaign ID",
		Short: "Print what a campaign owes its ESOLs, order by order, with the touches and entries that it comes of",
		Long: `Print what a campaign owes its ESOLs: a line for each fee and order, party and currency, with what is estimated,
approved, payable, paid and clawed back. Each order has its touches, and each line the numbers of the ledger's entries
that it is the sum of; as JSON, the entries themselves.

It reads the ledger's changelog, as of the last checkpoint, and changes nothing: a partition of it from its start, of
which it keeps what is the campaign's in memory.`,
		Example: `  netsu statement --campaign autumn > autumn.csv
  netsu statement --campaign autumn --esol mika --format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if campaign == "" {
				return errors.New("--campaign must not be empty")
			}
			write, ok := statementFormats[format]
			if !ok {
				return fmt.Errorf("--format %q is neither csv nor json", format)
			}
			cluster, topics, err := f.connect(c.Context())
			if err != nil {
				return err
			}
			books, err := readBooks(c.Context(), cluster, topics, campaign, esol)
			if err != nil {
				return err
			}
			var statements []*statement.Statement
			for _, b := range books {
				s, err := statement.Of(b)
				if err != nil {
					return fmt.Errorf("the statement of %s in %s: %w", b.Esol, b.Campaign, err)
				}
				statements = append(statements, s)
			}
			return write(c.OutOrStdout(), statements)
		},
	}
	f.addLocal(c)
	c.Flags().StringVar(&campaign, "campaign", "", "the campaign's id")
	c.Flags().StringVar(&esol, "esol", "", "an ESOL's id; empty means all")
	c.Flags().StringVar(&format, "format", "csv", "csv or json")
	cobra.CheckErr(c.MarkFlagRequired("campaign"))
	return c
}

// readBooks reads a campaign's books from the partition of the ledger's changelog that has them.
func readBooks(
	ctx context.Context, c *broker.Cluster, t broker.Topics, campaign, esol string,
) ([]*ledger.Book, error) {
	ctx, cancel := context.WithTimeout(ctx, statementTime)
	defer cancel()
	layout, err := broker.Load(ctx, c, t)
	if err != nil {
		return nil, err
	}
	partition := event.Partition(event.Scope(event.ScopeCampaign, campaign), layout.Partitions[t.LedgerChangelog])
	held := state.Memory{}
	err = changelog.Read(ctx, c, t.LedgerChangelog, partition, func(e state.Entry) {
		if ledger.InBook(e.Key, campaign, esol) {
			held.Write([]state.Entry{e})
		}
	})
	if err != nil {
		return nil, err
	}
	return ledger.ReadBooks(held, campaign, esol)
}
