package schema_test

import (
	"strings"
	"testing"

	"github.com/netsu/netsu/stream/bridge/schema"
)

const jsonOrder = `{"type":"object","properties":{"no":{"type":"string"},"total":{"type":"number"},
 "buyer":{"$ref":"buyer.json"},"lines":{"type":"array","items":{"$ref":"#/$defs/line"}},
 "tags":{"type":"object","additionalProperties":{"type":"string"}},"either":{"oneOf":[{"type":"null"},{"$ref":"#/$defs/line"}]},
 "free":{"type":"object"}},
 "$defs":{"line":{"type":"object","properties":{"sku":{"type":"string"},"of":{"$ref":"#/$defs/line"}}}}}`

// path reads a.b[].c.
func path(text string) (steps []schema.Step) {
	for _, part := range strings.Split(text, ".") {
		name, isList := strings.CutSuffix(part, "[]")
		steps = append(steps, schema.Step{Name: name})
		if isList {
			steps = append(steps, schema.Step{Element: true})
		}
	}
	return steps
}

// Paths that values can have are found in the schema, others not, with what there is instead.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		source  schema.Source
		message []int
		there   string // path and what it is: s scalar, a array, b binary fraction
		not     string
	}{
		{schema.Source{Text: avroOrder, References: []schema.Reference{{Text: avroMoney}}}, nil,
			"no:s at:s total.amount:s total.currency:s tax:s note:s rate:sb tags.any:s lines:a lines[].of.of.price.amount:s",
			"number total.sum lines.sku no.x tags.a.b lines[].of.of.name"},
		{protoSource(), order,
			"no:s placed_at:s state:s total.amount:s tax:s rate:sb fees.card:s lines:a lines[].sku:s buyer.friend.friend.id:s weight:sb more.x.y:s coupon:s ratings[]:sb",
			"placedAt total.sum placed_at.seconds fees.card.value lines.sku buyer.name"},
		{schema.Source{Kind: schema.JSON, Text: jsonOrder, References: []schema.Reference{{Name: "buyer.json", Text: `{"properties":{"id":{"type":"string"}}}`}}}, nil,
			"no:s total:s buyer.id:s lines:a lines[].of.of.sku:s tags.x:s either.sku:s free.x.y:s",
			"number buyer.name lines.sku lines[].of.price either.x no.x"},
	} {
		shape, err := compile(t, c.source).Shape(c.message)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range strings.Fields(c.there) {
			text, is, _ := strings.Cut(want, ":")
			at, err := shape.At(path(text))
			if err != nil {
				t.Errorf("%s: %s: %v", c.source.Kind, text, err)
				continue
			}
			if at.IsScalar() != strings.Contains(is, "s") && !at.Any || at.IsArray() != (is == "a") && !at.Any || at.IsBinary() != strings.Contains(is, "b") && !at.Any {
				t.Errorf("%s: %s is %+v", c.source.Kind, text, at)
			}
		}
		for _, text := range strings.Fields(c.not) {
			if at, err := shape.At(path(text)); err == nil {
				t.Errorf("%s: %s is there: %+v", c.source.Kind, text, at)
			} else if !strings.Contains(err.Error(), "there is no") {
				t.Error(err)
			}
		}
	}
}
