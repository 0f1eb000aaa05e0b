package access

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// TestKeysChangeInPlace: a key that is added to the file is in force within a second, one that is taken away is not any more,
// and what cannot be read as keys changes nothing, and is said: in the log once, and in the metrics as long as it is so.
func TestKeysChangeInPlace(t *testing.T) {
	old, _, err := NewKey("HS256", "old")
	if err != nil {
		t.Fatal(err)
	}
	next, _, err := NewKey("HS256", "next")
	if err != nil {
		t.Fatal(err)
	}
	// The two sets as one: the list of the first, with that of the second behind it.
	both := append(append(bytes.Clone(bytes.TrimRight(old, "\n ]}")), "},"...), inner(next)...)
	file := filepath.Join(t.TempDir(), "keys.json")
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		registry := prometheus.NewRegistry()
		write(old)
		g, err := Open(t.Context(), Settings{KeysFile: file, Registerer: registry}, "0.0.0.0:80", slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		tokens := map[string]string{"old": signedBy(t, old), "next": signedBy(t, next)}
		good := func(id string) bool {
			_, err := g.verifier.Token(context.Background(), tokens[id])
			return err == nil
		}
		for i, step := range []struct {
			text      []byte // nil: the file is taken away
			old, next bool
			broken    float64
			keys      float64
		}{
			{old, true, false, 0, 1}, {both, true, true, 0, 2}, {both[:60], true, true, 1, 2}, {nil, true, true, 1, 2},
			{next, false, true, 0, 1}, {[]byte("{\"keys\":[]}"), false, true, 1, 1}, {next, false, true, 0, 1},
		} {
			if step.text == nil {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			} else {
				write(step.text)
			}
			time.Sleep(keysEvery)
			for range 3 {
				if good("old") != step.old || good("next") != step.next {
					t.Errorf("step %d: old %v, next %v", i, good("old"), good("next"))
				}
				time.Sleep(keysEvery)
			}
			if b, k := gaugeOf(t, registry, "netsu_access_file_broken"), gaugeOf(t, registry, "netsu_access_file_keys"); b != step.broken || k != step.keys {
				t.Errorf("step %d: broken %v, keys %v", i, b, k)
			}
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != 3 {
			t.Errorf("%d errors are logged, want one for each change for the worse:\n%s", n, log.String())
		}
		for _, text := range [][]byte{old, next} {
			if secret := bytes.Split(bytes.Split(text, []byte(`"k": "`))[1], []byte(`"`))[0]; strings.Contains(log.String(), string(secret)) {
				t.Error("a secret is in the log")
			}
		}
	})
}

// Every refusal has a series from the start, so that the first is a rise.
func TestRefusalsAreCounted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	g, err := Open(t.Context(), Settings{KeysFile: file, Registerer: registry}, "0.0.0.0:80", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	before := series(t, registry, "netsu_access_refused_total")
	for _, token := range []string{"x", "a.b.c", strings.Repeat("x", maxTokenBytes+1)} {
		if _, err := g.Introduce("10.0.0.1:1", token); err == nil {
			t.Errorf("%.20s is taken", token)
		}
	}
	after := series(t, registry, "netsu_access_refused_total")
	if len(before) != len(refusals) || len(after) != len(before) || after["token_malformed"] != 2 || after["token_too_long"] != 1 {
		t.Errorf("%d series, then %v", len(before), after)
	}
}

// Each code that the package refuses somebody's word with is among those that have a series.
func TestEveryCodeHasASeries(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range sources {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range codes.FindAllSubmatch(text, -1) {
			found++
			if code := string(m[1]); !known[code] {
				t.Errorf("%s: %s has no series", file, code)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d codes found", found)
	}
}

// codes finds what a Refusal is made with; those of what a token does not grant, and of its share, are no refusals of a word.
var codes = regexp.MustCompile(`(?:unauthorised\(|&Refusal\{http\.Status\w+, )"([A-Z_]+)"`)

var known = func() map[string]bool {
	all := map[string]bool{"FORBIDDEN": true, "TOO_MANY_MESSAGES": true, "TOO_MANY_CONNECTIONS": true}
	for _, code := range refusals {
		all[code] = true
	}
	return all
}()

// series are the values of a metric by its only label.
func series(t *testing.T, g prometheus.Gatherer, name string) map[string]float64 {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			if f.GetName() != name {
				continue
			}
			label := ""
			if len(m.Label) > 0 {
				label = m.Label[0].GetValue()
			}
			all[label] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return all
}

func gaugeOf(t *testing.T, g prometheus.Gatherer, name string) float64 {
	t.Helper()
	return series(t, g, name)[""]
}

func inner(set []byte) []byte {
	return set[bytes.IndexByte(set, '[')+1:]
}

func signedBy(t *testing.T, text []byte) string {
	t.Helper()
	keys, err := parseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	token, err := Sign(keys[0], Claims{RegisteredClaims: jwt.RegisteredClaims{Subject: "s", Audience: jwt.ClaimStrings{DefaultAudience},
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour))}}, Grant{Scopes: []string{"*"}, Fields: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	return token
}
