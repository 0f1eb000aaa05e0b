package live

//go:generate go run -C build .

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed dist
var dist embed.FS

// policy lets the page run its own script and style, and talk to its own host; nothing else, and nobody may frame it.
// 'self' in connect-src covers the websocket of the same host and port in every current browser.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves the page: its index at / (asked for again each time), its hashed script and style (kept for ever), the
// overlay at /overlay/{show}, and 404 for anything else. The page finds the feed at /v1/feed of the same host. Pages are
// routed behind the #, so one index serves all. It panics if the embedded files cannot be read, which a build cannot produce.
func Handler() http.Handler {
	files, err := load(dist)
	if err != nil {
		panic("cannot happen: embedded page: " + err.Error())
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(r.URL.Path, "/")
		switch {
		case name == "":
			name = "index.html"
		case strings.HasPrefix(name, "overlay/"): // of which show, the overlay reads from its address
			name = "overlay.html"
		}
		f, ok := files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		f.serve(w, r)
	})
}

// file is one embedded file, held in memory both ways: plain, and gzipped once at start.
type file struct {
	contentType string
	immutable   bool // its name carries a hash of its content
	plain, gzip []byte
}

func load(from fs.FS) (map[string]*file, error) {
	files := map[string]*file{}
	err := fs.WalkDir(from, "dist", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(from, p)
		if err != nil {
			return err
		}
		zipped, err := compress(body)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(p, "dist/")
		files[name] = &file{
			contentType: contentType(name),
			immutable:   strings.HasPrefix(name, "app-") || strings.HasPrefix(name, "overlay-"),
			plain:       body,
			gzip:        zipped,
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading dist: %w", err)
	}
	return files, nil
}

func compress(body []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// contentType does not ask the machine's own tables, which differ, for the types that the page needs.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", policy)
	h.Set("Vary", "Accept-Encoding")
	if f.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	body := f.plain
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = f.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	// A client that went away is no error of ours: nothing is left to tell it.
	_, _ = w.Write(body)
}

// acceptsGzip reads Accept-Encoding as RFC 9110 §12.5.3 has it, as far as "gzip, and not at q=0" goes.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !found || (err == nil && weight > 0)
	}
	return false
}
