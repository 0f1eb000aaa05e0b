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

	"github.com/netsu/netsu/stream/feed/livemeter"
)

// maxLine bounds a line: a board of 200 rows has an eighth of it.
const maxLine = 4 << 20

// Line is a frame, and when it was written.
type Line struct {
	AtMS  int64
	Kind  string // the frame's t
	Frame json.RawMessage
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

	begun    bool // what lies before fromMS has been followed
	ack      Line
	follower livemeter.Follower
	last     *livemeter.Frame // of the document that is followed; nil: none yet
	at       int64
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
	var kind struct {
		T string `json:"t"`
	}
	if err := json.Unmarshal(l.Frame, &kind); err != nil {
		return fmt.Errorf("a frame on tape: %w", err)
	}
	line := Line{at, kind.T, l.Frame}
	if !r.begun && at <= r.fromMS {
		return r.follow(line)
	}
	if err := r.arrive(); err != nil {
		return err
	}
	return r.give(line)
}

// follow takes a line in that lies before the time asked for.
func (r *reading) follow(l Line) error {
	r.at = l.AtMS
	if l.Kind == "ack" { // a file begins
		r.ack, r.follower, r.last = l, livemeter.Follower{}, nil
	}
	f, err := r.follower.Take(l.Frame)
	if err != nil {
		return fmt.Errorf("following a tape: %w", err)
	}
	if f.T == "snap" || f.T == "delta" {
		r.last = f
	}
	return nil
}

// arrive gives the state at the time asked for, once.
func (r *reading) arrive() error {
	if r.begun {
		return nil
	}
	r.begun = true
	if r.ack.Frame == nil {
		return nil // the tape begins later: with its own ack and snap
	}
	if err := r.give(r.ack); err != nil || r.last == nil {
		return err
	}
	snap, err := r.snap()
	if err != nil {
		return err
	}
	return r.give(Line{r.at, "snap", snap})
}

func (r *reading) snap() (json.RawMessage, error) {
	held := r.follower.Sub(r.last.Sub)
	text := held.Text
	if text == nil {
		text = json.RawMessage("null")
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
	}{"snap", r.last.Sub, held.Topic, held.Cursor, known(r.last.AsOf), known(r.last.Watermark), text, held.Hash, held.Reason})
	if err != nil {
		return nil, fmt.Errorf("a snap from a tape: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func known(time string) *string {
	if time == "" {
		return nil
	}
	return &time
}
