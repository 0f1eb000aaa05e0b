package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/operators/explanation"
	"github.com/netsu/netsu/operators/journey"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
)

var explainFormats = map[string]func(io.Writer, *explanation.Document) error{
	"text": explanation.WriteText, "json": explanation.WriteJSON,
}

func explainCommand() *cobra.Command {
	var (
		f             kafkaFlags
		order, format string
	)
	c := &cobra.Command{
		Use:   "explain --order ID",
		Short: "Print what led to what is credited and owed for an order, with all models side by side",
		Long: `Print what an order comes to, its buyer's touches, which of them count and why the others do not, who has what
of it, who would have it under every other attribution model, and the ledger's entries for it.

It reads the changelogs of journeys and ledger, as of the last checkpoint of each of their partitions, and changes
nothing: those partitions that have the order, its buyer and its campaigns, from their starts. It keeps the catalog and
the campaigns' books in memory. People are pseudonyms.`,
		Example: `  netsu explain --order 1001
  netsu explain --order 1001 --format json | jq .models`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if order == "" {
				return errors.New("--order must not be empty")
			}
			write, ok := explainFormats[format]
			if !ok {
				return fmt.Errorf("--format %q is neither text nor json", format)
			}
			cluster, topics, err := f.connect(c.Context())
			if err != nil {
				return err
			}
			d, err := explainOrder(c.Context(), cluster, topics, order)
			if errors.Is(err, journey.ErrUnknownOrder) {
				return fmt.Errorf("%w: is that its order_id in %s, has a checkpoint come since (--checkpoint-every), or "+
					"is it among `netsu deadletters list`? (is --prefix %s the one in use there?)", err, topics.Orders, f.prefix)
			}
			if err != nil {
				return err
			}
			return write(c.OutOrStdout(), d)
		},
	}
	f.addLocal(c)
	c.Flags().StringVar(&order, "order", "", "the order's id")
	c.Flags().StringVar(&format, "format", "text", "text or json")
	cobra.CheckErr(c.MarkFlagRequired("order"))
	return c
}

// explainOrder reads what an order's explanation needs.
func explainOrder(ctx context.Context, c *broker.Cluster, t broker.Topics, id string) (*explanation.Document, error) {
	held, err := readJourney(ctx, c, t, id)
	if err != nil {
		return nil, err
	}
	e, err := journey.Explain(held, id)
	if err != nil {
		return nil, err
	}
	var books []*ledger.Book
	for _, campaign := range explanation.Campaigns(e) {
		of, err := readBooks(ctx, c, t, campaign, "")
		if err != nil {
			return nil, err
		}
		books = append(books, of...)
	}
	return explanation.With(e, books)
}

// readJourney reads the order's partition of the journeys' changelog, and then for each pseudonym of its buyer the
// one that has it.
func readJourney(ctx context.Context, c *broker.Cluster, t broker.Topics, order string) (state.Memory, error) {
	ctx, cancel := context.WithTimeout(ctx, statementTime)
	defer cancel()
	layout, err := broker.Load(ctx, c, t)
	if err != nil {
		return nil, err
	}
	held := state.Memory{}
	read := func(place string, needed func(key string) bool) error {
		partition := event.Partition(place, layout.Partitions[t.JourneyChangelog])
		return changelog.Read(ctx, c, t.JourneyChangelog, partition, func(e state.Entry) {
			if needed(e.Key) {
				held.Write([]state.Entry{e})
			}
		})
	}
	err = read(event.JourneyKey(order, event.ID{}), func(key string) bool { return journey.InExplanation(key, order) })
	if err != nil {
		return nil, err
	}
	for known := 0; ; known++ {
		people, err := journey.People(held, order)
		if err != nil {
			return nil, err
		}
		if known >= len(people) {
			return held, nil
		}
		row := journey.PersonRow(people[known])
		err = read(event.JourneyKey("", people[known]), func(key string) bool { return key == row })
		if err != nil {
			return nil, err
		}
	}
}
