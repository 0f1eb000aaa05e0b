package tape

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/netsu/netsu/state/disk"
)

const (
	flushEvery = 10 * time.Second // of the lines' own times
	flushBytes = 256 << 10        // of lines, before they are pressed
)

// press is shared: its EncodeAll may be called by many at a time.
var press = newPress()

func newPress() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(512<<10))
	if err != nil {
		panic("cannot happen: an encoder with options that exist: " + err.Error())
	}
	e.EncodeAll(nil, nil) // makes what it needs now, and not in whoever comes first
	return e
}

// Writer writes one file. It is not safe for concurrent use.
type Writer struct {
	f     *os.File
	lines []byte
	since int64 // ms of the first line that is not written
	err   error // the first one; nothing is written after it
}

// Create begins a topic's file. It is the topic's last, whatever was done to the clock: one that would begin before another begins
// right behind it.
func Create(dir, topic string, startMS int64) (*Writer, error) {
	in, err := folder(dir, topic)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the tapes: %w", err)
	}
	if err := disk.Room(dir, disk.SpareReserve); err != nil {
		return nil, fmt.Errorf("beginning a tape: %w", err)
	}
	if files, err := filesIn(in); err != nil {
		return nil, err
	} else if n := len(files); n > 0 {
		startMS = max(startMS, files[n-1].startMS+1)
	}
	for { // two in one millisecond do not share a file
		if err := os.MkdirAll(in, 0o755); err != nil { // within: Sweep takes away what is empty
			return nil, fmt.Errorf("making a folder for tapes: %w", err)
		}
		f, err := os.OpenFile(filepath.Join(in, strconv.FormatInt(startMS, 10)+suffix), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		switch {
		case errors.Is(err, os.ErrExist):
			startMS++
			continue
		case errors.Is(err, os.ErrNotExist):
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("beginning a tape: %w", err)
		}
		return &Writer{f: f}, nil
	}
}

// Write adds a frame. What it returns is of an earlier block, too.
func (w *Writer) Write(atMS int64, frame []byte) error {
	if w.err != nil {
		return w.err
	}
	if len(w.lines) == 0 {
		w.since = atMS
	}
	w.lines = Line{AtMS: atMS, Frame: frame}.Append(w.lines)
	if len(w.lines) >= flushBytes || atMS-w.since >= flushEvery.Milliseconds() || atMS < w.since { // the clock was set back
		w.err = w.flush()
	}
	return w.err
}

// Append writes a line as it lies on tape.
func (l Line) Append(b []byte) []byte {
	b = time.UnixMilli(l.AtMS).UTC().AppendFormat(append(b, `{"at":"`...), "2006-01-02T15:04:05.000Z")
	return append(append(append(b, `","frame":`...), l.Frame...), "}\n"...)
}

func (w *Writer) flush() error {
	if len(w.lines) == 0 {
		return nil
	}
	if err := disk.Room(filepath.Dir(w.f.Name()), disk.SpareReserve); err != nil {
		return fmt.Errorf("writing a tape: %w", err)
	}
	block := press.EncodeAll(w.lines, nil)
	w.lines = w.lines[:0]
	if _, err := w.f.Write(block); err != nil {
		return fmt.Errorf("writing a tape: %w", err)
	}
	return nil
}

// Close writes what is left.
func (w *Writer) Close() error {
	if w.err == nil {
		w.err = w.flush()
	}
	if err := w.f.Close(); w.err == nil && err != nil {
		w.err = fmt.Errorf("closing a tape: %w", err)
	}
	return w.err
}
