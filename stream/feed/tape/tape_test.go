package tape_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/feed/delta"
	"github.com/netsu/netsu/stream/feed/tape"
)

type document struct {
	N    int64  `json:"n" merge:"add"`
	Rows []row  `json:"rows" merge:"union,id"`
	Text string `json:"text"`
}

type row struct {
	ID string `json:"id"`
	V  int    `json:"v"`
}

var rule = delta.Of(reflect.TypeFor[document]())

func (d *document) members(t *rapid.T) []delta.Member {
	b, err := json.Marshal(d)
	if err == nil {
		b, err = delta.Canonical(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return delta.Members(b, nil)
}

const topic = "show/S/1.2"

// said is what was written, with the state that it led to.
type said struct {
	at    int64
	kind  string
	hash  string // of the document that was held then; "": none
	event string
}

// broadcast writes some files' worth of frames, and returns what they say.
func broadcast(t *rapid.T, dir string) []said {
	var all []said
	at := int64(1_000_000)
	draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	for range draw("files", 1, 3) {
		w, err := tape.Create(dir, topic, at)
		if err != nil {
			t.Fatal(err)
		}
		write := func(kind, frame string, hash, event string) {
			if err := w.Write(at, []byte(frame)); err != nil {
				t.Fatal(err)
			}
			all = append(all, said{at, kind, hash, event})
		}
		write("ack", `{"t":"ack","sub":3,"topic":"`+topic+`","keys":{"/rows":"id"},"deprecations":[]}`, "", "")
		var held []delta.Member
		hash, cursor := "", ""
		for i := range draw("frames", 0, 12) {
			at += int64(draw("gap", 0, 4000))
			d := document{N: rapid.Int64Range(-9, 9).Draw(t, "n"), Text: rapid.SampledFrom([]string{"a", "<b>", "雪"}).Draw(t, "text")}
			for j := range draw("rows", 0, 3) {
				d.Rows = append(d.Rows, row{fmt.Sprint("r", (i+j)%4), j})
			}
			next := d.members(t)
			switch what := rapid.SampledFrom([]string{"delta", "delta", "event", "gone", "snap"}).Draw(t, "what"); {
			case what == "event":
				write("event", fmt.Sprintf(`{"t":"event","sub":3,"cursor":"c%d","kind":"hot","data":{"id":"e%d-%d"}}`, i, at, i), hash, fmt.Sprintf("e%d-%d", at, i))
			case what == "gone":
				held, hash = nil, ""
				write("snap", `{"t":"snap","sub":3,"topic":"`+topic+`","cursor":"c","as_of":null,"watermark":null,"data":null,"reason":"gone"}`, "", "")
			case held == nil || what == "snap":
				held, hash = next, sum(next)
				write("snap", fmt.Sprintf(`{"t":"snap","sub":3,"topic":%q,"cursor":"c%d","as_of":null,"watermark":null,"data":%s,"hash":%q}`, topic, i, text(next), hash), hash, "")
				cursor = fmt.Sprint("c", i)
			default:
				p := delta.Diff(rule, held, next)
				held, hash = next, sum(next)
				write("delta", string(p.AppendMembers(fmt.Appendf(nil, `{"t":"delta","sub":3,"from":%q,"to":"c%d","as_of":null,"watermark":null`, cursor, i)))+fmt.Sprintf(`,"hash":%q}`, hash), hash, "")
				cursor = fmt.Sprint("c", i)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		at += int64(draw("between", 1, 100_000))
	}
	return all
}

func sum(m []delta.Member) string { return string(delta.AppendHash(nil, delta.Sum(m))) }

func text(m []delta.Member) string {
	var b strings.Builder
	for i, one := range m {
		b.WriteString([]string{"{", ","}[min(i, 1)])
		b.Write(one.Name)
		b.WriteByte(':')
		b.Write(one.Value)
	}
	return b.String() + "}"
}

// heard follows what is read, as a client does, and fails where a frame does not follow from the one before.
type heard struct {
	rule   *delta.Rule
	doc    map[string]any
	hashes []string
	events []string
	times  []int64
}

func (h *heard) take(l tape.Line) error {
	var f struct {
		T    string            `json:"t"`
		Keys map[string]string `json:"keys"`
		Hash string            `json:"hash"`
		Data json.RawMessage   `json:"data"`
		delta.Ops
	}
	if err := json.Unmarshal(l.Frame, &f); err != nil || f.T != l.Kind {
		return fmt.Errorf("%w: %s %s", err, l.Kind, l.Frame)
	}
	h.times = append(h.times, l.AtMS)
	switch f.T {
	case "ack":
		places := delta.Places{Union: f.Keys}
		h.rule, h.doc = places.From(), nil
		return nil
	case "event":
		var e struct{ ID string }
		h.events = append(h.events, string(f.Data))
		return json.Unmarshal(f.Data, &e)
	case "snap":
		h.doc = nil
		if err := json.Unmarshal(f.Data, &h.doc); err != nil {
			return err
		}
	case "delta":
		if err := delta.Apply(h.rule, h.doc, &f.Ops); err != nil {
			return err
		}
	}
	if h.doc != nil {
		state, err := delta.State(h.doc)
		if err != nil || delta.Hash(state) != f.Hash {
			return fmt.Errorf("%w: %s is not %s", err, state, f.Hash)
		}
	}
	h.hashes = append(h.hashes, f.Hash)
	return nil
}

// From any time on, a tape says the state of that time and then what followed, each frame following from the one before.
func TestATapeSaysWhatFollowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "tape")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		all := broadcast(t, dir)
		from := rapid.Int64Range(all[0].at-1000, all[len(all)-1].at+1000).Draw(t, "from")
		to := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(from, all[len(all)-1].at+1000)).Draw(t, "to")
		var want, events []string
		state, before := "", false
		for _, s := range all {
			switch {
			case s.at <= from:
				state, before = s.hash, s.kind != "ack" && (before || s.kind != "event") // a file begins with nothing
			case to != 0 && s.at > to:
			case s.kind == "event":
				events = append(events, fmt.Sprintf(`{"id":%q}`, s.event))
			case s.kind != "ack":
				want = append(want, s.hash)
			}
		}
		if before {
			want = append([]string{state}, want...)
		}
		h := &heard{}
		if err := tape.Read(dir, topic, from, to, h.take); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(h.hashes, want) || !slices.Equal(h.events, events) {
			t.Fatalf("from %d to %d of %v:\nheard %q %q\nwant  %q %q", from, to, all, h.hashes, h.events, want, events)
		}
		if !slices.IsSorted(h.times) {
			t.Fatalf("out of order: %v", h.times)
		}
	})
}

// A process that was killed leaves a file that ends anywhere: what is whole in it is said, and the next file after it.
func TestATornFileEndsEarly(t *testing.T) {
	dir := t.TempDir()
	w, err := tape.Create(dir, topic, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 { // four blocks
		if err := w.Write(1000+int64(i)*1000, fmt.Appendf(nil, `{"t":"event","data":{"id":"%d"}}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(dir + "/*/*")
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	next, err := tape.Create(dir, topic, 100_000)
	if err == nil {
		err = next.Write(100_000, []byte(`{"t":"event","data":{"id":"next"}}`))
	}
	if err == nil {
		err = next.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for cut := 0; cut <= len(whole); cut++ {
		if err := os.WriteFile(files[0], whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		h := &heard{}
		if err := tape.Read(dir, topic, 0, 0, h.take); err != nil {
			t.Fatalf("cut at %d of %d: %v", cut, len(whole), err)
		}
		n := len(h.events) - 1
		if n < last || h.events[n] != `{"id":"next"}` {
			t.Fatalf("cut at %d: %q", cut, h.events)
		}
		last = n
	}
	if last != 40 {
		t.Errorf("the whole file has %d events", last)
	}
}

func TestSweepTakesTheOldestFirst(t *testing.T) {
	dir := t.TempDir()
	for i := range 6 {
		w, err := tape.Create(dir, fmt.Sprint("show/", i%2), int64(1000*i))
		if err == nil {
			err = w.Write(int64(1000*i), []byte(`{"t":"event","data":{"id":"x"}}`))
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(before, bytes int64, files, gone int) tape.Kept {
		t.Helper()
		k, err := tape.Sweep(dir, before, bytes)
		if err != nil || k.Files != files || k.Gone != gone {
			t.Errorf("kept %+v, want %d files and %d gone: %v", k, files, gone, err)
		}
		return k
	}
	k := check(0, 0, 6, 0)
	check(1500, 0, 4, 2)
	check(0, k.Bytes/2, 3, 1)
	check(0, 1, 0, 3)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if err := tape.Read(dir, "show/1", 0, 0, func(tape.Line) error { return nil }); !errors.Is(err, tape.ErrNothing) {
		t.Errorf("reading what was swept: %v", err)
	}
}

func TestTopicsAreFolders(t *testing.T) {
	dir := t.TempDir()
	for _, topic := range []string{"show/../../x", "show/..", "show/a b", "show/日本", "..", "show/" + strings.Repeat("x", 200)} {
		w, err := tape.Create(dir, topic, 1)
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Errorf("%q: %v", topic, err)
		}
	}
	if n, err := filepath.Glob(dir + "/*/1.ndjson.zst"); err != nil || len(n) != 6 {
		t.Errorf("files %q, %v", n, err)
	}
	if _, err := tape.Create(dir, "show/"+strings.Repeat("日", 80), 1); !errors.Is(err, tape.ErrName) {
		t.Errorf("a name that no file system takes: %v", err)
	}
}

// A clock that is set back while a topic is recorded neither holds lines back, which would be lost with the process, nor makes what
// is written now older than what was.
func TestTheClockIsSetBack(t *testing.T) {
	dir := t.TempDir()
	const hour = 3_600_000
	line := func(w *tape.Writer, at int64, id string) {
		t.Helper()
		if err := w.Write(at, []byte(`{"t":"event","data":{"id":"`+id+`"}}`)); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (ids string) {
		t.Helper()
		if err := tape.Read(dir, "show/1", 0, 0, func(l tape.Line) error {
			_, id, _ := strings.Cut(string(l.Frame), `"id":"`)
			ids += id[:1]
			return nil
		}); err != nil && !errors.Is(err, tape.ErrNothing) {
			t.Fatal(err)
		}
		return ids
	}
	first, err := tape.Create(dir, "show/1", 10*hour)
	if err != nil {
		t.Fatal(err)
	}
	line(first, 10*hour, "a")
	line(first, 9*hour, "b")
	line(first, 9*hour+11_000, "c") // the process is killed here
	if got := read(); got != "ab" && got != "abc" {
		t.Errorf("%q is on disk 11 s after the clock was set back", got)
	}
	second, err := tape.Create(dir, "show/1", 9*hour+20_000)
	if err != nil {
		t.Fatal(err)
	}
	line(second, 9*hour+20_000, "d")
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if got := read(); !strings.HasSuffix(got, "d") || !strings.HasPrefix(got, "ab") {
		t.Errorf("read %q", got)
	}
	if k, err := tape.Sweep(dir, 10*hour+1, 0); err != nil || k.Gone != 1 || read() != "d" {
		t.Errorf("%+v, read %q, %v", k, read(), err)
	}
}
