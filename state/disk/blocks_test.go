package disk_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
)

// A put that finds no room leaves nothing behind, so that what belongs together stays together.
func TestBatchTakesAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	b, err := disk.OpenBlocks(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	value := make([]byte, 100_000)
	batch, puts := b.Batch(), 0
	for {
		pair := []state.Entry{{Key: fmt.Sprintf("a/%03d", puts), Value: value}, {Key: fmt.Sprintf("b/%03d", puts), Value: value}}
		err := batch.Put(pair)
		if errors.Is(err, disk.ErrBatchFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		puts++
	}
	if puts == 0 {
		t.Fatal("a batch took nothing")
	}
	if err := batch.Commit(); err != nil {
		t.Fatal(err)
	}
	dropped := b.Batch()
	if err := dropped.Put([]state.Entry{{Key: "a/zzz", Value: []byte("x")}, {Key: "a/000"}}); err != nil {
		t.Fatal(err)
	}
	dropped.Drop()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err = disk.OpenBlocks(dir, nil); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, prefix := range []string{"a/", "b/"} {
		n := 0
		if err := b.View(func(s disk.Snapshot) error {
			return s.Each(prefix, "", func(string, int64, func() ([]byte, error)) (bool, error) { n++; return true, nil })
		}); err != nil || n != puts {
			t.Errorf("%d keys of %s after reopening, %v; want %d", n, prefix, err, puts)
		}
	}
}

// Keys of which many go into a batch: as many as it says that it takes, it commits.
func TestAFullBatchOfSmallKeysIsCommitted(t *testing.T) {
	b, err := disk.OpenBlocks("", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	batch, puts := b.Batch(), 0
	defer batch.Drop()
	for ; ; puts++ {
		err := batch.Put([]state.Entry{{Key: fmt.Sprintf("%05x", puts), Value: []byte{1}}})
		if errors.Is(err, disk.ErrBatchFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if puts < 1000 {
		t.Fatalf("a batch took %d keys", puts)
	}
	if err := batch.Commit(); err != nil {
		t.Errorf("a batch of %d keys: %v", puts, err)
	}
}
