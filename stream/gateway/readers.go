package gateway

import (
	"container/list"
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// smallBytes of each body are bounded by the number of readers; what a body has beyond, by the bytes of all.
	smallBytes = 64 << 10
	// grace is how long a reader keeps its place whoever comes: an honest body is there by then, and a burst of honest ones
	// does not cut itself off.
	grace = 250 * time.Millisecond
)

// Why there is no room for a body.
var (
	errReaders = errors.New("more bodies are being sent than are read at once")
	errBytes   = errors.New("more bytes of deliveries are in flight than are held")
	errGaveWay = errors.New("others came while this body was slow to come")
)

// readers bound what strangers send: anyone may begin a body, and nobody is known before it has ended. There are so many
// bodies at once of an address, so many of all addresses, and so many bytes of all deliveries that are not answered yet.
// Where one too many comes, the reader that has been at it the longest gives way, if it has had its grace, and who came is
// refused if none has. So whoever sends slowly, from however many places, costs others nothing: they need milliseconds.
type readers struct {
	perAddress, total int
	maxBytes          int64 // beyond smallBytes of each

	mu      sync.Mutex
	reading *list.List // of *reader, the longest first
	of      map[string]int
	bytes   int64
}

// reader is one body, from its first byte to the delivery's answer.
type reader struct {
	all     *readers
	from    string
	began   time.Time
	halt    func()        // ends a Read that waits
	at      *list.Element // in reading; nil once the body is there, or has given way
	gaveWay bool
	bytes   int64
}

func newReaders(perAddress, total int, maxBytes int64) *readers {
	return &readers{perAddress: perAddress, total: total, maxBytes: maxBytes, reading: list.New(), of: map[string]int{}}
}

// enter begins a body of an address; leave ends it. halt is called at most once, and not after leave.
func (rs *readers) enter(from string, halt func()) (*reader, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	same := func(r *reader) bool { return r.from == from }
	if rs.of[from] >= rs.perAddress && !rs.giveWay(same) {
		return nil, errReaders
	}
	anyone := func(*reader) bool { return true }
	if rs.reading.Len() >= rs.total && !rs.giveWay(anyone) {
		return nil, errReaders
	}
	r := &reader{all: rs, from: from, began: time.Now(), halt: halt}
	r.at = rs.reading.PushBack(r)
	rs.of[from]++
	return r, nil
}

// giveWay ends the reader that has been at it the longest of those that match, if it has had its grace.
func (rs *readers) giveWay(match func(*reader) bool) bool {
	for e := rs.reading.Front(); e != nil; e = e.Next() {
		r := e.Value.(*reader)
		if !match(r) {
			continue
		}
		if time.Since(r.began) < grace {
			return false
		}
		r.gaveWay = true
		r.end()
		r.giveBack()
		r.halt()
		return true
	}
	return false
}

// end and giveBack are called with the lock held.
func (r *reader) end() {
	if r.at == nil {
		return
	}
	r.all.reading.Remove(r.at)
	r.at = nil
	if r.all.of[r.from]--; r.all.of[r.from] == 0 {
		delete(r.all.of, r.from)
	}
}

func (r *reader) giveBack() {
	r.all.bytes -= r.bytes
	r.bytes = 0
}

// grow asks for room for a body of that size.
func (r *reader) grow(size int64) error {
	rs := r.all
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r.gaveWay {
		return errGaveWay
	}
	more := max(0, size-smallBytes) - r.bytes
	large := func(other *reader) bool { return other != r && other.bytes > 0 }
	for rs.bytes+more > rs.maxBytes {
		if !rs.giveWay(large) {
			return errBytes
		}
	}
	r.bytes += more
	rs.bytes += more
	return nil
}

// read is a body of at most limit bytes, which body itself has to see to. The bytes stay counted until leave.
func (r *reader) read(body io.Reader, limit int64) ([]byte, error) {
	b := make([]byte, 0, min(4<<10, limit+1))
	for {
		if len(b) == cap(b) {
			size := min(2*int64(cap(b)), limit+1)
			if err := r.grow(size); err != nil {
				return nil, err
			}
			b = append(make([]byte, 0, size), b...)
		}
		n, err := body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == nil {
			continue
		}
		if !r.finish() {
			return nil, errGaveWay
		}
		if err == io.EOF {
			return b, nil
		}
		return nil, err
	}
}

// finish gives the reader's place to others; false if it had to.
func (r *reader) finish() bool {
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	r.end()
	return !r.gaveWay
}

// leave: the delivery is answered.
func (r *reader) leave() {
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	r.end()
	r.giveBack()
}

// now tells how many bodies are being read, and the bytes in flight beyond the small ones.
func (rs *readers) now() (reading int, bytes int64) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.reading.Len(), rs.bytes
}
