package history

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
)

// sweepEvery is how often what is too old is looked for.
const sweepEvery = time.Minute

// sweep drops what is older than is to be kept. If more bytes are held than may be, all times are shortened by the same
// factor until they fit: no tier is given up for another, and what goes first is what would have gone next anyway. The
// factor comes back slowly, as room is left. It must follow a commit.
func (s *store) sweep() error {
	cause := "age"
	for {
		if err := s.sweepTo(cause); err != nil {
			return err
		}
		if s.most == 0 || s.meta.bytes() <= s.most || s.squeeze < 1e-6 {
			break
		}
		s.squeeze *= .95
		cause = "bytes"
	}
	if s.squeeze < 1 && s.meta.bytes() < s.most/10*9 {
		s.squeeze = min(1, s.squeeze*1.01)
	}
	s.metrics.show(&s.meta)
	return nil
}

// kept is how long rows of a tier are kept now.
func (s *store) kept(tier int) time.Duration { return time.Duration(float64(s.keep[tier]) * s.squeeze) }

func (s *store) sweepTo(cause string) error {
	now := s.now()
	for i, t := range tiers {
		floor := t.block(now.Add(-s.kept(i)).Unix())
		if s.keep[i] == 0 { // all of it, whatever was kept under another setting
			floor = t.block(maxTime) + 1
		}
		if s.keep[i] != 0 && s.meta.Floor[i] > t.block(now.Unix())+1 { // was not kept until now
			s.meta.Floor[i] = floor
		}
		if floor <= s.meta.Floor[i] {
			continue
		}
		s.meta.Floor[i] = floor
		if err := s.drop(tablePrefix(i), func(k string, value []byte) (bool, bool, error) {
			if int64(binary.BigEndian.Uint32([]byte(k[2:6]))) >= floor {
				return false, false, nil
			}
			rows := rowsIn(value)
			s.metrics.evicted(i, cause, rows)
			s.meta.Rows[i] -= int64(rows)
			s.meta.Bytes[i] -= stored(k, value)
			return true, true, nil
		}); err != nil {
			return fmt.Errorf("dropping what is older than %s is kept: %w", t.name, err)
		}
	}
	return nil
}

// sweepTables forgets tables of which nothing can be left. It walks all of them.
func (s *store) sweepTables() error {
	floor := s.now().Add(-time.Duration(float64(s.keep.longest()) * s.squeeze)).Unix()
	err := s.drop("t", func(k string, value []byte) (bool, bool, error) {
		t, err := decodeTable(k[1:], "", value)
		if err == nil && (t.spoken && t.last >= floor || !t.spoken && t.log == s.meta.Log) {
			return false, true, nil
		}
		delete(s.tables, k[1:])
		s.meta.Tables -= stored(k, value)
		return true, true, nil
	})
	if err != nil {
		return fmt.Errorf("forgetting tables: %w", err)
	}
	return nil
}

// dropBatch bounds what drop holds at a time.
const dropBatch = 1000

// drop walks the keys of a prefix and deletes those that which says, until it says no more.
func (s *store) drop(prefix string, which func(k string, value []byte) (drop, more bool, err error)) error {
	from := ""
	for more := true; more; {
		var gone []state.Entry
		seen := 0
		err := s.db.View(func(v disk.Snapshot) error {
			more = false
			return v.Each(prefix, from, func(k string, _ int64, value func() ([]byte, error)) (bool, error) {
				if seen++; seen > dropBatch {
					more, from = true, k
					return false, nil
				}
				b, err := value()
				if err != nil {
					return false, err
				}
				d, on, err := which(k, b)
				if d {
					gone = append(gone, state.Entry{Key: k})
				}
				return on, err
			})
		})
		if err != nil {
			return err
		}
		w := &writer{s: s, batch: s.db.Batch()}
		err = w.put(gone)
		if err == nil {
			err = w.batch.Commit()
		}
		w.batch.Drop()
		if err != nil {
			return err
		}
	}
	return nil
}
