package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/ingest"
)

// readTime bounds the reading of the catalog, which is small: a topic that does not end within it is an error.
const readTime = 30 * time.Second

func catalogListCommand() *cobra.Command {
	var f kafkaFlags
	c := &cobra.Command{
		Use:   "list [KIND[/ID]…]",
		Short: "Print the entries in force, as lines that `netsu catalog apply` reads",
		Example: `  netsu catalog list > catalog.ndjson
  netsu catalog list campaign show/S1`,
		RunE: func(c *cobra.Command, wanted []string) error {
			cluster, topics, err := f.connect(c.Context())
			if err != nil {
				return err
			}
			records, err := readEntries(c.Context(), cluster, topics)
			if err != nil {
				return err
			}
			bad := 0
			for _, r := range records {
				key, kind := string(r.Key), kindOf(r.Key)
				if len(wanted) > 0 && !slices.Contains(wanted, key) && !slices.Contains(wanted, kind) {
					continue
				}
				var line bytes.Buffer
				entries, err := ingest.ReadCatalog(bytes.NewReader(r.Value))
				if err != nil || len(entries) != 1 || entries[0].Key != key || json.Compact(&line, r.Value) != nil {
					bad++
					continue
				}
				fmt.Fprintln(c.OutOrStdout(), line.String())
			}
			if bad > 0 {
				fmt.Fprintf(c.ErrOrStderr(), "%d records are no entries: see netsu deadletters list --topic catalog\n", bad)
			}
			return nil
		},
	}
	f.addLocal(c)
	return c
}

func kindOf(key []byte) string {
	kind, _, _ := strings.Cut(string(key), "/")
	return kind
}

// readEntries reads the latest record of each key, in order of their first. What was taken back is left out.
func readEntries(ctx context.Context, c *broker.Cluster, t broker.Topics) ([]*kgo.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	cl, err := c.Client(kgo.KeepControlRecords(), // one may be the last
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{t.Catalog: {0: kgo.NewOffset().AtStart()}}))
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	starts, err := adm.ListStartOffsets(ctx, t.Catalog)
	if err = errors.Join(err, starts.Error()); err != nil {
		return nil, fmt.Errorf("asking where the catalog begins: %w", err)
	}
	ends, err := adm.ListEndOffsets(ctx, t.Catalog)
	if err = errors.Join(err, ends.Error()); err != nil {
		return nil, fmt.Errorf("asking where the catalog ends: %w", err)
	}
	start, _ := starts.Lookup(t.Catalog, 0)
	end, _ := ends.Lookup(t.Catalog, 0)
	var order []string
	latest := map[string]*kgo.Record{}
	for next := start.Offset; next < end.Offset; {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, fmt.Errorf("reading the catalog: %w", err)
		}
		for r := range fetches.RecordsAll() {
			next = r.Offset + 1
			if r.Attrs.IsControl() {
				continue
			}
			if _, known := latest[string(r.Key)]; !known {
				order = append(order, string(r.Key))
			}
			latest[string(r.Key)] = r
		}
	}
	out := make([]*kgo.Record, 0, len(order))
	for _, key := range order {
		if r := latest[key]; r.Value != nil {
			out = append(out, r)
		}
	}
	return out, nil
}
