package schema

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// rootFile is the name under which the schema itself is compiled: registries give it none.
const rootFile = "netsu.schema.proto"

// maxMessages is how deep messages may stand within each other.
const maxMessages = 100

func compileProtobuf(s Source) (*Schema, error) {
	texts := map[string]string{rootFile: s.Text}
	for name, text := range knownFiles {
		texts[name] = text
	}
	for _, r := range s.References {
		texts[r.Name] = r.Text
	}
	c := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(protocompile.ResolverFunc(func(name string) (protocompile.SearchResult, error) {
			text, ok := texts[name]
			if !ok {
				return protocompile.SearchResult{}, protoregistry.NotFound
			}
			return protoFile(name, text)
		})),
		MaxParallelism: 1,
	}
	files, err := c.Compile(context.Background(), rootFile)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	file := files[0]
	types, err := typesOf(file)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	in := proto.UnmarshalOptions{RecursionLimit: maxMessages, DiscardUnknown: true, Resolver: types}
	// Fields at zero are written, as a reader cannot tell them from absent ones and a mapping would.
	out := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true, Resolver: types}
	read := func(at []int, b []byte) (any, error) {
		md, err := messageAt(file, at)
		if err != nil {
			return nil, err
		}
		m := dynamicpb.NewMessage(md)
		if err := in.Unmarshal(b, m); err != nil {
			return nil, fmt.Errorf("the bytes are no %s", md.FullName())
		}
		text, err := out.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("a %s with a value that JSON has no word for", md.FullName())
		}
		v, err := DecodeJSON(text)
		if err != nil {
			return nil, err
		}
		return lift(md, v)
	}
	shape := func(at []int) (*Shape, error) {
		md, err := messageAt(file, at)
		if err != nil {
			return nil, err
		}
		return protoShapes{}.message(md), nil
	}
	return &Schema{Protobuf, read, shape, places(file.Messages(), nil)}, nil
}

// places are those of messages and of what is within them, but for what maps are made of.
func places(within protoreflect.MessageDescriptors, at []int) (all [][]int) {
	for i := range within.Len() {
		if within.Get(i).IsMapEntry() {
			continue
		}
		place := append(slices.Clip(at), i)
		all = append(append(all, place), places(within.Get(i).Messages(), place)...)
	}
	return all
}

// protoFile is a file as a registry has it: text, or a descriptor in base64. Confluent's serialisers for Python and .NET
// register the latter. Confluent's registry makes text of it; others, as Apicurio's, give back what they were given.
func protoFile(name, text string) (protocompile.SearchResult, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		return protocompile.SearchResult{Source: strings.NewReader(text)}, nil
	}
	file := &descriptorpb.FileDescriptorProto{}
	if err := (proto.UnmarshalOptions{RecursionLimit: maxNesting}).Unmarshal(b, file); err != nil {
		return protocompile.SearchResult{}, fmt.Errorf("%s is neither text nor a descriptor", name)
	}
	file.Name = &name
	nameFields(file.Extension, file.MessageType)
	return protocompile.SearchResult{Proto: file}, nil
}

// nameFields gives fields their names of JSON, which serialisers leave out and the compiler misses: their own, as values here
// have those.
func nameFields(fields []*descriptorpb.FieldDescriptorProto, messages []*descriptorpb.DescriptorProto) {
	for _, f := range fields {
		f.JsonName = f.Name
	}
	for _, m := range messages {
		nameFields(m.Field, nil)
		nameFields(m.Extension, m.NestedType)
	}
}

// typesOf are the messages of a file and of what it imports, for extensions and google.protobuf.Any.
func typesOf(file protoreflect.FileDescriptor) (*dynamicpb.Types, error) {
	var all protoregistry.Files
	var add func(protoreflect.FileDescriptor) error
	add = func(f protoreflect.FileDescriptor) error {
		if _, err := all.FindFileByPath(f.Path()); err == nil {
			return nil
		}
		if err := all.RegisterFile(f); err != nil {
			return err
		}
		for i := range f.Imports().Len() {
			if err := add(f.Imports().Get(i).FileDescriptor); err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(file); err != nil {
		return nil, err
	}
	return dynamicpb.NewTypes(protodesc.Resolver(&all).(*protoregistry.Files)), nil
}

// messageAt finds a message by its place: among the file's, then among those within it, and so on. No place is the first.
func messageAt(file protoreflect.FileDescriptor, at []int) (protoreflect.MessageDescriptor, error) {
	if len(at) == 0 {
		at = []int{0}
	}
	within := file.Messages()
	var md protoreflect.MessageDescriptor
	for _, i := range at {
		if i < 0 || i >= within.Len() {
			return nil, errors.New("the schema has no message at the place that the value names")
		}
		md = within.Get(i)
		within = md.Messages()
	}
	return md, nil
}

// Types whose values are made exact text.
const (
	moneyType   protoreflect.FullName = "google.type.Money"
	decimalType protoreflect.FullName = "confluent.type.Decimal"
)

// dynamic are types that hold values of any: numbers in them may be binary fractions.
var dynamic = []protoreflect.FullName{"google.protobuf.Any", "google.protobuf.Struct", "google.protobuf.Value",
	"google.protobuf.ListValue"}

// lift goes through protojson's values by their types: binary fractions become float64, decimals exact text.
func lift(md protoreflect.MessageDescriptor, v any) (any, error) {
	switch name := md.FullName(); {
	case slices.Contains(dynamic, name):
		return binary(v), nil
	case name == "google.protobuf.DoubleValue" || name == "google.protobuf.FloatValue":
		return binary(v), nil
	case name == decimalType:
		return protoDecimal(v)
	case name == moneyType:
		return protoMoney(v)
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return v, nil // a well-known type that JSON has a scalar for
	}
	for name, value := range fields {
		f := md.Fields().ByName(protoreflect.Name(name))
		if f == nil {
			continue // an extension
		}
		lifted, err := liftField(f, value)
		if err != nil {
			return nil, err
		}
		fields[name] = lifted
	}
	return v, nil
}

func liftField(f protoreflect.FieldDescriptor, v any) (any, error) {
	one := func(v any) (any, error) { return liftValue(f, v) }
	if f.IsMap() {
		one = func(v any) (any, error) { return liftValue(f.MapValue(), v) }
	}
	var err error
	switch v := v.(type) {
	case []any:
		if !f.IsList() {
			break
		}
		for i := range v {
			if v[i], err = one(v[i]); err != nil {
				return nil, err
			}
		}
		return v, nil
	case map[string]any:
		if !f.IsMap() {
			break
		}
		for key := range v {
			if v[key], err = one(v[key]); err != nil {
				return nil, err
			}
		}
		return v, nil
	}
	return one(v)
}

func liftValue(f protoreflect.FieldDescriptor, v any) (any, error) {
	switch f.Kind() {
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return binary(v), nil
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return lift(f.Message(), v)
	}
	return v, nil
}
