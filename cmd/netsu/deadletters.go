package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/ingest"
)

func deadLettersCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "deadletters",
		Aliases: []string{"dead-letters"},
		Short:   "Look at the records that could not become events, and submit them again",
	}
	c.AddCommand(deadLettersListCommand(), deadLettersResubmitCommand())
	return c
}

// letterFlags choose dead letters.
type letterFlags struct {
	kafkaFlags
	reason, topic, since string
	limit                int
}

func (f *letterFlags) add(c *cobra.Command) {
	f.addLocal(c)
	reasons := make([]string, 0, len(ingest.Reasons))
	for _, r := range ingest.Reasons {
		reasons = append(reasons, string(r))
	}
	fs := c.Flags()
	fs.StringVar(&f.reason, "reason", "", "only these: "+strings.Join(reasons, ", "))
	fs.StringVar(&f.topic, "topic", "", "only those of this topic: "+strings.Join(rawTopics, ", "))
	fs.StringVar(&f.since, "since", "", "only what was written to its topic since then: 2h, or 2026-03-08T12:00:00Z")
	fs.IntVar(&f.limit, "limit", 0, "at most so many; zero means all")
}

// filter checks the flags before any broker is asked.
func (f *letterFlags) filter(now time.Time) (ingest.Filter, error) {
	var filter ingest.Filter
	if f.limit < 0 {
		return filter, fmt.Errorf("--limit %d is below zero", f.limit)
	}
	if filter.Reason = ingest.Reason(f.reason); f.reason != "" && !slices.Contains(ingest.Reasons, filter.Reason) {
		return filter, fmt.Errorf("--reason %q is none of those that --help lists", f.reason)
	}
	if f.topic != "" {
		short := strings.TrimPrefix(f.topic, f.prefix)
		if !slices.Contains(rawTopics, short) {
			return filter, fmt.Errorf("--topic %q is none of %s", f.topic, strings.Join(rawTopics, ", "))
		}
		filter.Topic = f.prefix + short
	}
	var err error
	filter.From, err = parseSince(f.since, now)
	return filter, err
}

func parseSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since %q is neither a duration such as 2h nor a time such as 2026-03-08T12:00:00Z",
		s)
}

// errEnough ends a listing at its limit.
var errEnough = errors.New("enough")

// each visits the chosen letters.
func (f *letterFlags) each(c *cobra.Command,
	visit func(*broker.Cluster, broker.Topics, *ingest.DeadLetter) error) error {
	filter, err := f.filter(time.Now())
	if err != nil {
		return err
	}
	cluster, topics, err := f.connect(c.Context())
	if err != nil {
		return err
	}
	n := 0
	err = ingest.List(c.Context(), cluster, topics, filter, func(d *ingest.DeadLetter) error {
		if err := visit(cluster, topics, d); err != nil {
			return err
		}
		if n++; n == f.limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
