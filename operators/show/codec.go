package show

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/netsu/netsu/stream/event"
)

// stateVersion is the newest encoding of the state that this program writes and reads. Every value starts with it.
const stateVersion = 1

var errShort = errors.New("the value ends too early")

// writer appends; equal values give equal bytes.
type writer struct{ b []byte }

func newWriter() *writer { return &writer{[]byte{stateVersion}} }

func (w *writer) uint(v uint64)   { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)     { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) float(v float64) { w.b = binary.BigEndian.AppendUint64(w.b, math.Float64bits(v)) }
func (w *writer) hash(v uint64)   { w.b = binary.BigEndian.AppendUint64(w.b, v) }
func (w *writer) id(v event.ID)   { w.hash(v.Hi); w.hash(v.Lo) }
func (w *writer) bytes(v []byte)  { w.uint(uint64(len(v))); w.b = append(w.b, v...) }
func (w *writer) string(v string) { w.uint(uint64(len(v))); w.b = append(w.b, v...) }
func (w *writer) bool(v bool) {
	if v {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

// reader is the inverse. Its first error sticks, and from then on it returns zeros.
type reader struct {
	b   []byte
	err error
}

func newReader(b []byte) *reader {
	r := &reader{b: b}
	if v := r.take(1); r.err == nil && v[0] != stateVersion {
		r.err = fmt.Errorf("the state has version %d, this program reads %d: run the version that wrote it, or a newer",
			v[0], stateVersion)
	}
	return r
}

// end is the first error; bytes that are left over are one.
func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		return fmt.Errorf("%d bytes are left over", len(r.b))
	}
	return r.err
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.fail(errShort)
		return make([]byte, min(n, 8))
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) float() float64 { return math.Float64frombits(r.hash()) }
func (r *reader) hash() uint64   { return be64(r.take(8)) }
func (r *reader) id() event.ID   { return event.ID{Hi: r.hash(), Lo: r.hash()} }
func (r *reader) bool() bool     { return r.take(1)[0] != 0 }
func (r *reader) string() string { return string(r.bytes()) }

func (r *reader) bytes() []byte {
	n := r.count(1)
	if r.err != nil {
		return nil
	}
	return r.take(n)
}

// count reads how many items follow, each of at least size bytes: so what is allocated for them is bounded by what is
// there.
func (r *reader) count(size int) int {
	n := r.uint()
	if n > uint64(len(r.b)/size) {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
