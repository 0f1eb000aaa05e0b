package history

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// Handler answers GET /v1/series:
//
//	scope      show/ID, esol/ID, campaign/ID or brand/ID
//	name       a series; again for each, at most 64
//	step       1s, 10s (if absent), 1m, 5m
//	from, to   RFC 3339 or epoch milliseconds, to excluded; absent: 360 steps up to now
//	revisions  latest (if absent) or all
//	limit      1..10000 rows (10000 if absent)
//	format     json (if absent), csv, ndjson; Accept: text/csv and application/x-ndjson say the same
//
// Errors are {"error":{"code","message","hint"}}.
func (h *History) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := parseQuery(r.URL.Query(), h.c.Now())
		f, ferr := parseFormat(r)
		var p *problem
		if errors.As(errors.Join(err, ferr), &p) {
			p.reply(w)
			return
		}
		a, err := read(h.db, q)
		switch {
		case errors.Is(err, errUnknown):
			(&problem{http.StatusNotFound, "NOT_FOUND", fmt.Sprintf("no history is kept of %.80q", q.scope),
				"it begins with the scope's first meter that this process reads; ids are those of /v1/shows and /v1/meters"}).reply(w)
		case err != nil:
			h.c.Logger.Error("reading the history", "scope", q.scope, "err", err)
			(&problem{http.StatusInternalServerError, "INTERNAL", "the history could not be read", "see the server's log"}).reply(w)
		default:
			f.write(w, r, q, a)
		}
	})
}

// problem is an answer that says what is wrong with a question.
type problem struct {
	status              int
	code, message, hint string
}

func (p *problem) Error() string { return p.message }

func (p *problem) reply(w http.ResponseWriter) {
	b := mustJSON(map[string]any{"error": map[string]string{"code": p.code, "message": p.message, "hint": p.hint}})
	head(w, "application/json")
	w.WriteHeader(p.status)
	_, _ = w.Write(append(b, '\n')) // the client is gone, and nobody else is to be told
}

func head(w http.ResponseWriter, contentType string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

func bad(code, message, hint string) *problem {
	return &problem{http.StatusBadRequest, code, message, hint}
}

var parameters = []string{"scope", "name", "step", "from", "to", "revisions", "limit", "format"}

func parseQuery(v url.Values, now time.Time) (*query, error) {
	for name, values := range v {
		switch {
		case !slices.Contains(parameters, name):
			return nil, bad("UNKNOWN_PARAMETER", fmt.Sprintf("unknown parameter %.40q", name),
				"this path takes "+strings.Join(parameters, ", "))
		case len(values) > 1 && name != "name":
			return nil, bad("BAD_PARAMETER", name+" is given more than once", "only name may be")
		}
	}
	q := &query{scope: v.Get("scope"), all: v.Get("revisions") == "all", limit: maxAnswerRows}
	kind, id, _ := event.SplitScope(q.scope)
	if id == "" || partsOf(kind) == nil || len(q.scope) > maxScope {
		return nil, bad("BAD_PARAMETER", "scope names nothing that has series", "show/ID, esol/ID, campaign/ID or brand/ID")
	}
	if r := v.Get("revisions"); r != "" && r != "all" && r != "latest" {
		return nil, bad("BAD_PARAMETER", "revisions is neither latest nor all", "latest gives of each row the newest, all gives each")
	}
	if l := v.Get("limit"); l != "" {
		n, err := strconv.Atoi(l)
		if err != nil || n < 1 || n > maxAnswerRows {
			return nil, bad("BAD_PARAMETER", "limit is not a number that can be", fmt.Sprintf("a whole number from 1 to %d", maxAnswerRows))
		}
		q.limit = n
	}
	if err := q.readNames(kind, v["name"]); err != nil {
		return nil, err
	}
	step := v.Get("step")
	if step == "" {
		step = "10s"
	}
	q.tier = slices.IndexFunc(tiers[:], func(t tier) bool { return t.name == step })
	if q.tier < 0 {
		return nil, bad("BAD_PARAMETER", "step is none of those that are kept", "1s, 10s, 1m or 5m")
	}
	return q, q.readTimes(v, now)
}

func (q *query) readNames(kind string, names []string) error {
	known := strings.Join(namesOf(kind), " ")
	if len(names) == 0 || len(names) > maxNames {
		return bad("BAD_PARAMETER", fmt.Sprintf("name is to be given from 1 to %d times", maxNames),
			"of a "+kind+", with a currency for CUR: "+known)
	}
	for _, n := range names {
		c, ok := parseName(n)
		if !ok || !slices.Contains(partsOf(kind), c.series.part) {
			return bad("UNKNOWN_NAME", fmt.Sprintf("a %s has no series %.60q", kind, n),
				"it has, with a currency for CUR: "+known)
		}
		q.columns = append(q.columns, c)
	}
	return nil
}

// defaultSteps is how far back an answer goes if no from is given.
const defaultSteps = 360

func (q *query) readTimes(v url.Values, now time.Time) error {
	q.to = now.Unix() + 1
	for _, e := range []struct {
		name string
		to   *int64
		up   int64 // a beginning within a second is rounded up: rows begin in [from, to)
	}{{"to", &q.to, 999}, {"from", &q.from, 999}} {
		text := v.Get(e.name)
		if text == "" {
			if e.name == "from" {
				q.from = max(0, q.to-defaultSteps*tiers[q.tier].seconds)
			}
			continue
		}
		ms, err := parseTime(text)
		if err != nil || ms < 0 || ms > maxTime*1000 {
			return bad("BAD_PARAMETER", e.name+" is not a time", "RFC 3339, as 2026-03-01T20:00:00Z, or epoch milliseconds")
		}
		*e.to = event.FloorDiv(ms+e.up, 1000)
	}
	if q.from >= q.to {
		return bad("BAD_PARAMETER", "from is not before to", "rows begin at from or later, and before to")
	}
	return nil
}

func parseTime(s string) (ms int64, err error) {
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return ms, nil
	}
	t, err := time.Parse(time.RFC3339, strings.ReplaceAll(s, " ", "+")) // a + that was not escaped
	return t.UnixMilli(), err
}

// instant writes a time as the feed does.
func instant(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format("2006-01-02T15:04:05.000Z")
}

func orNull(seconds int64) *string {
	if seconds == 0 {
		return nil
	}
	s := instant(seconds)
	return &s
}
