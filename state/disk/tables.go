package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/ristretto/v2/z"
)

// readTables reads each table that the manifest names, with all of its checksums. Badger does so too, if asked, but in
// goroutines of its own, where a panic over flipped bytes ends the process: again at each start.
func readTables(dir string) error {
	manifest, err := os.Open(filepath.Join(dir, badger.ManifestFilename))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer manifest.Close()
	m, _, err := badger.ReplayManifestFile(manifest, 0, badger.DefaultOptions(dir))
	if err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	for id := range m.Tables {
		if err := readTable(table.NewFilename(id, dir)); err != nil {
			return err
		}
	}
	return nil
}

func readTable(name string) error {
	return careful(func() error {
		f, err := z.OpenMmapFile(name, os.O_RDONLY, 0)
		if err != nil {
			return fmt.Errorf("opening %s: %w", name, err)
		}
		t, err := table.OpenTable(f, table.Options{ChkMode: options.OnTableAndBlockRead})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err) // OpenTable has closed it, or it stays mapped until the process ends
		}
		return t.Close(-1) // unmaps it; giving up the reference would delete it
	})
}
