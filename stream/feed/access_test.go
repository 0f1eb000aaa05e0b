package feed

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// everybody is who an open port takes everyone for.
func everybody(t interface {
	Helper()
	Fatal(...any)
}) *access.Principal {
	t.Helper()
	p, err := (*access.Guard)(nil).Who(nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var testSecret = strings.Repeat("5e", 32)

// guarded makes a guard with one secret, and a signer of tokens for it.
func guarded(t *testing.T, l access.Limits) (*access.Guard, access.Key) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte(testSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	g, err := access.Open(t.Context(), access.Settings{KeysFile: file, Limits: l}, "0.0.0.0:80", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := access.ReadKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	return g, keys[0]
}

// token signs one of an hour for a subject.
func token(t *testing.T, k access.Key, subject string, scopes, fields []string) string {
	t.Helper()
	return tokenFor(t, k, subject, time.Hour, scopes, fields)
}

func tokenFor(t *testing.T, k access.Key, subject string, ttl time.Duration, scopes, fields []string) string {
	t.Helper()
	text, err := access.Sign(k, access.Claims{RegisteredClaims: jwt.RegisteredClaims{
		Subject: subject, Audience: jwt.ClaimStrings{access.DefaultAudience}, ExpiresAt: jwt.NewNumericDate(time.Now().Add(ttl)),
	}}, access.Grant{Scopes: scopes, Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// served is a server with something in every kind of document, of two ESOLs and two campaigns that share one of them.
func served(t *testing.T, c Config) *Server {
	t.Helper()
	s := New(c)
	s.hub.live = true
	r := &rig{t: t, server: s}
	r.apply(roomMeter("S1", "hana", 40, 1), roomMeter("S2", "mika", 40, 1), roomMeter("S3", "hana", 40, 1),
		moneyMeter("show/S1", 4711), insightMeter("S1", exampleInsight()), moneyMeter("esol/hana", 4711),
		moneyMeter("campaign/winter", 4711), moneyMeter("brand/acme", 4711))
	autumn := moneyMeter("campaign/autumn", 4711)
	autumn.BrandId = "acme"
	r.apply(autumn)
	for i, show := range []string{"S1", "S2"} {
		s.hub.alert(place{origin{"show", 0}, parsed(int64(i))}, alertDocument(&eventpb.Alert{
			Id: "a" + show, Scope: "show/" + show, ShowId: show, EsolId: []string{"hana", "mika"}[i], Kind: "hot", TimeMs: noon * 1000,
		}), 0, int64(i))
	}
	return s
}

func ask(s *Server, path, bearer string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// TestEveryPartIsOfAKindOfFields: a new part must be put into the table, or nobody but those with all fields would see it.
func TestEveryPartIsOfAKindOfFields(t *testing.T) {
	documents := map[string]any{
		event.ScopeShow: &Show{}, event.ScopeEsol: &Esol{}, event.ScopeCampaign: &Campaign{}, event.ScopeBrand: &Brand{},
		boardTopic: &Board{},
	}
	for kind, d := range documents {
		made, err := split(d, nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range made {
			names = append(names, p.name)
		}
		slices.Sort(names)
		if table := slices.Sorted(maps.Keys(kindsOf[kind])); !slices.Equal(names, table) {
			t.Errorf("%s has the parts\n%v, the table\n%v", kind, names, table)
		}
	}
	three := access.Room | access.Money | access.Insight
	for _, f := range []access.Fields{three, access.All} {
		seen, _ := sightOf(&access.Principal{Scopes: []string{"*"}, Fields: f}, "show/S1", "")
		if got := seen.may("a part of tomorrow"); got != (f == access.All) {
			t.Errorf("a part that is in no table is read with %v: %v", f, got)
		}
	}
	if len(documents) != len(kindsOf) {
		t.Errorf("%d kinds of documents, %d in the table", len(documents), len(kindsOf))
	}
}

// TestNoMoneyWithoutItsField: no amount, by its type, is in a part that a token without money can read. It is told by the
// types of the documents, and not by the table.
func TestNoMoneyWithoutItsField(t *testing.T) {
	var holds func(reflect.Type) bool
	holds = func(of reflect.Type) bool {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			return holds(of.Elem())
		case reflect.Struct:
			if of == reflect.TypeFor[Money]() {
				return true
			}
			for i := range of.NumField() {
				if holds(of.Field(i).Type) {
					return true
				}
			}
		}
		return false
	}
	who := &access.Principal{Scopes: []string{"*"}, Fields: access.Room | access.Insight}
	for topic, of := range map[string]reflect.Type{
		"show/S": reflect.TypeFor[Show](), "esol/e": reflect.TypeFor[Esol](), "campaign/c": reflect.TypeFor[Campaign](),
		"brand/b": reflect.TypeFor[Brand](), boardTopic: reflect.TypeFor[Board](),
	} {
		seen, _ := sightOf(who, topic, "")
		for _, f := range reflect.VisibleFields(of) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); !f.Anonymous && holds(f.Type) && seen.may(name) {
				t.Errorf("%s.%s holds amounts, and is read without money", topic, name)
			}
		}
	}
}

// TestWhoMayReadWhatOverHTTP: any token, against a plain reading of the rules.
func TestWhoMayReadWhatOverHTTP(t *testing.T) {
	g, key := guarded(t, access.Limits{PerSecond: 1 << 20})
	s := served(t, Config{Guard: g})
	brandOf := map[string]string{"campaign/autumn": "acme"} // the winter's is not known
	esolOf := map[string]string{"show/S1": "hana", "show/S2": "mika", "show/S3": "hana"}
	topics := []string{"show/S1", "show/S2", "show/S3", "show/S9", "esol/hana", "esol/mika", "campaign/autumn", "campaign/winter", "brand/acme", "shows"}
	patterns := append(slices.Clone(topics[:9]), "*", "show/*", "esol/*", "campaign/*", "brand/*")
	rapid.Check(t, func(rt *rapid.T) {
		scopes := rapid.SliceOfNDistinct(rapid.SampledFrom(patterns), 1, 4, rapid.ID).Draw(rt, "scopes")
		fields := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"room", "money", "insight"}), 1, 3, rapid.ID).Draw(rt, "fields")
		bearer := token(t, key, "p", scopes, fields)
		granted := func(topic string) bool {
			for _, p := range scopes {
				kind, ok := strings.CutSuffix(p, "/*")
				if p == "*" || p == topic || ok && strings.HasPrefix(topic, kind+"/") || topic == "shows" && p == "show/*" ||
					esolOf[topic] != "" && (p == "esol/"+esolOf[topic] || p == "esol/*") ||
					brandOf[topic] != "" && (p == "brand/"+brandOf[topic] || p == "brand/*") {
					return true
				}
			}
			return false
		}
		for _, topic := range topics {
			path := "/v1/meters/" + topic
			if topic == "shows" {
				path = "/v1/shows"
			}
			w := ask(s, path, bearer)
			want := http.StatusForbidden
			switch {
			case granted(topic) && topic == "show/S9":
				want = http.StatusNotFound
			case granted(topic):
				want = http.StatusOK
			}
			if w.Code != want {
				rt.Fatalf("%s: %d, expected %d: %s", topic, w.Code, want, w.Body)
			}
			if want != http.StatusOK {
				continue
			}
			if topic == "shows" {
				all := slices.Contains(scopes, "*") || slices.Contains(scopes, "campaign/*")
				if got := strings.Contains(w.Body.String(), `"campaigns":`); got != (all && slices.Contains(fields, "money")) {
					rt.Fatalf("the board has campaigns: %v: %s", got, w.Body)
				}
			}
			has := strings.Contains(w.Body.String(), "4711")
			if money := slices.Contains(fields, "money"); !money && has {
				rt.Fatalf("%s gives amounts to %v: %s", topic, fields, w.Body)
			} else if money && !has && esolOf[topic] == "" && topic != "shows" && topic != "esol/mika" {
				rt.Fatalf("%s keeps amounts from %v: %s", topic, fields, w.Body)
			}
		}
		w := ask(s, "/v1/alerts", bearer)
		var got struct{ Alerts []AlertView }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			rt.Fatalf("alerts: %d %s", w.Code, w.Body)
		}
		want := 0
		for _, show := range []string{"show/S1", "show/S2"} {
			if slices.Contains(fields, "room") && slices.Contains(fields, "insight") && (granted(show) || granted("esol/"+esolOf[show])) {
				want++
			}
		}
		if len(got.Alerts) != want {
			rt.Fatalf("%d alerts, expected %d", len(got.Alerts), want)
		}
		if w := ask(s, "/v1/campaigns/autumn/advice?budget=5", bearer); (w.Code == http.StatusForbidden) ==
			(granted("campaign/autumn") && slices.Contains(fields, "money")) {
			rt.Fatalf("advice: %d %s", w.Code, w.Body)
		}
		all := slices.Contains(scopes, "*") || slices.Contains(scopes, "esol/*")
		if w := ask(s, "/v1/esols/hana/similar", bearer); (w.Code == http.StatusForbidden) == (all && len(fields) == 3) {
			rt.Fatalf("similar: %d %s", w.Code, w.Body)
		}
	})
}

// TestAPortWithKeysSaysNothingToStrangers, but for the probes and the page, which hold no data.
func TestAPortWithKeysSaysNothingToStrangers(t *testing.T) {
	g, key := guarded(t, access.Limits{})
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "page") })
	s := served(t, Config{Guard: g, Page: page})
	for path, code := range map[string]int{
		"/healthz": 200, "/readyz": 200, "/": 200, "/metrics": 401, "/v1/shows": 401, "/v1/meters/show/S1": 401,
		"/v1/meters/show/nobody": 401, "/v1/alerts": 401, "/v1/esols/hana/similar": 401, "/v1/campaigns/autumn/advice": 401,
		"/v1/shows?token=" + token(t, key, "p", []string{"*"}, []string{"*"}): 400,
	} {
		w := ask(s, path, "")
		if w.Code != code {
			t.Errorf("%s: %d, expected %d", path, w.Code, code)
		}
		if code == 401 && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("%s does not say how: %v", path, w.Header())
		}
	}
	if w := ask(s, "/metrics", token(t, key, "p", []string{"show/*"}, []string{"*"})); w.Code != 403 {
		t.Errorf("metrics, which are of all scopes, for those of some: %d", w.Code)
	}
	if w := ask(s, "/metrics", token(t, key, "p", []string{"*"}, []string{"*"})); w.Code == 403 || w.Code == 401 {
		t.Errorf("metrics for those with everything: %d", w.Code)
	}
}

// TestAdviceKnowsNothingOfOtherCampaigns: what an ESOL returned to one brand is not in the advice given to another.
func TestAdviceKnowsNothingOfOtherCampaigns(t *testing.T) {
	m := newMeters(10)
	deal := func(campaign string) {
		name := event.Scope(event.ScopeDeal, event.DealID(campaign, "hana"))
		m.apply(change{key: name + "/earnings", meterKey: meterKey{name, partEarnings, 0}, meter: &eventpb.Meter{
			Scope: name, Part: partEarnings, Earnings: &eventpb.Earnings{EsolId: "hana", CampaignId: campaign},
		}}, func(string) {})
	}
	deal("autumn")
	deal("winter")
	for scope, want := range map[string]int{"campaign/autumn": 1, "campaign/*": 2} {
		s, known := m.spending("autumn", &access.Principal{Scopes: []string{scope}, Fields: access.Money})
		if !known || len(s.esols) != 1 || len(s.esols[0].deals) != want {
			t.Errorf("with %s: %+v, expected %d deals", scope, s, want)
		}
	}
}
