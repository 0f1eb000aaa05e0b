package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is committed of what the program prints is what it prints.
func TestGenerated(t *testing.T) {
	for _, file := range []struct {
		path string
		args []string
	}{
		{"../../deploy/SETTINGS.md", []string{"settings"}},
		{"../../deploy/strimzi/topics.yaml", []string{"topics", "strimzi"}},
	} {
		var out bytes.Buffer
		c := command()
		c.SetArgs(file.args)
		c.SetOut(&out)
		if err := c.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(file.path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(committed), out.String()); diff != "" {
			t.Errorf("%s is stale; make it anew with: go run ./cmd/netsu %s > %s\n%s", file.path, strings.Join(file.args, " "), file.path[6:], diff)
		}
	}
}
