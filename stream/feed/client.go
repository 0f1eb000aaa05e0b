package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netsu/netsu/stream/feed/condition"
	"github.com/netsu/netsu/stream/feed/delta"
)

// request is a client's frame, checked.
type request struct {
	kind  string
	id    *int64
	topic string        // sub
	every time.Duration // sub, tune: least time between two frames; 0: every change
	sub   uint64        // unsub, tune; of unwatch, the watch
	token string        // hello

	chosen   *delta.Selection     // sub; nil: the whole document
	basis    basis                // sub
	resume   *resume              // sub; nil: it begins
	when     *condition.Condition // watch
	rehearse *rehearsal           // sub; nil: it is of now
	path     string               // explain, as written
	place    []string             // explain: path, read
}

// refusal is an err frame to be: a code for programs and a sentence that says what was expected.
type refusal struct {
	code, message string
	id            *int64
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

const (
	maxHz = 10.0
	minHz = 0.01 // once in 100 s
)

// clientFields are the fields of each client frame; any other is refused, so that a client never believes in a filter
// that the server does not have.
var clientFields = map[string][]string{
	"hello":   {"t", "id", "v", "client", "token"},
	"sub":     {"t", "id", "topic", "fields", "basis", "max_hz", "resume", "from", "speed"},
	"tune":    {"t", "id", "sub", "max_hz"},
	"unsub":   {"t", "id", "sub"},
	"watch":   {"t", "id", "topic", "when"},
	"unwatch": {"t", "id", "watch"},
	"explain": {"t", "id", "topic", "path"},
	"ping":    {"t", "id"},
}

// parseRequest reads a client's frame. The error is a *refusal.
func parseRequest(b []byte) (*request, error) {
	if !utf8.Valid(b) {
		return nil, &refusal{code: "BAD_FRAME", message: "expected UTF-8"}
	}
	fields, err := object(b)
	if err != nil {
		return nil, &refusal{code: "BAD_FRAME", message: `expected one JSON object, as {"t":"sub","id":1,"topic":"shows"}`}
	}
	r := &request{}
	if raw, ok := fields["id"]; ok {
		if r.id = new(int64); json.Unmarshal(raw, r.id) != nil || *r.id < 0 || isNull(raw) {
			return nil, &refusal{code: "BAD_FIELD", message: "expected id to be a whole number, 0 or more"}
		}
	}
	if raw, ok := fields["t"]; !ok || json.Unmarshal(raw, &r.kind) != nil || clientFields[r.kind] == nil {
		return nil, &refusal{"UNKNOWN_FRAME", `expected t to be "hello", "sub", "tune", "unsub", "watch", "unwatch", "explain" or "ping"`, r.id}
	}
	known := clientFields[r.kind]
	for name := range fields {
		if !slices.Contains(known, name) {
			return nil, &refusal{"UNKNOWN_FIELD", fmt.Sprintf("%s has no field %.40q; it has %s",
				r.kind, name, strings.Join(known, ", ")), r.id}
		}
	}
	switch r.kind {
	case "hello":
		err = r.hello(fields)
	case "sub":
		err = r.subscribe(fields)
	case "tune":
		if err = r.numbered(fields, "sub"); err == nil {
			err = r.pace(fields)
		}
	case "unsub":
		err = r.numbered(fields, "sub")
	case "watch":
		err = r.watches(fields)
	case "unwatch":
		err = r.numbered(fields, "watch")
	case "explain":
		err = r.explains(fields)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

var errDuplicate = errors.New("a field twice")

// object reads one JSON object and nothing after it, refusing a field given twice: which one counts is anyone's guess.
func object(b []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return nil, errors.Join(err, errors.New("not an object"))
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := tok.(string) // within an object the decoder gives no other token here
		if _, twice := fields[name]; twice {
			return nil, errDuplicate
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, err
		}
		fields[name] = raw
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something after the object")
	}
	return fields, nil
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

func (r *request) hello(fields map[string]json.RawMessage) error {
	if raw, ok := fields["v"]; ok {
		var v int
		if json.Unmarshal(raw, &v) != nil || v != 1 {
			return &refusal{"BAD_FIELD", "expected v to be 1, the version that this server speaks", r.id}
		}
	}
	if raw, ok := fields["client"]; ok {
		var name string
		if json.Unmarshal(raw, &name) != nil || len(name) > 100 {
			return &refusal{"BAD_FIELD", "expected client to be a text of at most 100 bytes, as acme-overlay/2.3", r.id}
		}
	}
	if raw, ok := fields["token"]; ok && (json.Unmarshal(raw, &r.token) != nil || r.token == "") {
		return &refusal{"BAD_FIELD", "expected token to be a text", r.id}
	}
	return nil
}

// named reads the topic that a frame is about.
func (r *request) named(fields map[string]json.RawMessage) error {
	raw, ok := fields["topic"]
	if !ok {
		return &refusal{"MISSING_FIELD", r.kind + " needs topic: " + errTopic.Error(), r.id}
	}
	if json.Unmarshal(raw, &r.topic) != nil || checkTopic(r.topic) != nil {
		return &refusal{"UNKNOWN_TOPIC", errTopic.Error(), r.id}
	}
	return nil
}

// explains reads which place is to be explained.
func (r *request) explains(fields map[string]json.RawMessage) error {
	if err := r.named(fields); err != nil {
		return err
	}
	if raw, ok := fields["path"]; !ok || isNull(raw) || json.Unmarshal(raw, &r.path) != nil {
		return &refusal{"MISSING_FIELD", `explain needs path, as "room.provisional.heat.gauge"`, r.id}
	}
	var err error
	if r.place, err = readPath(r.topic, r.path); err != nil {
		return &refusal{"UNKNOWN_FIELD", "path: " + err.Error(), r.id}
	}
	return nil
}

// readPath reads a place of a topic's documents.
func readPath(topic, path string) ([]string, error) {
	s := shapeOf(topic)
	return condition.Path(path, s.of, s.rule)
}

// watches reads a condition.
func (r *request) watches(fields map[string]json.RawMessage) error {
	if err := r.named(fields); err != nil {
		return err
	}
	var text string
	if raw, ok := fields["when"]; !ok || isNull(raw) || json.Unmarshal(raw, &text) != nil {
		return &refusal{"MISSING_FIELD", `watch needs when, as "room.final.heat.gauge >= 60 && money.orders_total > 0"`, r.id}
	}
	s := shapeOf(r.topic)
	when, err := condition.Parse(text, s.of, s.rule)
	if err != nil {
		return &refusal{"BAD_CONDITION", "when: " + err.Error(), r.id}
	}
	r.when = when
	return nil
}

func (r *request) subscribe(fields map[string]json.RawMessage) error {
	if err := r.named(fields); err != nil {
		return err
	}
	if err := r.choose(fields); err != nil {
		return err
	}
	if err := r.bases(fields); err != nil {
		return err
	}
	if err := r.resumes(fields); err != nil {
		return err
	}
	if err := r.rehearses(fields); err != nil {
		return err
	}
	return r.pace(fields)
}

// numbered reads the sub or watch that a frame is about.
func (r *request) numbered(fields map[string]json.RawMessage, name string) error {
	if raw, ok := fields[name]; !ok || json.Unmarshal(raw, &r.sub) != nil || r.sub == 0 {
		return &refusal{"BAD_FIELD", "expected " + name + " to be the number that an ack gave", r.id}
	}
	return nil
}

func (r *request) pace(fields map[string]json.RawMessage) error {
	raw, ok := fields["max_hz"]
	if !ok {
		return nil
	}
	var hz float64
	if json.Unmarshal(raw, &hz) != nil || !(hz >= minHz && hz <= maxHz) {
		return &refusal{"BAD_FIELD", fmt.Sprintf("expected max_hz to be a number from %v to %v", minHz, maxHz), r.id}
	}
	r.every = time.Duration(float64(time.Second) / hz)
	return nil
}

// choose reads which fields of the document are wanted.
func (r *request) choose(fields map[string]json.RawMessage) error {
	raw, ok := fields["fields"]
	if !ok {
		return nil
	}
	var paths []string
	if isNull(raw) || json.Unmarshal(raw, &paths) != nil {
		return &refusal{"BAD_FIELD", `expected fields to be a list of texts, as ["money","room.final.heat"]`, r.id}
	}
	chosen, err := chooseFields(r.topic, paths)
	if err != nil {
		return &refusal{"UNKNOWN_FIELD", err.Error(), r.id}
	}
	r.chosen = chosen
	return nil
}

// chooseFields selects fields of a topic's documents.
func chooseFields(topic string, paths []string) (*delta.Selection, error) {
	s := shapeOf(topic)
	chosen, err := delta.Fields(s.of, s.rule, paths)
	if err != nil {
		return nil, fmt.Errorf("fields: %w", err)
	}
	return chosen, nil
}

// rehearses reads from and speed. A tape has whole documents, as often as it has them.
func (r *request) rehearses(fields map[string]json.RawMessage) error {
	raw, ok := fields["from"]
	if _, alone := fields["speed"]; !ok && alone {
		return &refusal{"MISSING_FIELD", "speed needs from", r.id}
	}
	if !ok {
		return nil
	}
	for _, other := range []string{"fields", "basis", "max_hz", "resume"} {
		if _, both := fields[other]; both {
			return &refusal{"BAD_FIELD", "a sub with from has no " + other + ": a tape is said again as it is", r.id}
		}
	}
	var from string
	speed := 1.0
	if given, ok := fields["speed"]; ok && (isNull(given) || json.Unmarshal(given, &speed) != nil) {
		return &refusal{"BAD_FIELD", "expected speed to be a number", r.id}
	}
	if isNull(raw) || json.Unmarshal(raw, &from) != nil {
		return &refusal{"BAD_FIELD", "expected from to be a text", r.id}
	}
	var err error
	if r.rehearse, err = rehearsalOf(from, speed); err != nil {
		return &refusal{"BAD_FIELD", err.Error(), r.id}
	}
	return nil
}

// resumes reads what the client holds.
func (r *request) resumes(fields map[string]json.RawMessage) error {
	raw, ok := fields["resume"]
	if !ok {
		return nil
	}
	wrong := &refusal{"BAD_FIELD", `expected resume to be {"cursor":…,"hash":…}, as the last frames of this topic had them; hash may be absent`, r.id}
	held, err := object(raw)
	if err != nil {
		return wrong
	}
	r.resume = &resume{}
	for name, raw := range held {
		switch {
		case name == "cursor" && json.Unmarshal(raw, &r.resume.cursor) == nil && !isNull(raw):
		case name == "hash" && json.Unmarshal(raw, &r.resume.hash) == nil && !isNull(raw):
		default:
			return wrong
		}
	}
	if _, _, err := readCursor(r.resume.cursor); err != nil {
		return wrong
	}
	return nil
}
