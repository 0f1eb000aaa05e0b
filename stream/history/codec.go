package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"
)

// A value on disk is sealed:
//
//	version 1 byte │ CRC-32C of what follows 4 bytes │ rows │ length when unpacked │ zstd
//
// and, unpacked, a block is columns: of each row its bucket, revision, last statement and append time; then, for each
// series that any row has, its key, which rows have it, and its values. All numbers are varints (ints.go).
const (
	sealVersion = 1
	headBytes   = 5
	// maxSealed bounds what one value unpacks to, so that a damaged one cannot ask for all memory: 360 rows of 8
	// revisions and 700 cells would still fit.
	maxSealed = 32 << 20
)

// ErrDamaged is wrapped by all errors of reading a value from disk that is not what was written.
var ErrDamaged = errors.New("damaged history")

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	packer     = must(zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(128<<10)))
	unpacker   = must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxSealed)))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic("cannot happen: zstd with fixed options: " + err.Error())
	}
	return v
}

// seal packs a value that holds so many rows.
func seal(body []byte, rows int) []byte {
	out := make([]byte, headBytes, headBytes+10+len(body)/2)
	out[0] = sealVersion
	out = binary.AppendUvarint(out, uint64(rows))
	out = binary.AppendUvarint(out, uint64(len(body)))
	out = packer.EncodeAll(body, out)
	binary.BigEndian.PutUint32(out[1:], crc32.Checksum(out[headBytes:], castagnoli))
	return out
}

// unseal checks a value and unpacks it.
func unseal(b []byte) (body []byte, rows int, err error) {
	if len(b) < headBytes {
		return nil, 0, fmt.Errorf("%w: %d bytes are no value", ErrDamaged, len(b))
	}
	if b[0] != sealVersion {
		return nil, 0, fmt.Errorf("history of version %d was written by another version of netsu, this one reads %d: "+
			"upgrade it, or delete the history's directory to begin anew", b[0], sealVersion)
	}
	if crc32.Checksum(b[headBytes:], castagnoli) != binary.BigEndian.Uint32(b[1:]) {
		return nil, 0, fmt.Errorf("%w: the checksum is another", ErrDamaged)
	}
	r := reader{b: b[headBytes:]}
	n, size := r.count(maxRows), r.count(maxSealed)
	if r.err != nil {
		return nil, 0, r.err
	}
	if body, err = unpacker.DecodeAll(r.b, make([]byte, 0, min(size, 1<<20))); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(body) != size {
		return nil, 0, fmt.Errorf("%w: %d bytes where there were %d", ErrDamaged, len(body), size)
	}
	return body, n, nil
}

// rowsIn is how many rows a sealed value holds, 0 where that cannot be told.
func rowsIn(b []byte) int {
	if len(b) < headBytes {
		return 0
	}
	r := reader{b: b[headBytes:]}
	return r.count(maxRows)
}

const (
	maxRows  = 360 * maxRevisions
	maxCells = 1000
)

// encodeBlock packs rows of a tier, in order of time and revision.
func encodeBlock(t tier, rows []row) []byte { return seal(appendRows(nil, t, rows), len(rows)) }

// decodeBlock is the inverse.
func decodeBlock(t tier, b []byte) ([]row, error) {
	body, n, err := unseal(b)
	if err != nil {
		return nil, err
	}
	r := reader{b: body}
	rows := r.rows(t)
	if r.err == nil && (len(r.b) > 0 || len(rows) != n) {
		r.fail("bytes are left over")
	}
	return rows, r.err
}

// appendRows writes rows as columns.
func appendRows(b []byte, t tier, rows []row) []byte {
	b = binary.AppendUvarint(b, uint64(len(rows)))
	if len(rows) == 0 {
		return b
	}
	column := func(of func(r row) int64) {
		values := make([]int64, len(rows))
		for i, r := range rows {
			values[i] = of(r)
		}
		b = appendInts(b, values)
	}
	column(func(r row) int64 { return r.t / t.seconds })
	column(func(r row) int64 { return r.rev })
	column(func(r row) int64 { return r.at - r.t })
	column(func(r row) int64 { return r.said - r.t })
	keys := keysOf(rows)
	b = binary.AppendUvarint(b, uint64(len(keys)))
	has := make([]bool, len(rows))
	var last, lo, hi []int64
	next := make([]int, len(rows)) // cells of each row that are written
	for _, k := range keys {
		last, lo, hi = last[:0], lo[:0], hi[:0]
		for i, r := range rows {
			if has[i] = next[i] < len(r.cells) && r.cells[next[i]].key == k; !has[i] {
				continue
			}
			c := r.cells[next[i]]
			next[i]++
			last, lo, hi = append(last, c.last), append(lo, c.last-c.lo), append(hi, c.hi-c.last)
		}
		b = binary.AppendUvarint(b, uint64(k))
		b = appendRuns(b, has)
		b = appendInts(b, last)
		if k.ranged() && t.seconds > 1 {
			b = appendInts(appendInts(b, lo), hi)
		}
	}
	return b
}

// rows is the inverse of appendRows.
func (r *reader) rows(t tier) []row {
	n := r.count(maxRows)
	if n == 0 || r.err != nil {
		return nil
	}
	rows := make([]row, n)
	column := func(to func(r *row, v int64)) {
		for i, v := range r.ints(n) {
			to(&rows[i], v)
		}
	}
	column(func(r *row, v int64) { r.t = v * t.seconds })
	column(func(r *row, v int64) { r.rev = v })
	column(func(r *row, v int64) { r.at = r.t + v })
	column(func(r *row, v int64) { r.said = r.t + v })
	for i := 1; i < n && r.err == nil; i++ {
		if p, q := rows[i-1], rows[i]; q.t < p.t || q.t == p.t && q.rev <= p.rev {
			r.fail("rows are out of order")
		}
	}
	before := -1
	for range r.count(maxCells) {
		k := key(r.count(1<<31 - 1))
		if int(k) <= before {
			r.fail("series are out of order")
		}
		before = int(k)
		has := r.runs(n)
		m := 0
		for _, h := range has {
			if h {
				m++
			}
		}
		last := r.ints(m)
		var lo, hi []int64
		if k.ranged() && t.seconds > 1 {
			lo, hi = r.ints(m), r.ints(m)
		}
		if r.err != nil {
			return nil
		}
		if !k.known() {
			continue // of a later version
		}
		i := 0
		for j := range rows {
			if !has[j] {
				continue
			}
			c := cell{k, last[i], last[i], last[i]}
			if lo != nil {
				c.lo, c.hi = last[i]-lo[i], last[i]+hi[i]
			}
			rows[j].cells = append(rows[j].cells, c)
			i++
		}
	}
	if r.err != nil {
		return nil
	}
	return rows
}

// keysOf are the series that any row has, in order.
func keysOf(rows []row) []key {
	var keys []key
	for _, r := range rows {
		i := 0
		for _, c := range r.cells {
			for i < len(keys) && keys[i] < c.key {
				i++
			}
			if i == len(keys) || keys[i] != c.key {
				keys = append(keys, 0)
				copy(keys[i+1:], keys[i:])
				keys[i] = c.key
			}
		}
	}
	return keys
}
