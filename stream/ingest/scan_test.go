package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// reference reads an object with encoding/json: what scanner must agree with, whether it accepts or not.
func reference(b []byte) (map[string]json.RawMessage, bool) {
	if !json.Valid(b) || !bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
		return nil, false
	}
	m := map[string]json.RawMessage{}
	return m, json.Unmarshal(b, &m) == nil
}

// checkScan compares the scanner with the reference on one input of valid UTF-8.
func checkScan(t interface{ Fatalf(string, ...any) }, b []byte) {
	var s scanner
	var f fields
	s.reset(b)
	r := s.record(&f)
	want, ok := reference(b)
	if r != nil && strings.Contains(r.Detail, "nested deeper") {
		return // the one stated difference
	}
	if ok != (r == nil) {
		t.Fatalf("scanner says %v, encoding/json accepts: %v: %q", r, ok, b)
	}
	if r != nil {
		return
	}
	for i := range fieldCount {
		got := f.get(i)
		raw, there := want[i.String()]
		if !there || string(raw) == "null" {
			if got.shape != absent {
				t.Fatalf("%s: got %s, want nothing: %q", i, got.shape, b)
			}
			continue
		}
		if why := differs(got, raw); why != "" {
			t.Fatalf("%s: %s: %q", i, why, b)
		}
	}
}

func differs(got token, raw json.RawMessage) string {
	var want string
	shapes := map[byte]shape{'"': text, '{': object, '[': array, 't': boolTrue, 'f': boolFalse}
	sh, ok := shapes[raw[0]]
	if !ok {
		sh = number
	}
	if got.shape != sh {
		return fmt.Sprintf("got %s, want %s", got.shape, sh)
	}
	switch sh {
	case text:
		if err := json.Unmarshal(raw, &want); err != nil {
			return err.Error()
		}
	case boolTrue, boolFalse:
	default:
		want = string(raw)
	}
	if string(got.b) != want {
		return fmt.Sprintf("got %q, want %q", got.b, want)
	}
	return ""
}

// jsonText draws JSON, sound or broken in one place.
func jsonText(t *rapid.T) []byte {
	b := []byte(jsonObject(t, 3))
	if rapid.IntRange(0, 3).Draw(t, "break") == 0 && len(b) > 0 {
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		c := rapid.SampledFrom([]byte("\"\\{}[],:0-.eEu \x00\x1fx")).Draw(t, "with")
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			b[at] = c
		case 1:
			b = append(b[:at], b[at+1:]...)
		case 2:
			b = b[:at]
		}
	}
	return b
}

func jsonObject(t *rapid.T, depth int) string {
	var members []string
	for range rapid.IntRange(0, 6).Draw(t, "members") {
		name := rapid.SampledFrom(append(names[:], "unknown", "Time", "kınd", `\u0074ext`, `t\u0065xt`)).Draw(t, "name")
		members = append(members, space(t)+`"`+name+`"`+space(t)+":"+space(t)+jsonValue(t, depth)+space(t))
	}
	return space(t) + "{" + strings.Join(members, ",") + "}" + space(t)
}

func space(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", "", " ", "\n\t", "\r"}).Draw(t, "space")
}

func jsonValue(t *rapid.T, depth int) string {
	kinds := 5
	if depth == 0 {
		kinds = 3
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "word")
	case 1:
		return rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
	case 2:
		b, _ := json.Marshal(rapid.String().Draw(t, "string"))
		return string(b)
	case 3:
		parts := []string{`\n`, `\"`, `\\`, `\/`, `\u3042`, `\ud83d\ude00`, `\ud83d`, `\ude00`, `\ud83d\u0041`, "plain text of some length", "熱", " "}
		return `"` + strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 6).Draw(t, "parts"), "") + `"`
	case 4:
		return jsonObject(t, depth-1)
	}
	var elements []string
	for range rapid.IntRange(0, 4).Draw(t, "elements") {
		elements = append(elements, jsonValue(t, depth-1))
	}
	return "[" + strings.Join(elements, ",") + "]"
}

func TestScannerAgreesWithEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := jsonText(t)
		if utf8.Valid(b) {
			checkScan(t, b)
		}
	})
}

func TestScannerOnStatedCases(t *testing.T) {
	for _, in := range []string{"", " ", "null", "[]", `"x"`, "{", "{}", "{} ", "{}x", `{"text":"a","text":"b"}`,
		`{"text":"a","text":null}`, `{"text":null,"text":"a"}`, `{"text":01}`, `{"text":-}`, `{"text":1.}`, `{"text":+1}`,
		`{"text":tru}`, `{"text":"` + "\x1f" + `"}`, `{"text":"12345678` + "\x00" + `"}`, `{"text":"\x"}`, `{"text":"\u12"}`,
		`{"text":"\u12G4"}`, `{,}`, `{"a":1,}`, `{"a" 1}`, `{"a":[1,]}`, `{"a":[,]}`, "\ufeff{}", `{"text":"` + "\x7f" + `"}`,
		`{"text":"\ud800\u"}`, `{"text":"\ud800\"`, `{"te\u0078t":"x"}`} {
		checkScan(t, []byte(in))
	}
}

func TestScannerRefusesDeepNesting(t *testing.T) {
	var s scanner
	var f fields
	deep := func(n int) []byte {
		return []byte(`{"text":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}")
	}
	s.reset(deep(maxNesting - 1))
	if r := s.record(&f); r != nil {
		t.Errorf("%d deep: %v", maxNesting, r)
	}
	s.reset(deep(500_000))
	if r := s.record(&f); r == nil || r.Reason != MalformedJSON {
		t.Errorf("half a million deep: %v", r)
	}
}

func TestParseTimeAgreesWithPackageTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`(0000|0001|1970|19[0-9]{2}|20[0-3][0-9]|9999)-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,12})?(Z|[+-][0-2][0-9]:[0-6][0-9])`).Draw(t, "time")
		got, ok := parseRFC3339([]byte(in))
		want, err := time.Parse(time.RFC3339Nano, in)
		if strings.HasPrefix(in, "0000") || strings.Contains(in[19:], "24:") || strings.HasSuffix(in, ":60") {
			return // package time takes year 0 and offsets of 24:00 and :60, which RFC 3339 does not have
		}
		if ok != (err == nil) {
			t.Fatalf("%s: %v here, %v there", in, ok, err)
		}
		if ok && got != want.UnixMilli() {
			t.Fatalf("%s: %d here, %d there", in, got, want.UnixMilli())
		}
	})
}

func TestParseTimeOfEveryDay(t *testing.T) {
	for day := time.Date(1896, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() < 2405; day = day.AddDate(0, 0, 1) {
		if got, ok := parseRFC3339([]byte(day.Format(time.RFC3339))); !ok || got != day.UnixMilli() {
			t.Fatalf("%s is %d, %v", day, got, ok)
		}
	}
}

func TestParseTimeRefuses(t *testing.T) {
	for _, in := range []string{"", "yesterday at noon", "2024-05-01", "2024-05-01T12:00:00", "2024-05-01 12:00:00Z",
		"2024-05-01T12:00:00z", "2024-05-01T12:00:00.Z", "2024-05-01T12:00:00+0900", "2024-05-01T12:00:00Zx",
		"2024-05-01T12:00:00,5Z", "2023-02-29T00:00:00Z", "2024-05-01T24:00:00Z", "1714530000000"} {
		if ms, ok := parseTime(token{shape: text, b: []byte(in)}); ok {
			t.Errorf("%q is read as %d", in, ms)
		}
	}
	for in, ok := range map[string]bool{"1714530000000": true, "-1": true, "1714530000000.0": true, "1714530000000.5": false,
		"1e12": false, "9999999999999999": false, "99999999999999999999": false} {
		if _, got := parseTime(token{shape: number, b: []byte(in)}); got != ok {
			t.Errorf("%s is accepted: %v, want %v", in, got, ok)
		}
	}
}
