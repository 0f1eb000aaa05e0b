package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/netsu/netsu/stream/feed/livemeter"
)

// tail prints what a client is told.
type tail struct {
	out  io.Writer
	log  *slog.Logger
	lost bool

	rehearsed int // topics whose tape has not ended
}

// tailLine is a line of the output.
type tailLine struct {
	Topic   string          `json:"topic"`
	At      *string         `json:"at"`
	Event   string          `json:"event,omitempty"`
	Restate string          `json:"restate,omitempty"`
	Gap     string          `json:"gap,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	Watch   string          `json:"watch,omitempty"`
	Holds   json.RawMessage `json:"holds,omitempty"`
	Data    json.RawMessage `json:"data"`
}

var (
	errNotGiven = errors.New("the feed does not give this topic")
	errTapesEnd = errors.New("all tapes have come to their end")
)

// told prints an update, if it is to be printed; links are said in any case.
func (t *tail) told(u livemeter.Update, printed bool) error {
	line := tailLine{Topic: u.Sub.Topic, Data: u.Data}
	switch u.Kind {
	case livemeter.Changed:
		t.linked(u.Link)
		return nil
	case livemeter.Over:
		if t.rehearsed--; t.rehearsed == 0 {
			return errTapesEnd
		}
		return nil
	case livemeter.Watched:
		return t.watched(u, printed)
	case livemeter.Refused:
		return fmt.Errorf("%s: %w: %s: %s", cmp.Or(u.Sub.Topic, u.Watch.Topic), errNotGiven, u.Reason, u.Message)
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
	return t.print(line, printed)
}

// watched prints what a condition comes to, with its values.
func (t *tail) watched(u livemeter.Update, printed bool) error {
	line := tailLine{Topic: u.Watch.Topic, Watch: u.Watch.When}
	var err error
	if line.Holds, err = json.Marshal(u.Answer.Holds); err == nil {
		line.Data, err = json.Marshal(u.Answer.Values)
	}
	if err != nil {
		return fmt.Errorf("encoding what %s comes to: %w", u.Watch.When, err)
	}
	return t.print(line, printed)
}

func (t *tail) print(line tailLine, printed bool) error {
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
