package bridge

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// TestTryNamesWhatIsNotInTheSchema: of a mapping with one mistake of each kind, each is named by rule and field, and
// nothing else is.
func TestTryNamesWhatIsNotInTheSchema(t *testing.T) {
	dir := t.TempDir()
	write := func(topic, text string) {
		if err := os.WriteFile(filepath.Join(dir, topic+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const fields = `{order_id: $.no, time: $.at, status: paid, currency: JPY, amount: %s}`
	good := "platform: house\nevents: [{kind: order, each: $.all, match: {$.kind: x}, fields: " + fmt.Sprintf(fields, "$.total") +
		", lines: {each: $.lines, fields: {product_id: $.sku, quantity: $.n}}}]"
	write("good", good)
	write("bad", strings.NewReplacer("$.no", "$.number", "$.total", "$.rate", "$.sku", "$.at", "$.kind", "$.lines").Replace(good))
	write("flat", "platform: house\nevents: [{kind: order, each: \"$.all[0].at\", fields: "+fmt.Sprintf(fields, "1")+"}]")
	write("other", good)
	write("plain", good)
	schema := `{"type":"record","name":"B","fields":[{"name":"all","type":{"type":"array","items":{"type":"record","name":"O","fields":[
		{"name":"no","type":"string"},{"name":"at","type":"long"},{"name":"kind","type":"string"},{"name":"rate","type":"double"},
		{"name":"total","type":["null",{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}]},
		{"name":"lines","type":{"type":"array","items":{"type":"record","name":"L","fields":[{"name":"sku","type":"string"},{"name":"n","type":"int"}]}}}]}}}]}`
	fake := srfake.NewRegistry()
	for i, topic := range []string{"good", "bad", "flat"} {
		fake.SeedSchema(topic+"-value", 1, i+1, sr.Schema{Schema: schema})
	}
	// Values may be any of a file's messages, and are seldom the first.
	write("within", good)
	write("astray", good)
	proto := `syntax = "proto3"; message Nothing { map<string, int64> all = 1; } message Shop { message Batch { repeated O all = 1;
		message O { string no = 1; string at = 2; string kind = 3; string %s = 4; repeated L lines = 5; }
		message L { string sku = 1; int32 n = 2; } } }`
	fake.SeedSchema("within-value", 1, 4, sr.Schema{Type: sr.TypeProtobuf, Schema: fmt.Sprintf(proto, "total")})
	fake.SeedSchema("astray-value", 1, 5, sr.Schema{Type: sr.TypeProtobuf, Schema: fmt.Sprintf(proto, "sum")})
	inputs, err := Inputs([]string{"good", "bad", "flat", "other", "within", "astray", "plain=json"}, dir)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, f := range Try(t.Context(), Registry{URLs: []string{"http://r"}, Transport: handled(fake.Handler())}, inputs) {
		said[f.What] = f.Detail
		if f.Err != nil {
			said[f.What] = "FAIL " + f.Err.Error()
		}
	}
	for what, want := range map[string][]string{
		"registry's settings": nil,
		"schema of good":      {"good-value version 1, id 1, Avro"},
		"schema of other":     {"no subject other-value"},
		"schema of bad": {"FAIL", "rule 1: match $.lines: it is not one value but array", "rule 1: order_id: there is no .number in $.all[…], which has at, kind, lines, no, rate, total",
			"rule 1: amount: it is a double, a binary fraction", "rule 1: lines: product_id: there is no .at in $.all[…].lines[…], which has n, sku"},
		"schema of within": {"within-value version 1, id 4, Protobuf; the mapping's paths are in it, in its message Shop.Batch"},
		"schema of astray": {"FAIL", "rule 1: amount: there is no .total in $.all[…], which has at, kind, lines, no, sum"},
		"schema of flat":   {"FAIL", "rule 1: each: it is no array but long", "rule 1: order_id: there is no […] in $.all[…].at"},
	} {
		for _, text := range want {
			if !strings.Contains(said[what], text) {
				t.Errorf("%s: %q is not in\n%s", what, text, said[what])
			}
		}
		if strings.HasPrefix(said[what], "FAIL") && (want == nil || want[0] != "FAIL") {
			t.Errorf("%s: %s", what, said[what])
		}
	}
	for topic, want := range map[string]int{"bad": 4, "astray": 1} {
		if n := strings.Count(said["schema of "+topic], "rule 1"); n != want {
			t.Errorf("%d mistakes instead of %d:\n%s", n, want, said["schema of "+topic])
		}
	}
	if _, ok := said["schema of plain"]; ok || len(said) != 7 {
		t.Errorf("said %v", said)
	}
	away := Try(t.Context(), Registry{URLs: []string{"http://r"}, Transport: says(503, "")}, inputs)
	if len(away) != 2 || away[1].Err == nil {
		t.Errorf("of a registry that is away: %v", away)
	}
}

func TestInputs(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("platform: x\nevents: [{kind: like, fields: {time: $.t}}]"), 0o600)
	if in, err := Inputs([]string{"a=json"}, dir); err != nil || len(in) != 1 || !in[0].Plain || NeedsRegistry(in) {
		t.Errorf("%v %v", in, err)
	}
	for _, c := range []struct {
		topics []string
		want   string
	}{
		{nil, "--bridge-topics"}, {[]string{"../a"}, "no name of a topic"}, {[]string{".."}, "no name of a topic"},
		{[]string{"a=avro"}, "is not json"}, {[]string{"a", "a=json"}, "named twice"}, {[]string{"b"}, "b.yaml"},
	} {
		if _, err := Inputs(c.topics, dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %q", c.topics, err, c.want)
		}
	}
	if _, err := Inputs([]string{"a"}, ""); err == nil {
		t.Error("no directory of mappings was asked for")
	}
}
