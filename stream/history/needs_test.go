package history

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
)

// The names of series by what they are of, told by the words and not by the table of parts.
var (
	ofMoney = regexp.MustCompile(`^(money|gmv|roims|pace|expected|cost)\.`)
	ofRoom  = regexp.MustCompile(`^(heat|events)\.|^room\.(people|buyers|orders)_total`)
)

func kindOfName(name string) string {
	switch {
	case ofMoney.MatchString(name):
		return "money"
	case ofRoom.MatchString(name):
		return "room"
	}
	return "insight"
}

// TestWhoMayReadWhichSeries: any token and any question, against a plain reading of the rules. A refusal is the same whether the
// scope has a history or not, and before anything else is said.
func TestWhoMayReadWhichSeries(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte(strings.Repeat("5e", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	g, err := access.Open(t.Context(), access.Settings{KeysFile: file, Limits: access.Limits{PerSecond: 1 << 20}}, "0.0.0.0:80",
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := access.ReadKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	owners := map[string]string{"show/S1": "esol/hana", "campaign/spring": "brand/acme"}
	g.Owner = func(scope string) string { return owners[scope] }
	r := newRig(t)
	asked := g.Require(func(r *http.Request) string { return r.URL.Query().Get("scope") }, Needs, r.h.Handler())
	scopes := []string{"show/S1", "show/S2", "esol/hana", "campaign/spring", "campaign/autumn", "brand/acme"}
	granted := append(slices.Clone(scopes), "*", "show/*", "brand/*", "brand/bolt", "esol/mika")
	codes := map[int]int{}
	refusals := map[string]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		fields := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"room", "money", "insight"}), 1, 3, rapid.ID).Draw(rt, "fields")
		has := rapid.SliceOfNDistinct(rapid.SampledFrom(granted), 1, 3, rapid.ID).Draw(rt, "scopes")
		token, err := access.Sign(keys[0], access.Claims{RegisteredClaims: jwt.RegisteredClaims{
			Subject: "p", Audience: jwt.ClaimStrings{access.DefaultAudience}, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
		}}, access.Grant{Scopes: has, Fields: fields})
		if err != nil {
			rt.Fatal(err)
		}
		scope := rapid.SampledFrom(scopes).Draw(rt, "scope")
		kind, _, _ := event.SplitScope(scope)
		var names []string
		for _, s := range all {
			if slices.Contains(partsOf(kind), s.part) {
				names = append(names, strings.Replace(s.name, "*", "JPY", 1))
			}
		}
		q := url.Values{"scope": {scope}, "name": rapid.SliceOfN(rapid.SampledFrom(append(names, "no.such")), 1, 4).Draw(rt, "names")}
		want, unknown := http.StatusNotFound, false // nothing is kept of any of them
		seen := slices.ContainsFunc(has, func(p string) bool {
			return p == "*" || p == scope || p == kind+"/*" || p == owners[scope] || p == "brand/*" && owners[scope] == "brand/acme"
		})
		for _, name := range q["name"] {
			unknown = unknown || name == "no.such"
			seen = seen && (name == "no.such" || slices.Contains(fields, kindOfName(name)))
		}
		switch {
		case !seen:
			want = http.StatusForbidden
		case unknown:
			want = http.StatusBadRequest
		}
		request := httptest.NewRequest("GET", "/v1/series?"+q.Encode(), nil)
		request.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		asked.ServeHTTP(w, request)
		codes[w.Code]++
		if w.Code == http.StatusForbidden {
			refusals[w.Body.String()] = true
		}
		if w.Code != want || !json.Valid(w.Body.Bytes()) {
			rt.Fatalf("%v with %v: %d, expected %d: %s", q, fields, w.Code, want, w.Body)
		}
	})
	if codes[http.StatusForbidden] < 5 || codes[http.StatusNotFound] < 5 || len(refusals) != 1 {
		t.Errorf("answers %v, refusals in %d words: the test has lost its teeth, or a refusal says more", codes, len(refusals))
	}
}
