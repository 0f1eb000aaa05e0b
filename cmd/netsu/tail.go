package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/feed/livemeter"
)

func tailCommand() *cobra.Command {
	var (
		url, tokenFile string
		wants          tailWants
		frames         bool
	)
	c := &cobra.Command{
		Use:   "tail TOPIC…",
		Short: "Print how documents of the feed change, as NDJSON, for as long as it runs",
		Long: `Subscribe to topics of a feed (shows, show/ID, esol/ID, campaign/ID, brand/ID) and print a line of JSON for each change:

  {"topic","at","data"}            the document as it is now (or what --fields names of it); at is the age of its newest meter.
                                   data is null where there is none, and reason says why
  {"topic","at","event","data"}    a moment or a diagnosis, once each; event is its kind
  {"topic","at","restate","data"}  a correction of money that was said before, likewise; restate is its reason
  {"topic","gap"}                  events may have been missed; gap says why

With --watch a line comes only when a condition begins or ceases to hold (holds is null where it cannot be told), looked at in
every state of the document:

  {"topic","watch","holds","data"}   watch is the condition, data the values that it rests on

With --from a show that is on tape is rehearsed: its lines come again as the feed said them, and the command ends with its tape.

Each document was proven by its hash. A lost connection is said on standard error, made again and resumed, without end. What
is slower than the feed, at the other end of a pipe, gets fewer documents and all events. Ctrl-C ends it.`,
		Example: `  netsu tail show/S42
  netsu tail show/S42 esol/hana --fields room.final.heat,money --max-hz 1 --url https://netsu.example --token-file token
  netsu tail shows --frames > session.ndjson
  netsu tail show/S42 --watch 'room.final.heat.gauge >= 60' --watch 'money.gmv.JPY.net.minor > 1000000'
  netsu tail show/S42 --from 2026-05-01T20:00:00Z --speed 10`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, topics []string) error {
			log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
			config := livemeter.Config{URL: url, Name: "netsu tail", Logger: log}
			if tokenFile != "" {
				if _, err := tokenIn(tokenFile); err != nil {
					return err
				}
				config.Token = func(context.Context) (string, error) { return tokenIn(tokenFile) }
			}
			if err := wants.fit(); err != nil {
				return err
			}
			t := &tail{out: c.OutOrStdout(), log: log, rehearsed: len(topics)}
			ctx, stop := context.WithCancelCause(c.Context())
			defer stop(nil)
			if frames {
				config.Frames = func(frame []byte) {
					if err := t.write(frame); err != nil {
						stop(err)
					}
				}
			}
			client, err := livemeter.New(config)
			if err != nil {
				return fmt.Errorf("--url: %w", err)
			}
			for _, topic := range topics {
				if err := wants.ask(client, topic); err != nil {
					return err
				}
			}
			err = client.Run(ctx, func(u livemeter.Update) error { return t.told(u, !frames) })
			if cause := context.Cause(ctx); err == nil && c.Context().Err() == nil {
				return cause
			}
			if errors.Is(err, errTapesEnd) {
				return nil
			}
			return err
		},
	}
	fs := c.Flags()
	fs.StringVar(&url, "url", "http://127.0.0.1:8080", "address of the feed; the query of a signed address may follow")
	fs.StringSliceVar(&wants.fields, "fields", nil, "parts of the documents, as money,room.final.heat; none means all")
	parsedVar(fs, &wants.maxHz, "max-hz", "number", "0", "documents of a topic a second at most, .01 to 10; 0 means each change", parseHz)
	fs.StringArrayVar(&wants.when, "watch", nil, "a condition on the documents, and no documents; may be given again")
	parsedVar(fs, &wants.from, "from", "time", "", "rehearse from then on, as 2026-05-01T20:00:00Z; empty means what is said now", parseFrom)
	parsedVar(fs, &wants.speed, "speed", "number", "0", "of a rehearsal, times as fast as it was, to 1000; 0 means as fast", parseTapeSpeed)
	fs.StringVar(&tokenFile, "token-file", "", "file with a token (netsu token sign), read for each connection")
	fs.BoolVar(&frames, "frames", false, "print the feed's frames as they come instead, heartbeats among them")
	return c
}

func parseHz(s string) (float64, error) {
	var hz float64
	if err := json.Unmarshal([]byte(s), &hz); err != nil || hz != 0 && (hz < .01 || hz > 10) {
		return 0, ownReason("is neither 0 nor from .01 to 10")
	}
	return hz, nil
}

func parseFrom(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, ownReason("is no time such as 2026-05-01T20:00:00Z")
	}
	return t, nil
}

func parseTapeSpeed(s string) (float64, error) {
	speed, err := strconv.ParseFloat(s, 64)
	if err != nil || !(speed >= 0 && speed <= 1000) {
		return 0, ownReason("is not from 0 to 1000")
	}
	return speed, nil
}

// tailWants is what is asked of each topic.
type tailWants struct {
	fields []string
	maxHz  float64
	when   []string
	from   time.Time
	speed  float64
}

// fit tells whether what is asked goes together.
func (w *tailWants) fit() error {
	documents := len(w.fields) > 0 || w.maxHz > 0
	switch {
	case len(w.when) > 0 && (documents || !w.from.IsZero()):
		return errors.New("--watch gives no documents, and of what happens now: leave out --fields, --max-hz and --from, or run netsu tail twice")
	case !w.from.IsZero() && documents:
		return errors.New("a tape has whole documents, as often as it has them: leave out --fields and --max-hz with --from")
	case w.from.IsZero() && w.speed > 0:
		return errors.New("--speed is of a rehearsal: say --from when")
	}
	return nil
}

func (w *tailWants) ask(client *livemeter.Client, topic string) error {
	if len(w.when) == 0 {
		return client.Subscribe(livemeter.Sub{Topic: topic, Fields: w.fields, MaxHz: w.maxHz, From: w.from, Speed: w.speed})
	}
	for _, when := range w.when {
		if err := client.Watch(livemeter.Watch{Topic: topic, When: when}); err != nil {
			return err
		}
	}
	return nil
}

// tokenIn reads the token in a file, which must hold one.
func tokenIn(file string) (string, error) {
	token, err := readToken(strings.NewReader(""), []string{file})
	if err == nil && token == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", fmt.Errorf("--token-file %s: %w", file, err)
	}
	return token, nil
}
