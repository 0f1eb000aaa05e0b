package broker

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// What the embedded broker does with damage: kfake ends a file of a partition at the first batch that is not as it was
// written, and cuts it there, which loses what lies after. If the partition has a snapshot, it goes on to write by the size
// that the file had, and cannot read what it writes. So files are read before kfake opens them, and cut here, which makes it
// leave the snapshot alone. A copy is kept, and for as long as that is there the loss is said, also by later runs that find
// nothing wrong any more.
//
//	0.dat    batch batch batch ✗atch batch      ─▶ 0.dat             batch batch batch
//	                                               0.dat.damaged     as it was
//
// What a killed process leaves, part of a batch at the very end of a partition, is no damage: nobody was told that it is
// there. A file that a disk has cut short looks the same, and is not noticed here.
const damagedSuffix = ".damaged"

// ErrDamaged is wrapped by what Damage returns.
var ErrDamaged = errors.New("the embedded broker's data was damaged")

// inspect looks through the partitions in dir, cuts what was damaged, and ends the transactions that a killed process has left
// open (aborts.go). It returns what there is to say; for each file that was damaged, now or in an earlier run, one error.
func inspect(dir string, log *slog.Logger) (all []error, err error) {
	partitions, err := filepath.Glob(filepath.Join(literal(dir), dataDir, "partitions", "*"))
	if err != nil {
		return nil, err
	}
	for _, p := range partitions {
		files, err := segments(p)
		if err != nil {
			return nil, err
		}
		end, open := int64(0), openTransactions{of: map[int64]int16{}}
		for i, file := range files {
			at, size, why, err := readSegment(file, i == len(files)-1, open.see)
			if err != nil {
				return nil, err
			}
			end = at
			if why == nil {
				continue
			}
			if err := copyFile(file, file+damagedSuffix); err != nil {
				return nil, fmt.Errorf("keeping a copy of the damaged %s: %w", file, err)
			}
			if err := os.Truncate(file, at); err != nil {
				return nil, fmt.Errorf("cutting %s at the damage: %w", file, err)
			}
			log.Error("embedded broker: a file was damaged and is cut there", "file", file, "at", at, "lost_bytes", size-at,
				"copy", file+damagedSuffix, "err", why)
		}
		if err := open.abort(files, end); err != nil {
			return nil, err
		}
		copies, err := filepath.Glob(filepath.Join(literal(p), "*"+damagedSuffix))
		if err != nil {
			return nil, err
		}
		for _, c := range copies {
			all = append(all, fmt.Errorf("%w: records of %s are lost, and what was made of them is not taken back; new ones may "+
				"be taken for them. Look at the disk. Then begin anew with another --data-dir and send again what there is; or "+
				"go on with what is left: remove the copy %s and start again", ErrDamaged, filepath.Base(p), c))
		}
	}
	return all, nil
}

// literal is a path as Glob takes it for itself.
func literal(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// segments are a partition's files, in order of their offsets.
func segments(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var bases []int64
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".dat"); ok {
			if base, err := strconv.ParseInt(name, 10, 64); err == nil {
				bases = append(bases, base)
			}
		}
	}
	slices.Sort(bases)
	files := make([]string, len(bases))
	for i, b := range bases {
		files[i] = filepath.Join(dir, fmt.Sprint(b, ".dat"))
	}
	return files, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A batch: offset (8 bytes), length of what follows (4), epoch (4), magic (1), CRC (4) of all that follows.
const batchHead, maxBatch, batchSumAt, batchSummed = 12, 1 << 30, 17, 21

// readSegment has a file's batches seen and returns where the first begins that is damaged, and why it is.
func readSegment(file string, last bool, see func(batch []byte)) (at, size int64, why, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0, nil, err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return 0, 0, nil, err
	}
	size = stat.Size()
	var buf []byte
	for r := bufio.NewReaderSize(f, 1<<20); at < size; at += int64(len(buf)) {
		torn := func() (int64, int64, error, error) {
			if last {
				return at, size, nil, nil
			}
			return at, size, errors.New("a batch is cut short, and others follow in the next file"), nil
		}
		if size-at < batchHead {
			return torn()
		}
		buf = slices.Grow(buf[:0], batchHead)[:batchHead]
		if _, err := io.ReadFull(r, buf); err != nil {
			return 0, 0, nil, err
		}
		n := int64(binary.BigEndian.Uint32(buf[8:]))
		switch {
		case n < batchSummed-batchHead || n > maxBatch:
			return at, size, fmt.Errorf("a batch of %d bytes is none", n), nil
		case at+batchHead+n > size:
			return torn()
		}
		buf = slices.Grow(buf, int(n))[:batchHead+n]
		if _, err := io.ReadFull(r, buf[batchHead:]); err != nil {
			return 0, 0, nil, err
		}
		if crc32.Checksum(buf[batchSummed:], castagnoli) != binary.BigEndian.Uint32(buf[batchSumAt:]) {
			return at, size, errors.New("the checksum of a batch is not that of what is there"), nil
		}
		see(buf)
	}
	return at, size, nil, nil
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Sync(), dst.Close())
}
