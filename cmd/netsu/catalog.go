package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

func catalogCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "catalog",
		Short: "Tell Netsu of brands, ESOLs, shows, products, campaigns and exchange rates",
	}
	c.AddCommand(catalogApplyCommand(), catalogListCommand())
	return c
}

func catalogApplyCommand() *cobra.Command {
	var (
		f       kafkaFlags
		deletes []string
		dryRun  bool
	)
	c := &cobra.Command{
		Use:   "apply [FILE…]",
		Short: "Check catalog files and write their entries; nothing is written unless all are good",
		Long: `Check catalog files, JSON lines or a JSON array of entries, and write their entries. An entry replaces the
one of its kind and id whole; {"kind":"show","id":"S1","deleted":true} and --delete show/S1 take one back.
Nothing is written unless all entries of all files are good. It is in force for what is read after it.`,
		Example: `  netsu catalog apply brands.json shows.ndjson
  netsu catalog apply --delete campaign/spring`,
		RunE: func(c *cobra.Command, files []string) error {
			if len(files)+len(deletes) == 0 {
				return errors.New("nothing to apply: name files, - for standard input, or entries with --delete")
			}
			records, err := readCatalogs(files, c.InOrStdin())
			if err != nil {
				return err
			}
			taken, err := deletions(deletes)
			if err != nil {
				return err
			}
			if records = append(records, taken...); dryRun {
				fmt.Fprintln(c.OutOrStdout(), "all good, nothing written:", countEntries(records))
				return nil
			}
			return applyCatalog(c, &f, records)
		},
	}
	f.addLocal(c)
	c.Flags().StringSliceVar(&deletes, "delete", nil, "take an entry back, named kind/id")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "check only")
	return c
}

func readCatalogs(files []string, stdin io.Reader) (all []ingest.CatalogRecord, err error) {
	for _, name := range files {
		records, err := readCatalog(name, stdin)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, records...)
	}
	return all, nil
}

func readCatalog(name string, stdin io.Reader) ([]ingest.CatalogRecord, error) {
	if name == "-" {
		return ingest.ReadCatalog(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.Unwrap(err) // the caller names the file
	}
	defer f.Close()
	return ingest.ReadCatalog(f)
}

// deletions checks kind/id by the same reading as files.
func deletions(names []string) (all []ingest.CatalogRecord, err error) {
	for _, name := range names {
		kind, id, _ := strings.Cut(name, "/")
		entry, err := json.Marshal(map[string]any{"kind": kind, "id": id, "deleted": true})
		if err != nil {
			return nil, err
		}
		records, err := ingest.ReadCatalog(bytes.NewReader(entry))
		if err != nil {
			return nil, fmt.Errorf("--delete %q is not kind/id: %w", name, err)
		}
		all = append(all, records...)
	}
	return all, nil
}

func applyCatalog(c *cobra.Command, f *kafkaFlags, records []ingest.CatalogRecord) error {
	ctx := c.Context()
	cluster, topics, err := f.connect(ctx)
	if err != nil {
		return err
	}
	out, err := newProducer(cluster, topics)
	if err != nil {
		return err
	}
	defer out.close()
	for _, r := range records {
		rec := source.Record{Topic: source.Catalog, Key: []byte(r.Key), Value: r.Value, ArriveMS: time.Now().UnixMilli()}
		if err := out.write(ctx, rec); err != nil {
			return err
		}
	}
	if err := out.flush(ctx); err != nil {
		return err
	}
	fmt.Fprintln(c.OutOrStdout(), "applied", countEntries(records))
	return nil
}

func countEntries(records []ingest.CatalogRecord) string {
	taken := 0
	for _, r := range records {
		if r.Value == nil {
			taken++
		}
	}
	return fmt.Sprintf("%d entries, took %d back", len(records)-taken, taken)
}
