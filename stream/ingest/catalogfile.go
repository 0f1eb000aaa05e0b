package ingest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// CatalogRecord is one record for the catalog topic. A nil Value takes the entry back.
type CatalogRecord struct {
	Key   string
	Value []byte
}

// ReadCatalog reads a catalog file, JSON lines or one JSON array of entries, and returns a record for each in order,
// its value as it stands in the file. Every entry is checked as ingest would check it;
// {"kind":…,"id":…,"deleted":true} takes one back. The first bad entry is an error that says which it is and why; then
// there are no records.
func ReadCatalog(r io.Reader) ([]CatalogRecord, error) {
	in := bufio.NewReader(r)
	dec := json.NewDecoder(in)
	list, err := opensList(in)
	if err != nil {
		return nil, err
	}
	if list {
		if _, err := dec.Token(); err != nil {
			return nil, fmt.Errorf("reading the catalog: %w", err)
		}
	}
	check, err := newCatalogChecker()
	if err != nil {
		return nil, err
	}
	var out []CatalogRecord
	for !list || dec.More() {
		var raw json.RawMessage
		if err := dec.Decode(&raw); errors.Is(err, io.EOF) && !list {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("catalog entry %d: %w", len(out)+1, err)
		}
		rec, err := check.entry(raw)
		if err != nil {
			return nil, fmt.Errorf("catalog entry %d: %w", len(out)+1, err)
		}
		out = append(out, rec)
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("reading the catalog's end: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading the catalog: something follows the array")
	}
	return out, nil
}

// opensList looks at the first byte that is no white space.
func opensList(in *bufio.Reader) (bool, error) {
	for {
		c, err := in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("reading the catalog: %w", err)
		case c != ' ' && c != '\t' && c != '\n' && c != '\r':
			return c == '[', in.UnreadByte()
		}
	}
}

// catalogChecker decodes entries as ingest does.
type catalogChecker struct{ decoder *Decoder }

func newCatalogChecker() (*catalogChecker, error) {
	h, err := event.NewHasher(make([]byte, event.KeySize)) // ids made here go nowhere
	if err != nil {
		return nil, err
	}
	return &catalogChecker{NewDecoder(h, time.Time{}, time.Now)}, nil
}

func (c *catalogChecker) entry(raw json.RawMessage) (CatalogRecord, error) {
	var head struct {
		Kind, ID string
		Deleted  bool
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return CatalogRecord{}, errors.New("expected an object with kind and id, both strings")
	}
	rec := CatalogRecord{Key: CatalogKey(head.Kind, head.ID), Value: raw}
	if head.Deleted {
		rec.Value = nil
	}
	in := Input{Raw: RawCatalog, Key: []byte(rec.Key), Value: rec.Value, RecordMS: time.Now().UnixMilli()}
	if _, r := c.decoder.Decode(&in); r != nil {
		return CatalogRecord{}, fmt.Errorf("%s: %w", rec.Key, r)
	}
	return rec, nil
}
