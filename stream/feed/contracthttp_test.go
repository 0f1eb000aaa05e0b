package feed

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/netsu/netsu/stream/access"
)

// The contract is read without a token, each file by the address that the index and the other files give, and once.
func TestTheContractIsServed(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, _ access.Key) {
		if status, _, _ := r.get("/v1/shows"); status != http.StatusUnauthorized {
			t.Fatalf("the port has keys, and answers %d without a token", status)
		}
		status, body, _ := r.get("/v1/schema")
		var index struct {
			AsyncAPI, OpenAPI string
			Schemas           []struct{ Name, Path string }
		}
		if err := json.Unmarshal([]byte(body), &index); err != nil || status != http.StatusOK || len(index.Schemas) != len(published()) {
			t.Fatalf("%v: %d %s", err, status, body)
		}
		paths := []string{"/v1/schema", index.AsyncAPI, index.OpenAPI}
		for _, s := range index.Schemas {
			paths = append(paths, s.Path)
		}
		for _, path := range paths {
			status, body, header := r.get(path)
			if status != http.StatusOK || !json.Valid([]byte(body)) || header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: %d %s", path, status, header)
			}
			again := httptest.NewRequest(http.MethodGet, path, nil)
			again.Header.Set("If-None-Match", header.Get("ETag"))
			w := httptest.NewRecorder()
			r.server.Handler().ServeHTTP(w, again)
			if w.Code != http.StatusNotModified || w.Body.Len() > 0 {
				t.Errorf("%s again: %d with %d bytes", path, w.Code, w.Body.Len())
			}
		}
		for _, path := range []string{"/v1/schema/shop.json", "/v1/schema/show", "/v1/schema/..%2fopenapi.json"} {
			if status, body, _ := r.get(path); status != http.StatusNotFound {
				t.Errorf("%s: %d %.60s", path, status, body)
			}
		}
	})
}
