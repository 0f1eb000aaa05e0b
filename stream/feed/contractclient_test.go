package feed

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// clientValues are what a field of a client's frame may hold, good and bad.
var clientValues = map[string][]string{
	"id":     {`0`, `7`, `-1`, `1.5`, `"7"`, `null`},
	"v":      {`1`, `2`, `"1"`, `null`},
	"client": {`"acme/1"`, `7`, `{}`},
	"token":  {`"x"`, `""`, `7`, `null`},
	"topic":  {`"shows"`, `"show/S42"`, `"campaign/a b/c"`, `"show/"`, `"room/1"`, `7`, `null`},
	"fields": {`[]`, `["as_of"]`, `["as_of","kind"]`, `"as_of"`, `[7]`, `null`},
	"basis": {
		`{"currency":"JPY"}`, `{"model":"time_decay"}`, `{"currency":"XXX","model":"none"}`, `{}`, `null`, `"JPY"`, `{"currency":"jpy"}`,
		`{"currency":"JPYX"}`, `{"currency":null}`, `{"currency":"JPY","attribution":"last"}`, `{"model":""}`, `{"model":"Last"}`, `{"model":7}`,
	},
	"max_hz": {`0.01`, `2`, `10`, `0`, `-1`, `10.5`, `"2"`, `null`},
	"resume": {
		`{"cursor":"e0:AAE"}`, `{"cursor":"e0:AAE","hash":"crc32c:00000000"}`, `{"hash":"crc32c:00000000"}`, `{}`, `null`, `"e0:AAE"`,
		`{"cursor":"AAE"}`, `{"cursor":"e0:AAE","session":"s"}`, `{"cursor":"e0:AAE","hash":7}`,
	},
	"from":  {`"2026-05-01T20:00:00Z"`, `"2026-05-01T20:00:00.250+09:00"`, `"yesterday"`, `7`, `null`},
	"speed": {`1`, `0.5`, `1000`, `0`, `-1`, `1001`, `"1"`, `null`},
	"sub":   {`1`, `3`, `0`, `-1`, `"1"`, `null`},
	"watch": {`1`, `3`, `0`, `-1`, `"1"`, `null`},
	"when":  {`"as_of != null"`, `7`, `null`},
	"path":  {`"as_of"`, `7`, `null`},
	"extra": {`1`},
}

// What the parser takes is valid, and what is valid the parser takes, but for what it alone can tell: a condition that does not
// read. Tried are all frames that have what they must, and any two fields with any of their values, or without.
func TestTheParserAndTheContractTakeTheSame(t *testing.T) {
	taken := 0
	for kind, fields := range clientFields {
		names := append(slices.Clone(fields[1:]), "extra") // t is given; any other field is one that is not known
		base := map[string]string{"t": `"` + kind + `"`}
		for _, name := range published()["client-"+kind]["required"].([]string) {
			if name != "t" {
				base[name] = clientValues[name][0]
			}
		}
		for i, one := range names {
			for _, other := range names[i+1:] {
				for _, v := range append([]string{""}, clientValues[one]...) {
					for _, w := range append([]string{""}, clientValues[other]...) {
						if taken += bothTake(t, base, one, v, other, w); t.Failed() {
							return
						}
					}
				}
			}
		}
	}
	if taken < 300 {
		t.Errorf("only %d frames were taken: nothing was tried", taken)
	}
}

// bothTake asks both of a frame with two of its fields set, or (an empty value) left out; 1 where they take it.
func bothTake(t *testing.T, base map[string]string, fields ...string) int {
	frame := maps.Clone(base)
	for i := 0; i < len(fields); i += 2 {
		frame[fields[i]] = fields[i+1]
	}
	var members []string
	for _, name := range slices.Sorted(maps.Keys(frame)) {
		if frame[name] != "" {
			members = append(members, `"`+name+`":`+frame[name])
		}
	}
	text := []byte("{" + strings.Join(members, ",") + "}")
	_, refused := parseRequest(text)
	wrong := validFrame("client", text)
	var no *refusal
	switch {
	case errors.As(refused, &no) && no.code == "BAD_CONDITION":
	case (refused == nil) != (wrong == nil):
		t.Errorf("%s\nthe parser: %v\nthe contract: %v", text, refused, wrong)
	case refused == nil:
		return 1
	}
	return 0
}
