package contract

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"net/http"
	"time"
)

// Files are asyncapi.json, openapi.json, index.json and schema/NAME.json.
//
//go:embed asyncapi.json openapi.json index.json schema/*.json
var Files embed.FS

// Routes are the paths under which they are served, as ServeMux has them.
var Routes = map[string]http.Handler{
	"GET /v1/schema":        file("index.json"),
	"GET /v1/schema/{name}": http.HandlerFunc(schema),
	"GET /v1/asyncapi.json": file("asyncapi.json"),
	"GET /v1/openapi.json":  file("openapi.json"),
}

func schema(w http.ResponseWriter, r *http.Request) {
	file("schema/"+r.PathValue("name")).ServeHTTP(w, r)
}

const notFound = `{"error":{"code":"NOT_FOUND","message":"there is no such schema","hint":"GET /v1/schema lists them"}}` + "\n"

// file serves one that is there. A client asks again each time and is told that nothing has changed, so that it follows the
// program's version at once.
func file(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-cache")
		b, err := Files.ReadFile(name) // an embedded file, or no file at all
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, notFound) // the client is gone, and nobody else is to be told
			return
		}
		sum := sha256.Sum256(b)
		h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
	})
}
