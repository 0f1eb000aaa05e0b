package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/replay"
	"github.com/netsu/netsu/stream/source"
)

func deadLettersListCommand() *cobra.Command {
	var (
		f           letterFlags
		asJSON, raw bool
	)
	c := &cobra.Command{
		Use:   "list",
		Short: "List dead letters: place, time, size, reason and detail, but not what they say",
		Long: `List dead letters, the oldest first within each partition: the place (topic/partition/offset) where the record
lay, the time at which it was written there, its size, the reason and the detail. What it says, which may be
personal, is printed only with --raw: as lines that, mended by hand, "netsu replay" reads.`,
		Example: `  netsu deadletters list --since 2h
  netsu deadletters list --reason bad_amount --raw > mend.ndjson`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			out := bufio.NewWriter(c.OutOrStdout())
			print := printLetter
			switch {
			case raw:
				print = printRaw(c.ErrOrStderr(), f.prefix)
			case asJSON:
				print = printJSON
			}
			err := f.each(c, func(_ *broker.Cluster, _ broker.Topics, d *ingest.DeadLetter) error { return print(out, d) })
			if ferr := out.Flush(); err == nil && ferr != nil {
				err = fmt.Errorf("writing the list: %w", ferr)
			}
			return err
		},
	}
	f.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON lines")
	c.Flags().BoolVar(&raw, "raw", false, "print the original records instead, as lines for `netsu replay`")
	c.MarkFlagsMutuallyExclusive("json", "raw")
	return c
}

const letterTime = "2006-01-02T15:04:05.000Z"

func printLetter(w io.Writer, d *ingest.DeadLetter) error {
	_, err := fmt.Fprintf(w, "%-28s  %s  %7d B  %-16s  %s\n", d.Place(), d.Time.UTC().Format(letterTime),
		len(d.Key)+len(d.Value), d.Reason, d.Detail)
	return err
}

func printJSON(w io.Writer, d *ingest.DeadLetter) error {
	b, err := json.Marshal(struct {
		Place     string        `json:"place"`
		Time      string        `json:"time"`
		Bytes     int           `json:"bytes"`
		Reason    ingest.Reason `json:"reason"`
		Detail    string        `json:"detail"`
		Truncated bool          `json:"truncated,omitempty"`
	}{d.Place(), d.Time.UTC().Format(letterTime), len(d.Key) + len(d.Value), d.Reason, d.Detail, d.Truncated})
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// printRaw leaves out letters of which only the beginning was kept: replayed, they would be other records.
func printRaw(notes io.Writer, prefix string) func(io.Writer, *ingest.DeadLetter) error {
	return func(w io.Writer, d *ingest.DeadLetter) error {
		if d.Truncated {
			fmt.Fprintf(notes, "%s: left out, only its beginning was kept\n", d.Place())
			return nil
		}
		return replay.Write(w, source.Record{Topic: strings.TrimPrefix(d.Topic, prefix), Key: d.Key, Value: d.Value})
	}
}
