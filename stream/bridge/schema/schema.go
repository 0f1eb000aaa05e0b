package schema

import (
	"errors"
	"fmt"
)

// Kind is the language of a schema.
type Kind uint8

// The kinds.
const (
	Avro Kind = iota
	Protobuf
	JSON
)

// String is its name as people say it.
func (k Kind) String() string { return [...]string{"Avro", "Protobuf", "JSON Schema"}[k] }

// Bounds of a Source.
const (
	MaxText       = 1 << 20 // bytes, with all that is referred to
	MaxReferences = 128
	maxNesting    = 200
)

// Source is a schema as a registry keeps it, with all that it refers to.
type Source struct {
	Kind Kind
	Text string
	// References are also those of references, each behind those that it refers to itself.
	References []Reference
}

// Reference is a schema that another refers to by a name: a type of Avro, a file to import, a URI.
type Reference struct{ Name, Text string }

// Bytes are those of all text.
func (s *Source) Bytes() int {
	n := len(s.Text)
	for _, r := range s.References {
		n += len(r.Name) + len(r.Text)
	}
	return n
}

// Schema reads values. It may be used by several goroutines.
type Schema struct {
	Kind  Kind
	read  func(message []int, b []byte) (any, error)
	shape func(message []int) (*Shape, error)
	// messages are the places of those that values can be, of protobuf.
	messages [][]int
}

// Compile prepares a schema for reading. An error says what is wrong with the schema.
func Compile(s Source) (compiled *Schema, err error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	defer survive(&err, "the schema makes its reader panic")
	switch s.Kind {
	case Avro:
		return compileAvro(s)
	case Protobuf:
		return compileProtobuf(s)
	case JSON:
		return compileJSON(s)
	}
	return nil, errors.New("a schema of no known kind")
}

// Decode reads one value. message is the place of a protobuf message in its file, and is of no other kind. An error says
// nothing of what is in the value.
func (s *Schema) Decode(message []int, b []byte) (v any, err error) {
	defer survive(&err, "the bytes are not of the schema")
	return s.read(message, b)
}

// survive makes a panic an error. The libraries meet bytes and schemas of strangers, and one of them panics at some: Go's
// protobuf at a map's key of another type than the schema's, where messages are dynamic. A record must not end the process,
// which would read it again and end again.
func survive(err *error, what string) {
	if recover() != nil {
		*err = errors.New(what)
	}
}

// Messages are the places of the messages that a value can be, in the order of the schema, each before those within it. What is
// not protobuf has one, nil.
func (s *Schema) Messages() [][]int {
	if s.Kind != Protobuf {
		return [][]int{nil}
	}
	return s.messages
}

// Shape is what values can have.
func (s *Schema) Shape(message []int) (*Shape, error) { return s.shape(message) }

func (s *Source) check() error {
	if n := s.Bytes(); n > MaxText {
		return fmt.Errorf("the schema has %d bytes with all that it refers to, at most %d are read", n, MaxText)
	}
	if n := len(s.References); n > MaxReferences {
		return fmt.Errorf("the schema refers to %d others, at most %d are read", n, MaxReferences)
	}
	for _, text := range append([]Reference{{Text: s.Text}}, s.References...) {
		if nesting(text.Text) > maxNesting {
			return fmt.Errorf("the schema is nested deeper than %d brackets", maxNesting)
		}
	}
	return nil
}

// nesting is how deep brackets stand within each other. Those in strings count too: it may only be too great.
func nesting(text string) (deepest int) {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '{', '[', '(', '<':
			depth++
			deepest = max(deepest, depth)
		case '}', ']', ')', '>':
			depth = max(0, depth-1)
		}
	}
	return deepest
}
