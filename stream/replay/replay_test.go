package replay_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/replay"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/source"
)

func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// play runs c and collects what goes out.
func play(c replay.Config) (out []source.Record, p replay.Progress, err error) {
	c.Out = func(_ context.Context, r source.Record) error {
		out = append(out, r)
		return nil
	}
	p, err = replay.Run(context.Background(), c)
	return out, p, err
}

// simulated is a short run with every kind of bad record, and a deletion.
func simulated(t testing.TB, seed uint64) (all []source.Record) {
	t.Helper()
	c := sim.Demo(seed, time.Date(2025, 11, 24, 12, 12, 0, 0, time.UTC))
	c.Shows = c.Shows[2:4]
	for i := range c.Shows {
		c.Shows[i].Lasts, c.Shows[i].Rate = time.Minute, 2
	}
	c.Wire.BadRate, c.Wire.Disorder = .02, 3*time.Second
	s, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for r := range s.All() {
		all = append(all, r)
	}
	return append(all, source.Deletion("show", "gone"))
}

func record(t testing.TB, records []source.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, r := range records {
		if err := replay.Write(&b, r); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func sameBytes(a, b source.Record) bool {
	return a.Topic == b.Topic && bytes.Equal(a.Key, b.Key) && bytes.Equal(a.Value, b.Value) &&
		(a.Value == nil) == (b.Value == nil) && (a.Key == nil) == (b.Key == nil)
}

func TestWhatIsRecordedIsReplayedByteForByte(t *testing.T) {
	want := simulated(t, 1)
	plain := record(t, want)
	var gz, zst bytes.Buffer
	g := gzip.NewWriter(&gz)
	g.Write(plain)
	g.Close()
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	z.Write(plain)
	z.Close()
	for name, content := range map[string][]byte{"a.ndjson": plain, "a.ndjson.gz": gz.Bytes(), "a.zst": zst.Bytes(),
		"-": plain} {
		path := name
		if name != "-" {
			path = file(t, name, content)
		}
		got, p, err := play(replay.Config{Files: []string{path}, Stdin: bytes.NewReader(content)})
		if err != nil || len(got) != len(want) || p.Records != int64(len(want)) || !p.Done {
			t.Fatalf("%s: %d records of %d, %+v, %v", name, len(got), len(want), p, err)
		}
		for i := range got {
			if !sameBytes(got[i], want[i]) {
				t.Fatalf("%s: record %d: want %q, got %q", name, i, want[i].Value, got[i].Value)
			}
		}
	}
}

func TestWriteKeepsAnyBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.Map(rapid.String(), func(s string) []byte {
			b, _ := json.Marshal(map[string]any{s: []any{s, 1.5, nil, true}})
			return b
		}), rapid.SampledFrom([][]byte{nil, []byte("null"), []byte(" {}"), []byte("{\n}"), {}}))
		want := source.Record{Topic: source.Orders, Key: rapid.SliceOf(rapid.Byte()).Draw(rt, "key"),
			Value: value.Draw(rt, "value")}
		if len(want.Key) == 0 {
			want.Key = nil
		}
		got, _, err := play(replay.Config{Files: []string{"-"}, Stdin: bytes.NewReader(record(t,
			[]source.Record{want}))})
		if err != nil || len(got) != 1 || !sameBytes(got[0], want) {
			rt.Fatalf("%q %q became %v, %v", want.Key, want.Value, got, err)
		}
	})
}

func TestBareEventsGetTheKeyOfTheirProducer(t *testing.T) {
	for topic, c := range map[string]struct{ line, key string }{
		source.Comments: {`{"time":5,"show_id":"s","text":"x"}`, "s"},
		source.Orders:   {`{"time":5,"show_id":"s","order_id":"o\u0031"}`, "o1"},
		source.Catalog:  {`{"kind":"show","id":"s"}`, "show/s"},
	} {
		got, _, err := play(replay.Config{Files: []string{"-"}, Topic: topic,
			Stdin: strings.NewReader("\n" + c.line + "\r\n")})
		if err != nil || len(got) != 1 || string(got[0].Value) != c.line || string(got[0].Key) != c.key {
			t.Errorf("%s: %v, %v", topic, got, err)
		}
	}
}

func TestABadLineIsNamedOrPassedOn(t *testing.T) {
	good := `{"topic":"comments","value":{}}` + "\n"
	for name, line := range map[string]string{
		"no JSON": "oops", "no such topic": `{"topic":"gossip","value":{}}`, "no value": `{"topic":"orders"}`,
		"cut off": `{"topic":"orders","value":{`,
	} {
		path := file(t, "x.ndjson", []byte(good+line))
		got, _, err := play(replay.Config{Files: []string{path}})
		if err == nil || !strings.Contains(err.Error(), path+":2: ") || len(got) != 1 {
			t.Errorf("%s: %d records, error %v", name, len(got), err)
		}
		got, _, err = play(replay.Config{Files: []string{path}, PassBad: true})
		if err != nil || len(got) != 2 || string(got[1].Value) != line {
			t.Errorf("%s passed on: %v, %v", name, got, err)
		}
	}
	long := file(t, "x", bytes.Repeat([]byte{'x'}, replay.MaxLineBytes+2))
	if _, _, err := play(replay.Config{Files: []string{long}, PassBad: true}); err == nil {
		t.Error("a line without bounds was taken")
	}
	if _, _, err := play(replay.Config{Files: []string{"/nowhere"}}); err == nil || !strings.Contains(err.Error(),
		"/nowhere") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// times collects all that is a time in a value, by the plain reading of the JSON.
func times(t testing.TB, r source.Record) (all []int64) {
	var v any
	if json.Unmarshal(r.Value, &v) != nil {
		return nil
	}
	read := func(v any) {
		switch x := v.(type) {
		case float64:
			all = append(all, int64(x))
		case string:
			if at, err := time.Parse(time.RFC3339Nano, x); err == nil {
				all = append(all, at.UnixMilli())
			}
		}
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	for _, name := range []string{"time", "updated_at", "account_created", "start", "end", "from"} {
		read(m[name])
	}
	refunds, _ := m["refunds"].([]any)
	for _, f := range refunds {
		read(f.(map[string]any)["time"])
	}
	return all
}

// All times move by one constant, so differences stay, and moving back gives the recorded times.
func TestShiftMovesEveryTimeByOneConstant(t *testing.T) {
	recorded := map[uint64][]source.Record{}
	rapid.Check(t, func(rt *rapid.T) {
		by := rapid.OneOf(rapid.Int64Range(-1e12, 1e12),
			rapid.Map(rapid.Int64Range(-1e9, 1e9), func(s int64) int64 { return 1000 * s })).Draw(rt, "by")
		seed := rapid.Uint64Range(0, 3).Draw(rt, "seed")
		if recorded[seed] == nil {
			recorded[seed] = simulated(t, seed)
		}
		for _, r := range recorded[seed] {
			moved := replay.Shift(r, by)
			before, after := times(t, r), times(t, moved)
			if len(before) != len(after) {
				rt.Fatalf("%s\nbecame\n%s", r.Value, moved.Value)
			}
			for i := range before {
				// Times beyond the year 9999 cannot be written and stay; 2999 plus 32 years is not among them.
				if after[i] != before[i]+by {
					rt.Fatalf("by %d: %s\nbecame\n%s", by, r.Value, moved.Value)
				}
			}
			// Milliseconds are written where they were not; without any, there and back is the very same.
			back := replay.Shift(moved, -by)
			if !slices.Equal(times(t, back), before) || by%1000 == 0 && !bytes.Equal(back.Value, r.Value) {
				rt.Fatalf("there and back: %s\nbecame\n%s", r.Value, back.Value)
			}
		}
	})
}

func TestShiftTouchesNothingElse(t *testing.T) {
	for _, c := range []struct{ topic, in, want string }{
		{source.Comments, `{"time":"2025-01-01T00:00:00Z"}`, `{"time":"2025-01-01T00:00:01.500Z"}`},
		{source.Comments, `{"time": "2025-01-01T23:59:59.1234567+09:00" , "x":1}`,
			`{"time": "2025-01-02T00:00:00.6234567+09:00" , "x":1}`},
		{source.Comments, `{"text":"time","time":1,"a":{"time":2},"b":[{"time":3}]}`,
			`{"text":"time","time":1501,"a":{"time":2},"b":[{"time":3}]}`},
		{source.Comments, `{"text":"}\"{","time":-1500}`, `{"text":"}\"{","time":0}`},
		{source.Comments, `{"\u0074ime":7}`, `{"\u0074ime":1507}`},
		{source.Reactions, `{"time":5,"account_created":"1970-01-01T00:00:00Z"}`,
			`{"time":1505,"account_created":"1970-01-01T00:00:01.500Z"}`},
		{source.Comments, `{"time":"soon","start":5}`, `{"time":"soon","start":5}`},
		{source.Comments, `{"time":1.5e3}`, `{"time":1.5e3}`},
		{source.Comments, `{"time":`, `{"time":`},
		{source.Comments, `[1]`, `[1]`},
		{source.Orders, `{"updated_at":1,"refunds":[{"lines":[{}],"time":2},{"time":"1970-01-01T00:00:00.000Z"}]}`,
			`{"updated_at":1501,"refunds":[{"lines":[{}],"time":1502},{"time":"1970-01-01T00:00:01.500Z"}]}`},
		{source.Comments, `{"updated_at":1,"refunds":[{"time":2}]}`, `{"updated_at":1501,"refunds":[{"time":2}]}`},
		{source.Catalog, `{"start":1,"end":"1970-01-01T00:00:00Z","from":3,"time":4,"return_window_ms":5}`,
			`{"start":1501,"end":"1970-01-01T00:00:01.500Z","from":1503,"time":4,"return_window_ms":5}`},
		{source.Comments, `{"time":"9999-12-31T23:59:59Z"}`, `{"time":"9999-12-31T23:59:59Z"}`},
	} {
		if got := replay.Shift(source.Record{Topic: c.topic, Value: []byte(c.in)}, 1500); string(got.Value) != c.want {
			t.Errorf("%s:\nwant %s\n got %s", c.in, c.want, got.Value)
		}
	}
}

func FuzzShift(f *testing.F) {
	f.Add([]byte(`{"time":1,"refunds":[{"time":"2025-01-01T00:00:00Z"}]}`), int64(5))
	f.Add([]byte(`{"time":"2025-01-01T00:00:00,5Z","updated_at":-9223372036854775808}`), int64(-1))
	f.Fuzz(func(t *testing.T, value []byte, by int64) {
		by %= 1 << 40
		got := replay.Shift(source.Record{Topic: source.Orders, Value: value}, by)
		if json.Valid(value) != json.Valid(got.Value) {
			t.Fatalf("%q became %q", value, got.Value)
		}
	})
}

// lines makes bare comments at the given seconds.
func seq(texts string, seconds ...int64) source.Seq {
	return func(yield func(source.Record, error) bool) {
		for i, s := range seconds {
			c := source.Comment{Common: source.Common{TimeMS: 1_764_000_000_000 + 1000*s}, Text: fmt.Sprint(texts, i)}
			if !yield(c.Record(), nil) {
				return
			}
		}
	}
}

func TestMergeKeepsEachSourcesOrder(t *testing.T) {
	var got []string
	for r, err := range replay.Merge(seq("a", 1, 5, 2, 6), seq("b", 1, 3, 4, 9), seq("c")) {
		if err != nil {
			t.Fatal(err)
		}
		var v struct{ Text string }
		if err := json.Unmarshal(r.Value, &v); err != nil {
			t.Fatal(err)
		}
		got = append(got, v.Text)
	}
	// a2 went back in time: it follows a1, before what is later than a1.
	if want := []string{"a0", "b0", "b1", "b2", "a1", "a2", "a3", "b3"}; !slices.Equal(got, want) {
		t.Errorf("want %v, got %v", want, got)
	}
}

func TestPaceFollowsEventTime(t *testing.T) {
	for _, c := range []struct {
		speed float64
		want  []time.Duration
	}{
		{1, []time.Duration{0, 10 * time.Second, 10 * time.Second, 30 * time.Second}},
		{20, []time.Duration{0, 500 * time.Millisecond, 500 * time.Millisecond, 1500 * time.Millisecond}},
		{.5, []time.Duration{0, 20 * time.Second, 20 * time.Second, 60 * time.Second}},
		{0, []time.Duration{0, 0, 0, 0}},
	} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			var at []time.Duration
			_, err := replay.Run(t.Context(), replay.Config{Seqs: []source.Seq{seq("x", 100, 110, 90, 130)},
				Speed: c.speed,
				Out: func(context.Context, source.Record) error {
					at = append(at, time.Since(begin))
					return nil
				}})
			if err != nil || !slices.Equal(at, c.want) {
				t.Errorf("speed %v: %v, %v; want %v", c.speed, at, err, c.want)
			}
		})
	}
}

// A slow receiver makes the replay late, not slower for ever: it catches up.
func TestPaceCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var at []time.Duration
		var behind time.Duration
		_, err := replay.Run(t.Context(), replay.Config{Seqs: []source.Seq{seq("x", 0, 10, 20, 30)}, Speed: 1,
			Progress: func(p replay.Progress) { behind = max(behind, p.Behind) },
			Out: func(context.Context, source.Record) error {
				at = append(at, time.Since(begin))
				if len(at) == 1 {
					time.Sleep(25 * time.Second)
				}
				return nil
			}})
		s := time.Second
		if want := []time.Duration{0, 25 * s, 25 * s, 30 * s}; err != nil || !slices.Equal(at, want) {
			t.Errorf("%v, %v; want %v", at, err, want)
		}
		if behind < 5*s {
			t.Errorf("the replay said that it was %v behind", behind)
		}
	})
}

func TestToNowMovesTheFirstEventToTheBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var got []source.Record
		p, err := replay.Run(t.Context(), replay.Config{Seqs: []source.Seq{seq("x", 5, 8, 3)}, ToNow: true, Speed: 1,
			Out: func(_ context.Context, r source.Record) error {
				got = append(got, r)
				return nil
			}})
		if err != nil || p.EventMS != begin.UnixMilli()+3000 {
			t.Fatalf("%+v, %v", p, err)
		}
		for i, want := range []int64{0, 3000, -2000} {
			if at := got[i].TimeMS - begin.UnixMilli(); at != want || times(t, got[i])[0] != got[i].TimeMS {
				t.Errorf("event %d at %d ms, want %d: %s", i, at, want, got[i].Value)
			}
		}
	})
}

func TestProgressIsToldWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []replay.Progress
		p, err := replay.Run(t.Context(), replay.Config{Seqs: []source.Seq{seq("x", 0, 10)}, Speed: 1,
			ProgressEvery: 2 * time.Second,
			Progress:      func(p replay.Progress) { told = append(told, p) },
			Out:           func(context.Context, source.Record) error { return nil }})
		if err != nil || p.Records != 2 || p.Bytes == 0 || p.EventMS != 1_764_000_010_000 {
			t.Errorf("%+v, %v", p, err)
		}
		if n := len(told); n < 5 || n > 7 || told[0].Records != 1 || told[0].Rate != .5 || !told[n-1].Done {
			t.Errorf("told %d times: %+v", n, told)
		}
	})
}

func TestRunEndsWithItsContextAndItsOutlet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begin, n := time.Now(), 0
		_, err := replay.Run(ctx, replay.Config{Seqs: []source.Seq{seq("x", 0, 3600)}, Speed: 1,
			Out: func(context.Context, source.Record) error { n++; return nil }})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 5*time.Second || n != 1 {
			t.Errorf("%v after %v and %d records", err, time.Since(begin), n)
		}
	})
	broken := errors.New("the broker is gone")
	_, err := replay.Run(t.Context(), replay.Config{Seqs: []source.Seq{seq("x", 0, 1)},
		Out: func(context.Context, source.Record) error { return broken }})
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func BenchmarkReplayShifted(b *testing.B) {
	records := simulated(b, 1)
	records = slices.DeleteFunc(records, func(r source.Record) bool { return len(r.Value) > 1000 })
	path := file(b, "x.ndjson", record(b, records))
	for b.Loop() {
		_, err := replay.Run(b.Context(), replay.Config{Files: []string{path}, Shift: time.Hour,
			Out: func(context.Context, source.Record) error { return nil }})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(records))*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// Files of payloads are merged by event time like recordings, packed or not; what cannot be read is named, or passed on.
func TestPayloadsOfAPlatform(t *testing.T) {
	chat := func(text, second string) string {
		return `{"comment":"` + text + `","msgId":"` + text + `","createTime":"17000000` + second + `000"}`
	}
	c := replay.Config{Files: []string{file(t, "a.json", []byte("["+chat("a", "01")+","+chat("c", "03")+"]")),
		file(t, "b.ndjson", []byte(chat("b", "02")+"\n"+chat("d", "04")+"\n"+`{"comment":7}`))},
		Format: "tiktok", Payloads: source.Payloads{ShowID: "s"}}
	out, _, err := play(c)
	if err == nil || !strings.Contains(err.Error(), "b.ndjson: payload 3: ") {
		t.Errorf("error %v", err)
	}
	seconds := ""
	for _, r := range out {
		seconds += fmt.Sprintf(" %s %d", r.Key, r.TimeMS/1000%100)
	}
	if seconds != " s 1 s 2 s 3 s 4" {
		t.Errorf("played%s", seconds)
	}
	c.PassBad = true
	if out, _, err = play(c); err != nil || len(out) != 5 || string(out[4].Value) != `{"comment":7}` {
		t.Errorf("%v after %d records", err, len(out))
	}
}
