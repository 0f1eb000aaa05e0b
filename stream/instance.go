package stream

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// instanceIn is the name under which the process of a data directory is known to the consumer groups, made at the first
// start. A process that died and comes back under its name has its partitions at once, and finds its state on its disk;
// under a new name it would wait until the group has noticed the death of the old one.
func instanceIn(dataDir string) (string, error) {
	file := filepath.Join(dataDir, "instance")
	b, err := os.ReadFile(file)
	if name := strings.TrimSpace(string(b)); err == nil && name != "" {
		return name, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading the instance's name: %w", err)
	}
	name := "netsu-" + strings.ToLower(rand.Text()[:16])
	if err := os.WriteFile(file, []byte(name+"\n"), 0o644); err != nil {
		return "", fmt.Errorf("writing the instance's name: %w", err)
	}
	return name, nil
}
