package feed

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The tests hold everything that the server says to the contract: each frame that a test's client takes (rig_test.go), and
// each answer that the rig's port gives. The schemas that are used for that allow nothing that is not in them, unlike the
// published ones, which leave room for fields that are added: so a field without a promise is found as a broken one is.

var validators = sync.OnceValue(func() map[string]*jsonschema.Schema {
	all, _ := schemas(true)
	compiled, err := compile(all)
	if err != nil {
		panic(err)
	}
	return compiled
})

// compile makes validators of schemas, which refer to each other as files of one directory do.
func compile(all map[string]fact) (map[string]*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, s := range all {
		b, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		if err := c.AddResource("mem:///"+name+".json", doc); err != nil {
			return nil, err
		}
	}
	compiled := map[string]*jsonschema.Schema{}
	for name := range all {
		s, err := c.Compile("mem:///" + name + ".json")
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		compiled[name] = s
	}
	return compiled, nil
}

// valid tells what is wrong with a text by a schema.
func valid(name string, text []byte) error {
	s := validators()[name]
	if s == nil {
		return fmt.Errorf("there is no schema %s", name)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err == nil {
		err = s.Validate(doc)
	}
	if err != nil {
		return fmt.Errorf("not as the contract says (%s): %w\n%s", name, err, text)
	}
	return nil
}

// validFrame is valid, of a frame of either side.
func validFrame(side string, text []byte) error {
	var f struct{ T string }
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	return valid(side+"-"+f.T, text)
}

// validChanges is valid, of what a delta says by each word of a topic's document.
func validChanges(topic string, text []byte) error {
	var f struct{ Set, Add, Max json.RawMessage }
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	kind, _, _ := strings.Cut(topic, "/")
	for word, said := range map[string]json.RawMessage{"set": f.Set, "add": f.Add, "max": f.Max} {
		if said == nil {
			continue
		}
		if err := valid(kind+"."+word, said); err != nil {
			return err
		}
	}
	return nil
}

// The examples that others build on are whole documents, or frames.
func TestTheExamplesAreValid(t *testing.T) {
	schemaOf := map[string]string{
		"example_advice.json": "advice", "example_board.json": "shows", "example_campaign.json": "campaign",
		"example_delta_show.json": "server-delta", "example_esol.json": "esol", "example_restatement.json": "alerts",
		"example_show.json": "show", "example_snap_show.json": "server-snap",
	}
	found, err := filepath.Glob("testdata/example_*.json")
	if err != nil || len(found) != len(schemaOf) {
		t.Fatalf("%v: found %v, want %d", err, found, len(schemaOf))
	}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := valid(schemaOf[filepath.Base(path)], b); err != nil {
			t.Error(err)
		}
	}
}

// A list with a key may come whole, and an object come or go: set says what no other word can.
func TestTheSchemasOfDeltasTakeWhatDiffMayMake(t *testing.T) {
	for _, c := range []struct {
		schema, said string
		ok           bool
	}{
		{"show.set", `{"money":null}`, true},
		{"show.set", `{"money":{"gmv":[{"currency":"JPY","buyers":1}]}}`, true},
		{"show.set", `{"money":{"gmv":{"JPY":{"currency":"JPY","buyers":1}}}}`, true},
		{"show.set", `{"money":{"gmv":{"JPY":null}}}`, false},
		{"show.set", `{"money":{"gmv":[{"JPY":{}}]}}`, false},
		{"show.set", `{"title":null}`, false},
		{"show.set", `{"alerts":{}}`, false},
		{"show.add", `{"money":{"gmv":{"JPY":{"buyers":-1}}}}`, true},
		{"show.add", `{"money":{"gmv":{"JPY":{"buyers":null}}}}`, false},
		{"show.add", `{"money":{"gmv":[{"buyers":1}]}}`, false},
		{"show.add", `{"money":null}`, false},
		{"show.max", `{"as_of":"2026-03-08T12:00:00.240Z"}`, true},
		{"show.max", `{"as_of":null}`, false},
		{"shows.add", `{"shows":{"S42":{"orders_paid":1}}}`, true},
	} {
		if err := valid(c.schema, []byte(c.said)); (err == nil) != c.ok {
			t.Errorf("%s of %s: %v", c.schema, c.said, err)
		}
	}
}

// The schemas refuse: a validator that takes everything would hold nobody to anything.
func TestTheSchemasRefuseWhatIsNotPromised(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile("testdata/example_" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range []struct{ schema, text, old, new string }{
		{"show", read("show"), `"state": "on_air"`, `"state": "onair"`},
		{"show", read("show"), `"platform": "tiktok"`, `"platfrom": "tiktok"`},
		{"show", read("show"), `"id": "S42"`, `"id": null`},
		{"show", read("show"), `"minor": "142800"`, `"minor": 142800`},
		{"show", read("show"), `"minor": "142800"`, `"minor": "1428.00"`},
		{"show", read("show"), `"late_total": 3`, `"late_total": 3.5`},
		{"show", read("show"), `"started_at": "2026-03-08T11:30:00.000Z"`, `"started_at": "8 March"`},
		{"show", read("show"), `"grade": "A"`, `"grade": "D"`},
		{"server-snap", read("snap_show"), `"title": "春の新作 リップ&チーク"`, `"titel": ""`},
		{"server-snap", read("snap_show"), `"topic": "show/S42"`, `"topic": "campaign/S42"`},
		{"server-snap", read("snap_show"), `"hash": "crc32c:`, `"hash": "crc32:`},
		{"server-delta", read("delta_show"), `"t": "delta"`, `"t": "snap"`},
		{"server-delta", read("delta_show"), `"add": {`, `"plus": {`},
		{"server-delta", read("delta_show"), `"minor": "12800"`, `"minor": 12800`},
		{"server-delta", read("delta_show"), `"orders_paid": 1`, `"orders_paid": null`},
		{"server-delta", read("delta_show"), `"orders_paid": 1`, `"currency": "JPY"`},
		{"server-delta", read("delta_show"), `"gauge": 73.5`, `"gauge": "73.5"`},
		{"server-delta", read("delta_show"), `"as_of": "2026-03-08T12:00:00.240Z"
  },
  "hash"`, `"title": "b"
  },
  "hash"`},
	} {
		if !strings.Contains(c.text, c.old) {
			t.Errorf("the example of %s has no %s", c.schema, c.old)
			continue
		}
		if valid(c.schema, []byte(strings.Replace(c.text, c.old, c.new, 1))) == nil {
			t.Errorf("%s takes %s", c.schema, c.new)
		}
	}
}

// witnessed is a handler whose answers are held to the contract; broken takes what is not as it should be. Answers that do
// not end are passed by: their frames are looked at where they are read.
func witnessed(next http.Handler, broken func(error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &witness{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		if err := validAnswer(r.Pattern, seen.status, seen.Header().Get("Content-Type"), seen.body.Bytes()); err != nil {
			broken(fmt.Errorf("%s %s: %w", r.Method, r.URL, err))
		}
	})
}

type witness struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// Hijack is how a websocket begins.
func (w *witness) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.status = http.StatusSwitchingProtocols
	}
	return c, rw, err
}

func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *witness) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *witness) Write(b []byte) (int, error) {
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}
