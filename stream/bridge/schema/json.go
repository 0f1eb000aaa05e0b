package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// compileJSON keeps a JSON Schema for its shape only: the text says what it is by itself, and whoever wrote it has held it
// against the schema.
func compileJSON(s Source) (*Schema, error) {
	root, err := parseDocument(s)
	if err != nil {
		return nil, err
	}
	return &Schema{
		Kind:  JSON,
		read:  func(_ []int, b []byte) (any, error) { return DecodeJSON(b) },
		shape: func([]int) (*Shape, error) { return root.shape(), nil },
	}, nil
}

// DecodeJSON reads one JSON value, numbers by their digits. An error says nothing of what is in it.
func DecodeJSON(b []byte) (any, error) {
	if !utf8.Valid(b) {
		return nil, ErrUTF8
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("no JSON from byte %d on", syntax.Offset)
		}
		return nil, errors.New("the JSON ends early")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON value")
	}
	return v, nil
}

// ErrUTF8 is of a text that is not UTF-8.
var ErrUTF8 = errors.New("expected UTF-8 throughout")
