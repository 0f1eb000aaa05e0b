package derive

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

// Room is hot.
// Or not:
//
//	cold
type Room struct {
	// Heat is how hot
	// it is.
	Heat   *float64 `json:"heat_joules"`
	Heads  int64    `json:"heads" merge:"add"` // who acted
	At     *string  `json:"at" merge:"max"`
	Shares []Share  `json:"shares" merge:"union,name"`
	Best   *Share   `json:"best"`
	Grade  string   `json:"grade,omitempty"`
	Words  []string `json:"words"`
	Base

	hidden int
}

// Base is in others.
type Base struct {
	Scope string `json:"scope"`
}

// Share is a part.
type Share struct {
	Name string `json:"name"`
}

func TestASchemaSaysWhatTheStructDoes(t *testing.T) {
	_ = Room{hidden: 1}
	docs, err := ReadDocs(".")
	if err != nil {
		t.Fatal(err)
	}
	facts := Facts{
		"Room.words": {Null: true}, "Room.grade": {"enum": []string{"A"}}, "Room": {"minProperties": 1}, "Room.gone": {"const": 1},
	}
	d := New(docs, facts)
	for _, c := range []struct {
		how  How
		want string
	}{
		{How{}, `{"type":"object","title":"Room","description":"Room is hot. Or not:\n\n\tcold","additionalProperties":true,"minProperties":1,
			"required":["heat_joules","heads","at","shares","best","words","scope"],
			"properties":{
				"heat_joules":{"type":["number","null"],"x-unit":"J","description":"heat_joules is how hot it is."},
				"heads":{"type":"integer","x-unit":"people","x-merge":"add","description":"who acted"},
				"at":{"type":["string","null"],"format":"date-time","x-merge":"max"},
				"shares":{"type":"array","items":{"$ref":"#/$defs/Share"},"x-merge":"union","x-key":"name"},
				"best":{"anyOf":[{"$ref":"#/$defs/Share"},{"type":"null"}]},
				"grade":{"type":"string","enum":["A"]},
				"words":{"type":["array","null"],"items":{"type":"string"}},
				"scope":{"type":"string"}},
			"$defs":{"Share":{"type":"object","title":"Share","description":"Share is a part.","additionalProperties":true,
				"required":["name"],"properties":{"name":{"type":"string"}}}}}`},
		{How{Part: true, Closed: true}, `{"type":"object","additionalProperties":false,"minProperties":1,
			"properties":{
				"heat_joules":{"type":["number","null"],"x-unit":"J"},
				"heads":{"type":"integer","x-unit":"people","x-merge":"add"},
				"at":{"type":["string","null"],"format":"date-time","x-merge":"max"},
				"shares":{"type":"array","items":{"$ref":"#/$defs/Share"},"x-merge":"union","x-key":"name"},
				"best":{"anyOf":[{"$ref":"#/$defs/Share"},{"type":"null"}]},
				"grade":{"type":"string","enum":["A"]},
				"words":{"type":["array","null"],"items":{"type":"string"}},
				"scope":{"type":"string"}},
			"$defs":{"Share":{"type":"object","additionalProperties":false,"properties":{"name":{"type":"string"}}}}}`},
	} {
		b, err := json.Marshal(d.Of(reflect.TypeFor[Room](), c.how))
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v:\n%s\nwant\n%s", c.how, b, c.want)
		}
	}
	if unused := d.Unused(); !slices.Equal(unused, []string{"Room.gone"}) {
		t.Errorf("unused facts: %v", unused)
	}
}
