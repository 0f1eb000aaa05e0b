package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"

	"github.com/netsu/netsu/stream/source"
)

// MaxLineBytes bounds a line: a record over the broker's limit, in base64, still fits. A longer line is a bad line, and
// never passed on.
const MaxLineBytes = 4 << 20

// line is the form of a recorded record.
type line struct {
	Topic  string          `json:"topic"`
	Key    *string         `json:"key,omitempty"`
	RawKey []byte          `json:"raw_key,omitempty"` // a key that is not UTF-8
	Value  json.RawMessage `json:"value,omitempty"`
	Raw    []byte          `json:"raw,omitempty"` // a value that is not a line of JSON
}

// Write appends one record as a line that Read turns into the same bytes.
func Write(w io.Writer, r source.Record) error {
	l := line{Topic: r.Topic}
	switch {
	case r.Key == nil:
	case utf8.Valid(r.Key):
		k := string(r.Key)
		l.Key = &k
	default:
		l.RawKey = r.Key
	}
	head, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	// The value is put in by hand: Marshal would compact and escape it, and its bytes are what is recorded.
	b := head[:len(head)-1]
	switch {
	case r.Value == nil:
		b = append(b, `,"value":null`...)
	case onOneLine(r.Value):
		b = append(append(b, `,"value":`...), r.Value...)
	default:
		b = append(b, `,"raw":`...)
		raw, err := json.Marshal(r.Value)
		if err != nil {
			return fmt.Errorf("writing a record: %w", err)
		}
		b = append(b, raw...)
	}
	if _, err := w.Write(append(b, "}\n"...)); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return nil
}

// onOneLine tells whether a value survives as JSON inside a line: valid, UTF-8, without line breaks, not null itself.
func onOneLine(v []byte) bool {
	return json.Valid(v) && utf8.Valid(v) && !bytes.ContainsAny(v, "\r\n") && len(bytes.TrimSpace(v)) == len(v) &&
		!bytes.Equal(v, []byte("null"))
}

// Read yields the records of one file. c gives Topic, PassBad and Stdin.
func Read(name string, c Config) source.Seq {
	return func(yield func(source.Record, error) bool) {
		r, closeAll, err := open(name, c.Stdin)
		if err != nil {
			yield(source.Record{}, err)
			return
		}
		defer closeAll()
		b := bufio.NewReaderSize(r, 64<<10)
		for n := 1; ; n++ {
			text, err := readLine(b)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(source.Record{}, fmt.Errorf("%s:%d: %w", name, n, err))
				return
			}
			if len(bytes.TrimSpace(text)) == 0 {
				continue
			}
			rec, err := parse(text, c.Topic)
			if err != nil && c.PassBad {
				rec, err = source.Record{Topic: c.Topic, Value: bytes.Clone(text)}, nil
				if rec.Topic == "" {
					rec.Topic = source.Comments
				}
			}
			if err != nil {
				err = fmt.Errorf("%s:%d: %w", name, n, err)
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// readPayloads yields the events of one file of payloads.
func readPayloads(name string, c Config) source.Seq {
	return func(yield func(source.Record, error) bool) {
		r, closeAll, err := open(name, c.Stdin)
		if err != nil {
			yield(source.Record{}, err)
			return
		}
		defer closeAll()
		p := c.Payloads
		p.Name, p.PassBad = name, c.PassBad
		p.Read(c.Format, r)(yield)
	}
}

// parse reads one line; with a topic, the line is a bare event.
func parse(text []byte, topic string) (source.Record, error) {
	if topic != "" {
		if !json.Valid(text) {
			return source.Record{}, errors.New("this is not JSON")
		}
		return source.Record{Topic: topic, Key: keyOf(topic, text), Value: bytes.Clone(text),
			TimeMS: eventTime(text)}, nil
	}
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return source.Record{}, fmt.Errorf(`reading {"topic":…,"key":…,"value":…}: %w`, err)
	}
	switch l.Topic {
	case source.Comments, source.Reactions, source.Orders, source.Catalog:
	default:
		return source.Record{}, fmt.Errorf(`"topic" is %q, not comments, reactions, orders or catalog`, l.Topic)
	}
	r := source.Record{Topic: l.Topic, Key: l.RawKey, Value: l.Value}
	if l.Key != nil {
		r.Key = []byte(*l.Key)
	}
	switch {
	case l.Raw != nil:
		r.Value = l.Raw
	case l.Value == nil:
		return source.Record{}, errors.New(`there is neither "value" nor "raw"`)
	case string(l.Value) == "null":
		r.Value = nil
	}
	if json.Valid(r.Value) && r.Topic != source.Catalog {
		r.TimeMS = eventTime(r.Value)
	}
	return r, nil
}

// keyOf gives a bare event the key that its producer would have used; nil where it names none.
func keyOf(topic string, value []byte) []byte {
	text := map[string]string{}
	fields(value, 0, func(name string, from, to int) {
		switch name {
		case "show_id", "order_id", "kind", "id":
			var s string
			if json.Unmarshal(value[from:to], &s) == nil {
				text[name] = s
			}
		}
	})
	key := text["show_id"]
	switch topic {
	case source.Orders:
		key = text["order_id"]
	case source.Catalog:
		key = text["kind"] + "/" + text["id"]
	}
	if key == "" {
		return nil
	}
	return []byte(key)
}

// readLine is one line without its end. A line over MaxLineBytes is an error.
func readLine(b *bufio.Reader) ([]byte, error) {
	var long []byte
	for {
		part, err := b.ReadSlice('\n')
		if err == bufio.ErrBufferFull || long != nil {
			long = append(long, part...)
			part = long
		}
		if len(part) > MaxLineBytes {
			return nil, fmt.Errorf("the line is longer than %d bytes", MaxLineBytes)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(part) > 0, err == nil:
			return bytes.TrimRight(part, "\r\n"), nil
		}
		return nil, err
	}
}

// open opens a file by the end of its name.
func open(name string, stdin io.Reader) (io.Reader, func(), error) {
	if name == "-" {
		if stdin == nil {
			return nil, nil, errors.New(`there is no standard input to read for "-"`)
		}
		return stdin, func() {}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("opening a recording: %w", err)
	}
	switch {
	case strings.HasSuffix(name, ".gz"):
		z, err := gzip.NewReader(f)
		if err != nil {
			f.Close()
			return nil, nil, fmt.Errorf("opening a recording: %s: %w", name, err)
		}
		return z, func() { f.Close() }, nil
	case strings.HasSuffix(name, ".zst"):
		z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
		if err != nil {
			f.Close()
			return nil, nil, fmt.Errorf("opening a recording: %s: %w", name, err)
		}
		return z, func() { z.Close(); f.Close() }, nil
	}
	return f, func() { f.Close() }, nil
}
