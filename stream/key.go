package stream

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/netsu/netsu/stream/event"
)

// ReadKey reads the installation's secret, 64 hex digits, from a file.
func ReadKey(file string) ([]byte, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the hashing key: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) != event.KeySize {
		return nil, fmt.Errorf("%s must hold 64 hex digits; make it with: openssl rand -hex 32", file)
	}
	return key, nil
}

// KeyFile is where an embedded installation keeps its secret.
func KeyFile(dataDir string) string { return filepath.Join(dataDir, "hashing.key") }

// KeyIn reads the secret that an embedded installation keeps beside its data, and makes it at the first start. It must
// not change later: the same person would get another pseudonym.
func KeyIn(dataDir string) ([]byte, error) {
	file := KeyFile(dataDir)
	key, err := ReadKey(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, event.KeySize)
	rand.Read(key) // never fails
	if err := os.MkdirAll(dataDir, 0o755); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	if err := os.WriteFile(file, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("writing the hashing key: %w", err)
	}
	return key, nil
}
