package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/replay"
	"github.com/netsu/netsu/stream/source"
)

// rawTopics are the names of the raw topics without the prefix, as recordings and people use them.
var rawTopics = []string{source.Comments, source.Reactions, source.Orders, source.Catalog}

func replayCommand() *cobra.Command {
	var (
		f     kafkaFlags
		speed string
		conf  replay.Config
	)
	c := &cobra.Command{
		Use:   "replay FILE…",
		Short: "Play recorded events (plain, .gz or .zst; - for standard input) into the raw topics",
		Long: `Play recorded events into the raw topics, at the pace at which they happened or faster.

Each line is {"topic":"comments","key":"…","value":{…}}, or with --topic the bare event. Several files are merged by
event time. A line that is neither ends the replay; with --pass-bad it is handed on as it is and becomes a dead letter.

With --format, files hold what a platform sends: webhook bodies that were kept, or an export. They are JSON: one object,
an array, or several behind each other; twitch-irc is lines. Orders and refunds are read from Shopify, Stripe and
WooCommerce, comments and reactions from Bilibili's open platform, TikTok, Twitch (EventSub and IRC) and YouTube, which
need --show, clicks, carts and purchases from GA4. An order names its show itself with a note attribute (Shopify),
metadata (Stripe) or meta data (WooCommerce) called show_id; --show is for those that do not. One order should come from
one shop system or payment provider only. With --format mapping:FILE, a house's own JSON is read as the YAML file says:
see the documentation of source.Mapping.

With --shift-to-now and --speed above 1, events run ahead of the clock; what is more than 5 minutes ahead becomes a dead
letter. The summary says how many that were.`,
		Example: `  netsu replay show.ndjson.zst --shift-to-now
  zcat comments.gz | netsu replay - --topic comments --speed max
  netsu replay orders.json refunds.ndjson --format shopify --speed max`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) (err error) {
			if conf.Speed, err = parseSpeed(speed); err != nil {
				return err
			}
			if conf.Topic != "" && !slices.Contains(rawTopics, conf.Topic) {
				return fmt.Errorf("--topic %q is none of %s", conf.Topic, strings.Join(rawTopics, ", "))
			}
			if err := takeMapping(&conf); err != nil {
				return err
			}
			if err := checkFormat(conf); err != nil {
				return err
			}
			conf.Files, conf.Stdin = files, c.InOrStdin()
			return runReplay(c, &f, conf)
		},
	}
	f.addLocal(c)
	c.Flags().StringVar(&speed, "speed", "1", "seconds of the recording per second: a number such as 60, or max")
	c.Flags().BoolVar(&conf.ToNow, "shift-to-now", false, "move all times so that the first event happens now")
	c.Flags().StringVar(&conf.Topic, "topic", "", "lines are bare events of this topic: "+strings.Join(rawTopics, ", "))
	c.Flags().BoolVar(&conf.PassBad, "pass-bad", false, "hand lines that are no events on as they are")
	c.Flags().StringVar(&conf.Format, "format", "",
		"files hold payloads of this platform: "+strings.Join(source.Formats, ", ")+"; or mapping:FILE")
	c.Flags().StringVar(&conf.Payloads.ShowID, "show", "", "with --format: the show of events that name none")
	c.Flags().StringVar(&conf.Payloads.EsolID, "esol", "", "with --format: the ESOL of events that name none")
	c.Flags().BoolVar(&conf.Payloads.SKU, "sku", false, "with --format shopify and woocommerce: products are named by their SKU")
	c.Flags().BoolVar(&conf.Payloads.RunningTotals, "running-totals", false,
		"with --format stripe: read refunds from the charges' amount_refunded, of files without refund objects")
	c.MarkFlagsMutuallyExclusive("topic", "format")
	return c
}

// takeMapping reads the file of --format mapping:FILE.
func takeMapping(conf *replay.Config) (err error) {
	if file, ok := strings.CutPrefix(conf.Format, "mapping:"); ok {
		conf.Format = "mapping"
		conf.Payloads.Mapping, err = source.LoadMapping(file)
	}
	return err
}

// checkFormat says what is wrong with the settings of --format before anything is opened.
func checkFormat(conf replay.Config) error {
	p := conf.Payloads
	switch {
	case conf.Format == "":
		if p != (source.Payloads{}) {
			return errors.New("--show, --esol, --sku and --running-totals need --format")
		}
	case !slices.Contains(source.Formats, conf.Format) && p.Mapping == nil:
		return fmt.Errorf("--format %q is none of %s, mapping:FILE", conf.Format, strings.Join(source.Formats, ", "))
	case p.ShowID == "" && source.NeedsShow(conf.Format):
		return fmt.Errorf("--format %s needs --show: its events do not name one", conf.Format)
	case p.SKU && conf.Format != "shopify" && conf.Format != "woocommerce":
		return errors.New("--sku needs --format shopify or woocommerce")
	case p.RunningTotals && conf.Format != "stripe":
		return errors.New("--running-totals needs --format stripe")
	}
	return nil
}

// parseSpeed gives event seconds per second; 0 is max.
func parseSpeed(s string) (float64, error) {
	if s == "max" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(s, "x"), 64)
	if err != nil || !(v > 0) || v > 1e9 {
		return 0, fmt.Errorf("--speed %q is neither a number above 0 nor max", s)
	}
	return v, nil
}

// aheadLimit is where ingest refuses an event as time_future.
const aheadLimit = 5 * time.Minute

func runReplay(c *cobra.Command, f *kafkaFlags, conf replay.Config) error {
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
	ahead := 0
	conf.Out = func(ctx context.Context, r source.Record) error {
		if r.TimeMS > time.Now().Add(aheadLimit).UnixMilli() {
			ahead++
		}
		return out.write(ctx, r)
	}
	bar := newBar(c.ErrOrStderr())
	conf.Progress, conf.ProgressEvery = bar.draw, 200*time.Millisecond
	started := time.Now()
	p, err := replay.Run(ctx, conf)
	bar.end()
	// What was handed over is waited for even after Ctrl-C, so that the summary is true.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if ferr := out.flush(last); err == nil {
		err = ferr
	}
	fmt.Fprintf(c.OutOrStdout(), "%d records, %.1f MB in %s\n", p.Records, float64(p.Bytes)/1e6,
		time.Since(started).Round(time.Millisecond))
	if ahead > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "%d records were more than %v ahead of the clock: they become dead letters "+
			"(time_future)\n", ahead, aheadLimit)
	}
	return err
}
