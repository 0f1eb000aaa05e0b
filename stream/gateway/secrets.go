package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	maxSecretBytes = 16 << 10 // of a file of secrets: a longer one is some other file
	maxSecrets     = 8        // of a source: old and new ones while they are rotated
)

// Senders are the sources that a directory of secrets opens; mappingsDir, which may be none, has the mappings. A file that is named for none is an error: it would be a
// source that is believed to be open. Files whose names begin with a dot are passed over; Kubernetes has such.
func Senders(secretsDir, mappingsDir string) ([]*Sender, error) {
	if secretsDir == "" {
		return nil, errors.New("the gateway needs a directory with a file of secrets for each source: " +
			"--gateway-secrets-dir DIR")
	}
	files, err := os.ReadDir(secretsDir)
	if err != nil {
		return nil, fmt.Errorf("reading the gateway's secrets: %w", err)
	}
	var open []*Sender
	var errs []error
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") {
			continue
		}
		src, err := senderOf(f.Name(), mappingsDir)
		if err == nil {
			src.file = filepath.Join(secretsDir, f.Name())
			err = src.checkSecrets()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("the gateway's secrets: %s: %w", filepath.Join(secretsDir, f.Name()), err))
			continue
		}
		open = append(open, src)
	}
	return open, errors.Join(errs...)
}

func (src *Sender) checkSecrets() error {
	secrets, err := readSecrets(src.file)
	if err != nil {
		return err
	}
	short := func(secret []byte) bool { return len(secret) < minBearer }
	if src.bearer && slices.ContainsFunc(secrets, short) {
		return fmt.Errorf("a token of %s must have %d bytes at least; make one with: openssl rand -hex 32", src.name, minBearer)
	}
	return nil
}

// readSecrets are the lines of a file that are not empty. An error says nothing of what is in it.
func readSecrets(file string) ([][]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecretBytes+1))
	if err != nil {
		return nil, err
	}
	var secrets [][]byte
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			secrets = append(secrets, line)
		}
	}
	switch {
	case len(text) > maxSecretBytes || len(secrets) > maxSecrets:
		return nil, fmt.Errorf("expected at most %d lines, each a secret", maxSecrets)
	case len(secrets) == 0:
		return nil, errors.New("it has no secret in it")
	}
	return secrets, nil
}
