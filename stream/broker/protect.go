package broker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// kfake compacts a partition by deleting its files and writing new ones. So that a process killed in between loses
// nothing, the files get a second name first:
//
//	data/partitions/<topic>-<n>/<offset>.{dat,idx}   kfake's
//	protecting/…                                     second names, being made; means nothing yet
//	protected/…                                      all of them; at start, what is in it is put back
//	unprotecting/…                                   no longer needed; means nothing
//
// Nothing is written to the broker between protect and unprotect, so what is put back is all there was.
const (
	dataDir         = "data"
	partitionsDir   = "partitions"
	protectingDir   = "protecting"
	protectedDir    = "protected"
	unprotectingDir = "unprotecting"
)

// protect gives every partition file a second name.
func protect(dir string) error {
	making := filepath.Join(dir, protectingDir)
	if err := os.RemoveAll(making); err != nil {
		return fmt.Errorf("protecting partitions: %w", err)
	}
	if err := linkTree(filepath.Join(dir, dataDir, partitionsDir), making); err != nil {
		return fmt.Errorf("protecting partitions: %w", err)
	}
	if err := os.Rename(making, filepath.Join(dir, protectedDir)); err != nil {
		return fmt.Errorf("protecting partitions: %w", err)
	}
	return nil
}

// unprotect drops the second names. The rename is what counts; what it leaves is only litter.
func unprotect(dir string) error {
	litter := filepath.Join(dir, unprotectingDir)
	if err := os.RemoveAll(litter); err != nil {
		return fmt.Errorf("unprotecting partitions: %w", err)
	}
	err := os.Rename(filepath.Join(dir, protectedDir), litter)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("unprotecting partitions: %w", err)
	}
	if err := os.RemoveAll(litter); err != nil {
		return fmt.Errorf("unprotecting partitions: %w", err)
	}
	return nil
}

// recoverCompaction puts the files back if a process died while compacting. It may itself die and be run again.
func recoverCompaction(dir string) error {
	for _, litter := range []string{protectingDir, unprotectingDir} {
		if err := os.RemoveAll(filepath.Join(dir, litter)); err != nil {
			return fmt.Errorf("recovering from a compaction: %w", err)
		}
	}
	saved := filepath.Join(dir, protectedDir)
	partitions, err := os.ReadDir(saved)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("recovering from a compaction: %w", err)
	}
	for _, p := range partitions {
		damaged := filepath.Join(dir, dataDir, partitionsDir, p.Name())
		if err := os.RemoveAll(damaged); err != nil {
			return fmt.Errorf("recovering from a compaction: %w", err)
		}
		if err := linkTree(filepath.Join(saved, p.Name()), damaged); err != nil {
			return fmt.Errorf("recovering from a compaction: %w", err)
		}
	}
	return unprotect(dir)
}

// linkTree makes the same folders as from has, with hard links to its files.
func linkTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		return os.Link(path, filepath.Join(to, rel))
	})
}
