package feed

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/access"
)

// TestASignedAddressOpensItsShowAndNothingElse, and sends the page its query where no server is told it.
func TestASignedAddressOpensItsShowAndNothingElse(t *testing.T) {
	g, key := guarded(t, access.Limits{})
	s := served(t, Config{Guard: g})
	text, err := access.OverlayAddress(key, "https://netsu.example", "S1", access.Room, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	w := ask(s, address.RequestURI(), "")
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || to.RawQuery != "" {
		t.Fatalf("%d %v %v", w.Code, w.Header(), err)
	}
	if query, err := url.QueryUnescape(strings.TrimPrefix(to.EscapedFragment(), "address=")); err != nil || query != address.RawQuery {
		t.Errorf("the page is given %q, expected %q", query, address.RawQuery)
	}
	for path, code := range map[string]int{
		"/overlay/S2?" + address.RawQuery: 403, "/overlay/S1": 401, "/overlay/S1?" + strings.Replace(address.RawQuery, "S1", "S2", 1): 401,
		"/v1/meters/show/S1?" + address.RawQuery: 403, "/v1/shows?" + address.RawQuery: 403, "/v1/alerts?" + address.RawQuery: 403,
		"/v1/stream?topic=show/S1&" + address.RawQuery: 403, "/metrics?" + address.RawQuery: 403,
	} {
		if w := ask(s, path, ""); w.Code != code {
			t.Errorf("%s: %d, expected %d", path, w.Code, code)
		}
	}
	if w := ask(served(t, Config{}), "/overlay/S1", ""); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "../#/show/S1" {
		t.Errorf("where everything is open: %d %v", w.Code, w.Header())
	}
}
