package tape

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/netsu/netsu/stream/feed/delta"
)

// maxLine bounds a line: a board of 200 rows has an eighth of it.
const maxLine = 4 << 20

// Line is a frame, and when it was written.
type Line struct {
	AtMS  int64
	Kind  string // the frame's t
	Frame json.RawMessage
}

// head is what a reader needs of a frame.
type head struct {
	T      string            `json:"t"`
	Topic  string            `json:"topic"`
	Cursor string            `json:"cursor"`
	To     string            `json:"to"`
	AsOf   *string           `json:"as_of"`
	Mark   *string           `json:"watermark"`
	Hash   string            `json:"hash"`
	Reason string            `json:"reason"`
	Keys   map[string]string `json:"keys"`
	Data   json.RawMessage   `json:"data"`
	delta.Ops
}

// ErrNothing is a topic that there is no tape of, from the time asked for on.
var ErrNothing = errors.New("there is no tape of it")

// Read gives each line of a topic from a time on: first the ack of the file that it lies in, then a snap of that moment, then
// what was written after it. It ends with the tape, with the time given (0: none), or with what give returns.
func Read(dir, topic string, fromMS, toMS int64, give func(Line) error) error {
	in, err := folder(dir, topic)
	if err != nil {
		return err
	}
	files, err := filesIn(in)
	if err != nil {
		return err
	}
	for len(files) > 1 && files[1].startMS <= fromMS {
		files = files[1:]
	}
	if len(files) == 0 {
		return fmt.Errorf("%w: %s", ErrNothing, topic)
	}
	r := &reading{fromMS: fromMS, toMS: toMS, give: give}
	for _, f := range files {
		if toMS != 0 && f.startMS > toMS {
			break
		}
		switch err := r.file(f.path); {
		case errors.Is(err, errEnd):
			return nil
		case err != nil:
			return err
		}
	}
	return r.arrive() // a time after all that was said: the last state
}

var errEnd = errors.New("the end that was asked for")

// reading is one pass over a topic's files.
type reading struct {
	fromMS, toMS int64
	give         func(Line) error

	begun bool // what lies before fromMS has been followed
	ack   Line
	rule  *delta.Rule
	doc   map[string]any
	last  head // of the state that is followed
	at    int64
	seen  bool
}

func (r *reading) file(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // swept meanwhile
	}
	if err != nil {
		return fmt.Errorf("opening a tape: %w", err)
	}
	defer f.Close()
	z, err := zstd.NewReader(bufio.NewReader(f), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return fmt.Errorf("reading a tape: %w", err)
	}
	defer z.Close()
	lines := bufio.NewScanner(z)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		if err := r.line(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil && !torn(err) {
		return fmt.Errorf("reading a tape: %w", err)
	}
	return nil
}

// torn tells the end of a file that was being written when its process was killed.
func torn(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, zstd.ErrMagicMismatch) || errors.Is(err, zstd.ErrBlockTooSmall)
}

func (r *reading) line(text []byte) error {
	var l struct {
		At    time.Time       `json:"at"`
		Frame json.RawMessage `json:"frame"`
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return fmt.Errorf("a line of a tape: %w", err)
	}
	at := l.At.UnixMilli()
	if r.toMS != 0 && at > r.toMS {
		if err := r.arrive(); err != nil {
			return err
		}
		return errEnd
	}
	var h head
	if err := json.Unmarshal(l.Frame, &h); err != nil {
		return fmt.Errorf("a frame on tape: %w", err)
	}
	line := Line{at, h.T, l.Frame}
	if !r.begun && at <= r.fromMS {
		return r.follow(line, h)
	}
	if err := r.arrive(); err != nil {
		return err
	}
	return r.give(line)
}

// follow takes a line in that lies before the time asked for.
func (r *reading) follow(l Line, h head) error {
	r.at, r.seen = l.AtMS, true
	switch h.T {
	case "ack":
		r.ack = l
		places := delta.Places{Union: h.Keys}
		r.rule = places.From()
	case "snap":
		r.last, r.doc = h, nil
		if err := json.Unmarshal(h.Data, &r.doc); err != nil {
			return fmt.Errorf("a document on tape: %w", err)
		}
	case "delta":
		if err := delta.Apply(r.rule, r.doc, &h.Ops); err != nil {
			return fmt.Errorf("following a tape: %w", err)
		}
		h.Cursor, h.Topic = h.To, r.last.Topic
		r.last = h
	}
	return nil
}

// arrive gives the state at the time asked for, once.
func (r *reading) arrive() error {
	if r.begun {
		return nil
	}
	r.begun = true
	if !r.seen || r.ack.Frame == nil {
		return nil // the tape begins later: with its own ack and snap
	}
	snap, err := r.snap()
	if err != nil {
		return err
	}
	if err := r.give(r.ack); err != nil {
		return err
	}
	return r.give(Line{r.at, "snap", snap})
}

func (r *reading) snap() (json.RawMessage, error) {
	text := []byte("null")
	if r.doc != nil {
		var err error
		if text, err = delta.State(r.doc); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the document stays canonical
	err := e.Encode(struct {
		T         string          `json:"t"`
		Sub       uint64          `json:"sub"`
		Topic     string          `json:"topic"`
		Cursor    string          `json:"cursor"`
		AsOf      *string         `json:"as_of"`
		Watermark *string         `json:"watermark"`
		Data      json.RawMessage `json:"data"`
		Hash      string          `json:"hash,omitempty"`
		Reason    string          `json:"reason,omitempty"`
	}{"snap", 0, r.last.Topic, r.last.Cursor, r.last.AsOf, r.last.Mark, text, r.last.Hash, r.last.Reason})
	if err != nil {
		return nil, fmt.Errorf("a snap from a tape: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
