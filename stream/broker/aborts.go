package broker

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A transaction that was open when the process was killed is aborted by kfake when it opens the files, but it writes no marker of
// that. Readers who ask for what is committed are told of the transaction, wait for its marker, and drop all that the same
// producer writes until there is one: also what it commits after the restart, if that comes in one answer with what was aborted.
// A task then restores for ever, as it never sees its own fence. And at the next crash the marker of what came after is taken for
// that of the transaction, which is committed with it. So the marker is written here, before kfake opens the files:
//
//	0.dat   … batch of P, batch of P │            ─▶ 0.dat   … batch of P, batch of P, abort of P │
//
// After a clean end kfake has a snapshot of each partition, which knows what is open: those are left alone.
type openTransactions struct {
	of   map[int64]int16 // producer id → epoch
	next int64           // offset
}

// Where things are in a batch, and in its attributes.
const (
	attributesAt, lastDeltaAt, producerAt, producerEpochAt = 21, 23, 43, 51

	transactional, control = 1 << 4, 1 << 5
)

// see takes a batch in.
func (o *openTransactions) see(batch []byte) {
	if len(batch) < producerEpochAt+2 {
		return
	}
	o.next = int64(binary.BigEndian.Uint64(batch)) + int64(binary.BigEndian.Uint32(batch[lastDeltaAt:])) + 1
	producer := int64(binary.BigEndian.Uint64(batch[producerAt:]))
	switch attributes := binary.BigEndian.Uint16(batch[attributesAt:]); {
	case attributes&control != 0:
		delete(o.of, producer)
	case attributes&transactional != 0:
		o.of[producer] = int16(binary.BigEndian.Uint16(batch[producerEpochAt:]))
	}
}

// abort writes the markers behind the whole batches of a partition's last file, which end at a place.
func (o *openTransactions) abort(files []string, end int64) error {
	if len(o.of) == 0 || knownToSnapshot(files) {
		return nil
	}
	file := files[len(files)-1]
	if err := os.Truncate(file, end); err != nil { // what is left of a batch that was being written
		return fmt.Errorf("cutting what is unfinished off %s: %w", file, err)
	}
	var data, index []byte
	for _, producer := range slices.Sorted(maps.Keys(o.of)) {
		data = abortMarker(o.next, producer, o.of[producer]).AppendTo(data)
		index = append(index, indexEntry()...)
		o.next++
	}
	// In kfake's order. Entries of batches that were not written any more may lie before these: kfake cuts as many off the end.
	return errors.Join(appendTo(strings.TrimSuffix(file, ".dat")+".idx", index), appendTo(file, data))
}

// knownToSnapshot tells whether kfake will go by a snapshot: it does where the files are as they were then.
func knownToSnapshot(files []string) bool {
	b, err := os.ReadFile(filepath.Join(filepath.Dir(files[0]), "snapshot.json"))
	if err != nil {
		return false
	}
	var snapshot struct {
		Segments []struct {
			BaseOffset int64 `json:"base_offset"`
			Size       int64 `json:"size"`
		} `json:"segments"`
	}
	if json.Unmarshal(b, &snapshot) != nil || len(snapshot.Segments) != len(files) {
		return false
	}
	for i, s := range snapshot.Segments {
		stat, err := os.Stat(files[i])
		if err != nil || stat.Size() != s.Size || filepath.Base(files[i]) != fmt.Sprint(s.BaseOffset, ".dat") {
			return false
		}
	}
	return true
}

// abortMarker is the batch by which a transaction's coordinator ends it.
func abortMarker(offset, producer int64, epoch int16) *kmsg.RecordBatch {
	record := kmsg.Record{
		Key:   (&kmsg.ControlRecordKey{Type: kmsg.ControlRecordKeyTypeAbort}).AppendTo(nil),
		Value: (&kmsg.EndTxnMarker{}).AppendTo(nil),
	}
	record.Length = int32(len(record.AppendTo(nil)) - 1) // without itself, of one byte
	now := time.Now().UnixMilli()
	b := &kmsg.RecordBatch{
		FirstOffset: offset, PartitionLeaderEpoch: -1, Magic: 2, Attributes: control | transactional, FirstTimestamp: now,
		MaxTimestamp: now, ProducerID: producer, ProducerEpoch: epoch, FirstSequence: -1, NumRecords: 1,
		Records: record.AppendTo(nil),
	}
	raw := b.AppendTo(nil)
	b.Length = int32(len(raw) - batchHead)
	b.CRC = int32(crc32.Checksum(b.AppendTo(nil)[batchSummed:], castagnoli))
	return b
}

// indexEntry is what kfake keeps of a batch beside it: a version, a check, the leader's epoch, which is never raised here, a time
// that it does not read, and that the batch is of no transaction.
func indexEntry() []byte {
	e := make([]byte, 15)
	e[0], e[1] = 1, byte(crc32.Checksum(e[2:], castagnoli))
	return e
}

func appendTo(file string, b []byte) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("ending transactions: %w", err)
	}
	if _, err := f.Write(b); err != nil {
		return errors.Join(fmt.Errorf("ending transactions: %w", err), f.Close())
	}
	return f.Close()
}
