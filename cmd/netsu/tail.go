package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/feed/livemeter"
)

func tailCommand() *cobra.Command {
	var (
		url, tokenFile string
		fields         []string
		maxHz          float64
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

Each document was proven by its hash. A lost connection is said on standard error, made again and resumed, without end. What
is slower than the feed, at the other end of a pipe, gets fewer documents and all events. Ctrl-C ends it.`,
		Example: `  netsu tail show/S42
  netsu tail show/S42 esol/hana --fields room.final.heat,money --max-hz 1 --url https://netsu.example --token-file token
  netsu tail shows --frames > session.ndjson`,
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
			t := &tail{out: c.OutOrStdout(), log: log}
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
				if err := client.Subscribe(livemeter.Sub{Topic: topic, Fields: fields, MaxHz: maxHz}); err != nil {
					return err
				}
			}
			err = client.Run(ctx, func(u livemeter.Update) error { return t.told(u, !frames) })
			if cause := context.Cause(ctx); err == nil && c.Context().Err() == nil {
				return cause
			}
			return err
		},
	}
	fs := c.Flags()
	fs.StringVar(&url, "url", "http://127.0.0.1:8080", "address of the feed; the query of a signed address may follow")
	fs.StringSliceVar(&fields, "fields", nil, "parts of the documents, as money,room.final.heat; none means all")
	parsedVar(fs, &maxHz, "max-hz", "number", "0", "documents of a topic a second at most, .01 to 10; 0 means each change", parseHz)
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

// tail prints what a client is told.
type tail struct {
	out  io.Writer
	log  *slog.Logger
	lost bool
}

// tailLine is a line of the output.
type tailLine struct {
	Topic   string          `json:"topic"`
	At      *string         `json:"at"`
	Event   string          `json:"event,omitempty"`
	Restate string          `json:"restate,omitempty"`
	Gap     string          `json:"gap,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	Data    json.RawMessage `json:"data"`
}

var errNotGiven = errors.New("the feed does not give this topic")

// told prints an update, if it is to be printed; links are said in any case.
func (t *tail) told(u livemeter.Update, printed bool) error {
	line := tailLine{Topic: u.Sub.Topic, Data: u.Data}
	switch u.Kind {
	case livemeter.Changed:
		t.linked(u.Link)
		return nil
	case livemeter.Refused:
		return fmt.Errorf("%s: %w: %s: %s", u.Sub.Topic, errNotGiven, u.Reason, u.Message)
	case livemeter.Document:
		if u.AsOf != "" {
			line.At = &u.AsOf
		}
		line.Reason = u.Reason
	case livemeter.Event:
		line.At, line.Event = eventTime(u.Data), u.Name
	case livemeter.Restate:
		line.At, line.Restate = eventTime(u.Data), u.Reason
	case livemeter.Gap:
		line.Gap = u.Reason
	}
	if !printed {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(line); err != nil {
		return fmt.Errorf("encoding a line: %w", err)
	}
	return t.write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// eventTime is when an event was.
func eventTime(data json.RawMessage) *string {
	var e struct {
		At *string `json:"at"`
	}
	_ = json.Unmarshal(data, &e) // it is an object: the client has read its id; without a time, null
	return e.At
}

// linked says that a connection is there again; the client's log has said how it was lost.
func (t *tail) linked(l livemeter.Link) {
	switch l.State {
	case livemeter.Waiting:
		t.lost = true
	case livemeter.Open:
		if t.lost {
			t.log.Warn("connected to the feed again")
		}
		t.lost = false
	case livemeter.Silent:
		t.log.Warn("the feed has fallen silent")
	}
}

func (t *tail) write(line []byte) error {
	if _, err := t.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}
