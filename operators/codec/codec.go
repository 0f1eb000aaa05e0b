package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/netsu/netsu/stream/event"
)

var errShort = errors.New("the value ends too early")

// Writer appends; equal values give equal bytes.
type Writer struct{ b []byte }

// writers are used again: values of a hundred kilobytes, each five seconds, would otherwise be the most of what a fold
// allocates, half of it by growing.
var writers = sync.Pool{New: func() any { return &Writer{} }}

// keptMax is the largest buffer that is kept for the next value.
const keptMax = 4 << 20

// NewWriter begins a value, of the given version of its encoding.
func NewWriter(version byte) *Writer {
	w := writers.Get().(*Writer)
	w.b = append(w.b[:0], version)
	return w
}

// Done is what was written. It is the writer's end.
func (w *Writer) Done() []byte {
	done := bytes.Clone(w.b)
	if cap(w.b) > keptMax {
		w.b = nil
	}
	writers.Put(w)
	return done
}

// Uint writes an unsigned integer, short where it is small.
func (w *Writer) Uint(v uint64) { w.b = binary.AppendUvarint(w.b, v) }

// Int writes a signed integer, short where it is near zero.
func (w *Writer) Int(v int64) { w.b = binary.AppendVarint(w.b, v) }

// Float writes the bits of a float.
func (w *Writer) Float(v float64) { w.b = binary.BigEndian.AppendUint64(w.b, math.Float64bits(v)) }

// Hash writes 8 bytes.
func (w *Writer) Hash(v uint64) { w.b = binary.BigEndian.AppendUint64(w.b, v) }

// ID writes 16 bytes.
func (w *Writer) ID(v event.ID) { w.Hash(v.Hi); w.Hash(v.Lo) }

// Bytes writes bytes with their length before them.
func (w *Writer) Bytes(v []byte) { w.Uint(uint64(len(v))); w.b = append(w.b, v...) }

// Str is Bytes of a string.
func (w *Writer) Str(v string) { w.Uint(uint64(len(v))); w.b = append(w.b, v...) }

// Bool writes one byte.
func (w *Writer) Bool(v bool) {
	if v {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

// Reader is the inverse. Its first error sticks, and from then on it returns zeros.
type Reader struct {
	b   []byte
	err error
}

// NewReader reads a value of the given version; another is the reader's first error.
func NewReader(b []byte, version byte) *Reader {
	r := &Reader{b: b}
	if v := r.take(1); r.err == nil && v[0] != version {
		way := "run the version that wrote it, or a newer"
		if v[0] < version {
			way = "run the version that wrote it, or begin anew, with another --prefix and data directory"
		}
		r.err = fmt.Errorf("the state has version %d, this program reads %d: %s", v[0], version, way)
	}
	return r
}

// End is the first error; bytes that are left over are one.
func (r *Reader) End() error {
	if r.err == nil && len(r.b) > 0 {
		return fmt.Errorf("%d bytes are left over", len(r.b))
	}
	return r.err
}

// Err is the first error so far.
func (r *Reader) Err() error { return r.err }

// Fail is for what is decoded and makes no sense: the first error counts.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *Reader) take(n int) []byte {
	if n > len(r.b) {
		r.Fail(errShort)
		return make([]byte, min(n, 8))
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

// Uint is the inverse of Writer.Uint.
func (r *Reader) Uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.Fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

// Int is the inverse of Writer.Int.
func (r *Reader) Int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.Fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

// Float is the inverse of Writer.Float.
func (r *Reader) Float() float64 { return math.Float64frombits(r.Hash()) }

// Hash is the inverse of Writer.Hash.
func (r *Reader) Hash() uint64 { return be64(r.take(8)) }

// ID is the inverse of Writer.ID.
func (r *Reader) ID() event.ID { return event.ID{Hi: r.Hash(), Lo: r.Hash()} }

// Bool is the inverse of Writer.Bool.
func (r *Reader) Bool() bool { return r.take(1)[0] != 0 }

// Str is the inverse of Writer.Str.
func (r *Reader) Str() string { return string(r.Bytes()) }

// Bytes is the inverse of Writer.Bytes. What it returns is part of the value read: clone what is kept.
func (r *Reader) Bytes() []byte {
	n := r.Count(1)
	if r.err != nil {
		return nil
	}
	return r.take(n)
}

// Count reads how many items follow, each of at least size bytes: so what is allocated for them is bounded by what is
// there.
func (r *Reader) Count(size int) int {
	n := r.Uint()
	if n > uint64(len(r.b)/size) {
		r.Fail(errShort)
		return 0
	}
	return int(n)
}

func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
