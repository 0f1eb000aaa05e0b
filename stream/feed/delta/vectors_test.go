package delta_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/netsu/netsu/stream/feed/delta"
)

var update = flag.Bool("update", false, "rewrite testdata/vectors.jsonl")

// vector is a step that clients of any language can be tried on: before with the patch is after, whose hash is given.
type vector struct {
	Keys   map[string]string `json:"keys"`
	Before json.RawMessage   `json:"before"`
	Patch  json.RawMessage   `json:"patch"`
	After  json.RawMessage   `json:"after"`
	Hash   string            `json:"hash"`
}

// TestVectors keeps the steps that the page's client is tried on too (dashboards/live/test/delta.test.ts).
func TestVectors(t *testing.T) {
	var b bytes.Buffer
	for seed := range 60 {
		pair := [2][]byte{}
		for i := range pair {
			text, err := json.Marshal(documents().Example(2*seed + i))
			if err == nil {
				pair[i], err = delta.Canonical(text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		p := delta.Diff(rule, delta.Members(pair[0], nil), delta.Members(pair[1], nil))
		line, err := json.Marshal(vector{rule.Places().Union, pair[0], append(p.AppendMembers([]byte(`{"t":"delta"`)), '}'), pair[1], delta.Hash(pair[1])})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	const path = "testdata/vectors.jsonl"
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s is not what is made now; -update writes it anew, and the diff is the review", path)
	}
}
