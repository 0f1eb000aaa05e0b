package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/ingest"
)

func deadLettersResubmitCommand() *cobra.Command {
	var (
		f      letterFlags
		dryRun bool
	)
	c := &cobra.Command{
		Use:   "resubmit",
		Short: "Write dead letters back to the topics they came from, for another try",
		Long: `Write dead letters back to the topics they came from, key and value as they were: after a setting changed, or
once a time is no longer ahead. A letter stays in the list. Submitted again it is the same event as before, so
doing it twice counts once; if it fails again it is the same letter.`,
		Example: `  netsu deadletters resubmit --reason time_future --since 2h --dry-run`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			r := resubmission{ctx: c.Context(), dryRun: dryRun}
			err := f.each(c, r.add)
			if err == nil {
				err = r.flush()
			}
			done := "resubmitted"
			if dryRun {
				done = "would resubmit"
			}
			fmt.Fprintf(c.OutOrStdout(), "%s %d dead letters\n", done, r.done)
			if r.truncated > 0 {
				fmt.Fprintf(c.ErrOrStderr(), "%d left out: only their beginning was kept\n", r.truncated)
			}
			return err
		},
	}
	f.add(c)
	c.Flags().BoolVar(&dryRun, "dry-run", false, "only say how many it would be")
	return c
}

// resubmission gathers letters and writes them in parcels of at most maxParcel letters and a little more than
// maxParcelBytes, so that any number of letters fits into memory.
type resubmission struct {
	ctx     context.Context
	dryRun  bool
	cluster *broker.Cluster
	topics  broker.Topics

	parcel          []*ingest.DeadLetter
	bytes           int
	done, truncated int
}

const (
	maxParcel      = 2000
	maxParcelBytes = 16 << 20
)

func (r *resubmission) add(c *broker.Cluster, t broker.Topics, d *ingest.DeadLetter) error {
	switch {
	case d.Truncated:
		r.truncated++
		return nil
	case r.dryRun:
		r.done++
		return nil
	}
	r.cluster, r.topics = c, t
	r.parcel = append(r.parcel, d)
	r.bytes += len(d.Key) + len(d.Value)
	if len(r.parcel) < maxParcel && r.bytes < maxParcelBytes {
		return nil
	}
	return r.flush()
}

func (r *resubmission) flush() error {
	if len(r.parcel) == 0 {
		return nil
	}
	if err := ingest.Resubmit(r.ctx, r.cluster, r.topics, r.parcel); err != nil {
		return err
	}
	r.done += len(r.parcel)
	r.parcel, r.bytes = nil, 0
	return nil
}
