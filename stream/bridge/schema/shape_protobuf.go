package schema

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// protoShapes are those of messages: a message may contain itself.
type protoShapes map[protoreflect.FullName]*Shape

func (p protoShapes) message(md protoreflect.MessageDescriptor) *Shape {
	name := md.FullName()
	if s := p[name]; s != nil {
		return s
	}
	s := &Shape{Name: string(name)}
	p[name] = s
	switch {
	case slices.Contains(dynamic, name):
		s.Any = true
		return s
	case name == "google.protobuf.DoubleValue" || name == "google.protobuf.FloatValue":
		s.Binary = true
		return s
	case name == decimalType, md.ParentFile().Package() == "google.protobuf" && strings.HasSuffix(string(name), "Value"),
		name == "google.protobuf.Timestamp", name == "google.protobuf.Duration", name == "google.protobuf.FieldMask":
		return s // JSON has a scalar for it
	}
	s.Fields = map[string]*Shape{}
	for i := range md.Fields().Len() {
		f := md.Fields().Get(i)
		s.Fields[string(f.Name())] = p.field(f)
	}
	if name == moneyType {
		s.Fields["amount"] = &Shape{Name: "decimal"}
	}
	return s
}

func (p protoShapes) field(f protoreflect.FieldDescriptor) *Shape {
	switch {
	case f.IsMap():
		return &Shape{Name: "map", Values: p.value(f.MapValue())}
	case f.IsList():
		return &Shape{Name: "repeated", Elements: p.value(f)}
	}
	return p.value(f)
}

func (p protoShapes) value(f protoreflect.FieldDescriptor) *Shape {
	switch f.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return p.message(f.Message())
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return &Shape{Name: f.Kind().String(), Binary: true}
	}
	return &Shape{Name: f.Kind().String()}
}
