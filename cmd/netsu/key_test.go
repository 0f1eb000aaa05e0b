package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheKeyIsForWhoIngests: a process that does not, needs no hashing key, and does not read one that it is given.
func TestTheKeyIsForWhoIngests(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	for roles, needs := range map[string]bool{"all": true, "ingest": true, "gateway,ingest": true, "gateway": false,
		"show,journey,ledger": false, "feed": false} {
		settings := func(keyFile string) ([]byte, error) {
			f := programFlags{keyFile: keyFile}
			f.Seeds = []string{"127.0.0.1:1"}
			var err error
			if f.roles, err = parseRoles(roles); err != nil {
				t.Fatal(err)
			}
			s, err := f.settings()
			return s.Key, err
		}
		if _, err := settings(""); errors.Is(err, errSharedKey) != needs {
			t.Errorf("%s without a key: %v", roles, err)
		}
		if _, err := settings(key + ".none"); (err != nil) != needs {
			t.Errorf("%s with a key that is not there: %v", roles, err)
		}
		if got, err := settings(key); err != nil || (len(got) > 0) != needs {
			t.Errorf("%s with a key: %d bytes of it, %v", roles, len(got), err)
		}
	}
}
