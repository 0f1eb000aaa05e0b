package feed

import (
	"net/http"
	"net/http/httptest"
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

// TestARefusedOverlayIsReadable: a browser source shows what it is answered over the picture. It has a sentence in both languages,
// nothing of the address, and nothing that moves or can be run; programs are answered as before.
func TestARefusedOverlayIsReadable(t *testing.T) {
	g, key := guarded(t, access.Limits{})
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("page")) })
	s := served(t, Config{Guard: g, Page: page})
	address := func(ttl time.Duration) string {
		text, err := access.OverlayAddress(key, "https://netsu.example", "S1", "", access.Room, time.Now().Add(ttl))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(text, "https://netsu.example")
	}
	for path, want := range map[string]struct {
		code int
		says [2]string
	}{
		address(-time.Minute): {401, [2]string{"期限", "has ended"}},
		"/overlay/S1":         {401, [2]string{"署名", "needs a signed address"}},
		strings.Replace(address(time.Hour), "S1", "S2", 1):      {403, [2]string{"無効", "not in force"}},
		strings.Replace(address(time.Hour), "sig=", "sig=x", 1): {401, [2]string{"無効", "not in force"}},
		address(time.Hour): {200, [2]string{"page", "page"}},
	} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		body := w.Body.String()
		if w.Code != want.code || !strings.Contains(body, want.says[0]) || !strings.Contains(body, want.says[1]) {
			t.Errorf("%s: %d %s", path, w.Code, body)
		}
		if want.code == 200 {
			continue
		}
		for _, never := range []string{"sig=", "S1", "S2", "animation", "transition", "<script", `{"error"`} {
			if strings.Contains(body, never) {
				t.Errorf("%s: the page has %s: %s", path, never, body)
			}
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(body, "background: transparent") {
			t.Errorf("%s: %v %s", path, w.Header(), body)
		}
		if plain := ask(s, path, ""); plain.Code != want.code || !strings.Contains(plain.Body.String(), `{"error"`) {
			t.Errorf("%s to a program: %d %s", path, plain.Code, plain.Body)
		}
	}
}
