package live_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/netsu/netsu/dashboards/live"
)

func request(t *testing.T, method, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	live.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var asset = regexp.MustCompile(`(?:src|href)="((?:\.\./)?(?:app|overlay)-[A-Z0-9]{8}\.(?:js|css))"`)

func TestIndexIsAskedForAgainAndItsAssetsAreKept(t *testing.T) {
	assetsAreKept(t, "/")
}

func TestAnOverlayIsOfAnyShow(t *testing.T) {
	for _, page := range []string{"/overlay/S42", "/overlay/a%2Fb%20%E6%98%A5?widgets=gauge"} {
		assetsAreKept(t, page)
	}
}

// assetsAreKept looks at a page, and at the script and style sheet that it names by an address relative to its own.
func assetsAreKept(t *testing.T, page string) {
	t.Helper()
	own, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	index := request(t, "GET", page, "")
	if index.StatusCode != 200 || index.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("page: %d, Cache-Control %q", index.StatusCode, index.Header.Get("Cache-Control"))
	}
	assets := asset.FindAllStringSubmatch(body(t, index.Body), -1)
	if len(assets) != 2 {
		t.Fatalf("the page names %d hashed files, want a script and a style sheet", len(assets))
	}
	types := map[string]string{".js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
	for _, a := range assets {
		got := request(t, "GET", own.ResolveReference(&url.URL{Path: a[1]}).Path, "")
		if got.StatusCode != 200 || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, Cache-Control %q", a[1], got.StatusCode, got.Header.Get("Cache-Control"))
		}
		if want := types[a[1][len(a[1])-3:]]; got.Header.Get("Content-Type") != want {
			t.Errorf("%s: Content-Type %q, want %q", a[1], got.Header.Get("Content-Type"), want)
		}
	}
}

func TestThePolicyLetsNothingIn(t *testing.T) {
	for _, page := range []string{"/", "/overlay/S42"} {
		letsNothingIn(t, request(t, "GET", page, ""))
	}
}

func letsNothingIn(t *testing.T, index *http.Response) {
	t.Helper()
	policy := index.Header.Get("Content-Security-Policy")
	wanted := []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"}
	for _, want := range wanted {
		if !strings.Contains(policy, want) {
			t.Errorf("policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("policy opens a door: %s", policy)
	}
	// What the policy would refuse must not be in the page either.
	text := body(t, index.Body)
	if regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script>|https?://[^w]`).MatchString(text) {
		t.Error("the index has inline style, inline script or a foreign address")
	}
}

func TestGzipIsTheSameBytesSmaller(t *testing.T) {
	for _, path := range []string{"/", "/licences.txt"} {
		plain := request(t, "GET", path, "br")
		zipped := request(t, "GET", path, "br, gzip;q=0.8")
		if plain.Header.Get("Content-Encoding") != "" || zipped.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: encodings %q and %q", path, plain.Header, zipped.Header)
		}
		z, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		want := body(t, plain.Body)
		if got := body(t, z); got != want {
			t.Errorf("%s: gunzipped %d bytes differ from %d plain", path, len(got), len(want))
		}
		if zipped.ContentLength >= plain.ContentLength {
			t.Errorf("%s: %d bytes zipped, %d plain", path, zipped.ContentLength, plain.ContentLength)
		}
	}
}

func TestAcceptEncoding(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "gzip": "gzip", "GZIP": "gzip", "deflate, gzip": "gzip", "gzip;q=0": "", "gzip; q=0.0": "",
		"gzip; q=1": "gzip", "gzip;q=x": "", "xgzip": "", "br": "",
	} {
		if got := request(t, "GET", "/", header).Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", header, got, want)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	for _, path := range []string{"/nothing", "/dist/index.html", "/../live.go", "/v1/feed", "/app-00000000.js"} {
		if got := request(t, "GET", path, "").StatusCode; got != 404 {
			t.Errorf("GET %s: %d, want 404", path, got)
		}
	}
	if got := request(t, "POST", "/", ""); got.StatusCode != 405 || got.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /: %d, Allow %q", got.StatusCode, got.Header.Get("Allow"))
	}
	head := request(t, "HEAD", "/", "")
	if head.StatusCode != 200 || head.Header.Get("Content-Length") == "0" || body(t, head.Body) != "" {
		t.Errorf("HEAD /: %d, %v", head.StatusCode, head.Header)
	}
}
