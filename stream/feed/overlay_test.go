package feed

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/access"
)

// TestASignedAddressOpensItsShowAndNothingElse: the page of its overlay, and no other path.
func TestASignedAddressOpensItsShowAndNothingElse(t *testing.T) {
	g, key := guarded(t, access.Limits{})
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("page of " + r.URL.Path)) })
	s := served(t, Config{Guard: g, Page: page})
	text, err := access.OverlayAddress(key, "https://netsu.example", "S1", "", access.Room, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{address.RequestURI(), address.RequestURI() + "&widgets=gauge&lang=ja"} {
		if w := ask(s, path, ""); w.Code != http.StatusOK || w.Body.String() != "page of /overlay/S1" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
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
	if w := ask(served(t, Config{Page: page}), "/overlay/S1", ""); w.Code != http.StatusOK || w.Body.String() != "page of /overlay/S1" {
		t.Errorf("where everything is open: %d %s", w.Code, w.Body)
	}
}
