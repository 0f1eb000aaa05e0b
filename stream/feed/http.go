package feed

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/feed/contract"
)

// Handler serves the feed, the HTTP API, the probes and the page.
//
//	GET /v1/feed                    websocket, livemeter.v1
//	GET /v1/stream                  the same frames as server-sent events, or one a line (stream.go)
//	GET /v1/export                  ?topic=show/ID&from=&to=: what was said of a show, a line a frame (rehearse.go)
//	GET /v1/explain                 ?topic=&path=: from a number to what is behind it (Explanation)
//	GET /v1/shows                   the board
//	GET /v1/meters/{kind}/{id}      one document, as in snap.data
//	GET /v1/esols/{id}/similar      ?limit=1..100 (10), ?min_audience=people; the most alike first (Similar)
//	GET /v1/campaigns/{id}/advice   ?budget=1..10^15 minor units: where they should go (Advice)
//	GET /v1/series                  how meters were: see stream/history, which answers it
//	GET /v1/alerts                  ?limit=1..500 (50), ?scope=show/ID or esol/ID, ?kind=KIND; newest first. Of the kind
//	                                restate, which are only listed by it, scope may be that of any document
//	GET /v1/schema                  the JSON Schemas of all that, each under /v1/schema/{name}; /v1/asyncapi.json and
//	                                /v1/openapi.json refer to them (stream/feed/contract). Nobody needs a token for these
//	GET /overlay/{show}             the page of an overlay, which opens the feed with the same query: of a signed address
//	GET /healthz                    the process answers
//	GET /readyz                     200 or 503, with reasons
//	GET /metrics                    Prometheus: text, OpenMetrics or protobuf (with native histograms), as asked for
//
// Errors are {"error":{"code","message","hint"}}. Where the port has keys, all of /v1/ and /metrics ask for a token, and a
// document has those parts that it grants (access.go); 401: no token that is in force, 403: not granted, or not there.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	guarded := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, s.c.Guard.Identify(h)) }
	mux.HandleFunc("GET /v1/feed", s.feed)
	guarded("GET /v1/stream", s.getStream)
	guarded("GET /v1/export", s.getExport)
	guarded("GET /v1/explain", s.getExplain)
	guarded("GET /v1/shows", s.getShows)
	guarded("GET /v1/meters/{kind}/{id...}", s.getMeters)
	guarded("GET /v1/esols/{id}/similar", s.getSimilar)
	guarded("GET /v1/campaigns/{id}/advice", s.getAdvice)
	guarded("GET /v1/alerts", s.getAlerts)
	for pattern, h := range contract.Routes {
		mux.Handle(pattern, h)
	}
	if s.c.Series != nil {
		mux.Handle("GET /v1/series", s.c.Guard.Require(oneScope, s.c.SeriesNeeds, s.c.Series))
	}
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "NOT_FOUND", "there is no "+r.Method+" "+r.URL.Path,
			"GET /v1/feed, /v1/stream, /v1/shows, /v1/meters/{kind}/{id}, /v1/esols/{id}/similar, /v1/campaigns/{id}/advice, "+
				"/v1/series, /v1/export, /v1/explain, /v1/alerts or /v1/schema")
	})
	probes := Probes(s.Ready, s.c.Gatherer)
	for _, path := range probePaths {
		if path == "GET /metrics" { // has the money of every scope; open on the port for operators
			mux.Handle(path, s.c.Guard.RequireEverything(probes))
			continue
		}
		mux.Handle(path, probes)
	}
	page := s.c.Page
	if page == nil {
		page = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fail(w, http.StatusNotFound, "NOT_FOUND", "no page is served here", "the API is under /v1/")
		})
	}
	mux.HandleFunc("GET /overlay/{show}", s.overlay(page))
	mux.Handle("/", page)
	return secure(mux)
}

// secure sets the headers that keep browsers from guessing and leaking. The page adds its own content policy.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// allowed tells whether a websocket may be opened from the request's origin: none (not a browser), our own host, of a
// loopback host also a page on any other port of it, or one of the settings.
func (s *Server) allowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	if strings.EqualFold(u.Host, r.Host) || slices.Contains(s.c.Origins, origin) {
		return true
	}
	own, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		own = r.Host
	}
	return loopback(u.Hostname()) && loopback(own)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Server) getShows(w http.ResponseWriter, r *http.Request) {
	if query(w, r) {
		s.getDocument(w, r, boardTopic)
	}
}

func (s *Server) getMeters(w http.ResponseWriter, r *http.Request) {
	topic := r.PathValue("kind") + "/" + r.PathValue("id")
	if err := checkTopic(topic); err != nil {
		fail(w, http.StatusNotFound, "UNKNOWN_TOPIC", "there is no such kind of meter",
			"kind is show, esol, campaign or brand")
		return
	}
	if query(w, r) {
		s.getDocument(w, r, topic)
	}
}

func (s *Server) getDocument(w http.ResponseWriter, r *http.Request, topic string) {
	s.hub.mu.Lock()
	seen, granted := sightOf(s.who(r), topic, s.hub.meters.owner(topic))
	var p parts
	var err error
	if granted {
		p, err = s.hub.meters.document(topic)
	}
	live := s.hub.live
	s.hub.mu.Unlock()
	switch {
	case !granted:
		access.Forbidden().Write(w)
	case !live:
		s.catchingUp(w)
	case err != nil:
		s.c.Logger.Error("encoding a document", "topic", topic, "err", err)
		fail(w, http.StatusInternalServerError, "INTERNAL", "the document could not be encoded", "see the server's log")
	case p == nil:
		fail(w, http.StatusNotFound, "NOT_FOUND", "nothing is known of "+topic,
			"it appears with its first event; subscribe to it on /v1/feed to be told")
	default:
		write(w, http.StatusOK, append(seen.of(p).appendObject(nil), '\n'))
	}
}

func (s *Server) catchingUp(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	fail(w, http.StatusServiceUnavailable, "CATCHING_UP", "meters are still being read", "see /readyz")
}

func (s *Server) getAlerts(w http.ResponseWriter, r *http.Request) {
	if !query(w, r, "limit", "scope", "kind") {
		return
	}
	limit, ok := whole(w, r, "limit", 50, 1, maxAlerts)
	if !ok {
		return
	}
	scope, kind := r.URL.Query().Get("scope"), r.URL.Query().Get("kind")
	who, list := s.who(r), &s.hub.alerts
	if kind == operators.Restate {
		list = &s.hub.restatements
	}
	s.hub.mu.Lock()
	found, live := list.find(scope, kind, int(limit), func(a *AlertView) bool { return s.hub.mayAlert(who, a) }), s.hub.live
	s.hub.mu.Unlock()
	if !live {
		s.catchingUp(w)
		return
	}
	reply(w, http.StatusOK, map[string]any{"alerts": found})
}

// query refuses parameters that the path does not have: a filter that is ignored is worse than none.
func query(w http.ResponseWriter, r *http.Request, known ...string) bool {
	for name := range r.URL.Query() {
		if !slices.Contains(known, name) {
			hint := "this path takes none"
			if len(known) > 0 {
				hint = "this path takes " + strings.Join(known, ", ")
			}
			fail(w, http.StatusBadRequest, "UNKNOWN_PARAMETER", fmt.Sprintf("unknown parameter %.40q", name), hint)
			return false
		}
	}
	return true
}

// whole reads a parameter that is a whole number, or refuses it.
func whole(w http.ResponseWriter, r *http.Request, name string, absent, least, most int64) (int64, bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return absent, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		fail(w, http.StatusBadRequest, "BAD_PARAMETER", name+" is not a number that can be",
			fmt.Sprintf("a whole number from %d to %d", least, most))
		return 0, false
	}
	return n, true
}

type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func fail(w http.ResponseWriter, status int, code, message, hint string) {
	reply(w, status, map[string]problem{"error": {code, message, hint}})
}

func reply(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("cannot happen: encoding a reply of plain fields: " + err.Error())
	}
	write(w, status, append(b, '\n'))
}

func write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone, and nobody else is to be told
}
