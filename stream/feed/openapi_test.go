package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	source "go/token"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/netsu/netsu/stream/feed/contract"
)

// route is what the contract says of a path. A new path is added to routes.
type route struct {
	pattern string // as ServeMux has it
	id      string
	about   string
	params  []param
	answers []answers // but for refusals
	refuses []int     // with an error
	open    bool      // asks for no token
	body    string    // of a request: what it holds
}

type param struct {
	name, about string
	schema      fact
	required    bool
}

// answers are those of one status, by the kind of their content, with the schema of each; "" is any text.
type answers struct {
	status int
	about  string
	of     map[string]string
}

const (
	asJSON   = "application/json"
	asLines  = "application/x-ndjson"
	asEvents = "text/event-stream"
	asCSV    = "text/csv"
	asText   = "text/plain"
	asHTML   = "text/html"
	asOpenM  = "application/openmetrics-text"
)

func ok(about, schema string) []answers {
	return []answers{{200, about, map[string]string{asJSON: schema}}}
}

func text(extra fact) fact { return also(fact{"type": "string"}, extra) }

func integer(least, most int64, absent any) fact {
	s := fact{"type": "integer", "minimum": least, "maximum": most}
	if absent != nil {
		s["default"] = absent
	}
	return s
}

func also(s, more fact) fact {
	maps.Copy(s, more)
	return s
}

// guardedRefusals are those of every path that asks for a token.
var guardedRefusals = []int{400, 401, 403, 429}

var (
	topicParam = param{"topic", "as on /v1/feed", text(topicFact), true}
	idParam    = param{"id", "of the scope; what is in it beyond letters and digits is percent-encoded", text(nil), true}
)

var routes = []route{
	{
		pattern: "GET /v1/feed", id: "feed", about: "A websocket that speaks livemeter.v1: see /v1/asyncapi.json.",
		answers: []answers{{101, "the websocket is open", nil}}, refuses: []int{503},
	},
	{
		pattern: "GET /v1/stream", id: "stream",
		about: "The frames that a client of /v1/feed gets which has said sub of each topic: as server-sent events, whose id is " +
			"the cursor, where Accept names them, and else one frame a line. The answer does not end.",
		params: []param{
			{"topic", "1 to 32 times", fact{"type": "array", "items": text(topicFact), "minItems": 1, "maxItems": maxStreamTopics}, true},
			{"fields", "names of the document with commas between them; absent: all", text(nil), false},
			{"currency", "what the documents are made in, as the basis of a sub", text(currencyFact), false},
			{"model", "of attribution, likewise", text(modelFact), false},
			{"max_hz", "least time between two frames of a document; absent: every change", also(fact{"type": "number"}, hzFact), false},
			{"cursor", "where to resume; the header Last-Event-ID goes before it", text(nil), false},
			{"from", "a rehearsal of the topics' tapes, from that time on; goes with speed alone", text(timeFact), false},
			{"speed", "of a rehearsal", fact{"type": "number", "exclusiveMinimum": 0, "maximum": maxSpeed, "default": 1}, false},
		},
		answers: []answers{{200, "frames", map[string]string{asLines: "server-frame", asEvents: "server-frame"}}}, refuses: []int{503},
	},
	{
		pattern: "GET /v1/export", id: "export", about: "What was said of a show, a line a frame, as its tape has it.",
		params:  []param{topicParam, {"from", "absent: from its beginning", text(timeFact), false}, {"to", "absent: to its end", text(timeFact), false}},
		answers: []answers{{200, "lines of the tape", map[string]string{asLines: "tapeline"}}}, refuses: []int{404, 500},
	},
	{
		pattern: "GET /v1/explain", id: "explain", about: "From a number of a document to what is behind it.",
		params:  []param{topicParam, {"path", "a place of the document, as room.provisional.heat.gauge", text(nil), true}},
		answers: ok("what is behind it", "explanation"), refuses: []int{500, 503},
	},
	{
		pattern: "GET /v1/shows", id: "board", about: "The shows on the air.",
		answers: ok("the board, or what of it is granted", "shows.part"), refuses: []int{404, 500, 503},
	},
	{
		pattern: "GET /v1/meters/{kind}/{id...}", id: "document", about: "One document, as snap.data has it.",
		params: []param{{"kind", "of the scope", fact{"type": "string", "enum": []string{"show", "esol", "campaign", "brand"}}, true}, idParam},
		answers: []answers{{200, "the document of the kind, or what of it is granted", map[string]string{
			asJSON: "show.part esol.part campaign.part brand.part",
		}}}, refuses: []int{404, 500, 503},
	},
	{
		pattern: "GET /v1/esols/{id}/similar", id: "similar", about: "The ESOLs most like one, the most alike first.",
		params: []param{
			idParam, {"limit", "how many", integer(1, maxSimilarRows, similarRows), false},
			{"min_audience", "people that an ESOL must have to be among them", integer(0, math.MaxInt64, 0), false},
		},
		answers: ok("those most alike", "similar"), refuses: []int{404, 503},
	},
	{
		pattern: "GET /v1/campaigns/{id}/advice", id: "advice", about: "Where a campaign's next budget should go.",
		params: []param{
			idParam, {"budget", "in minor units of the campaign's currency", integer(1, maxBudget, nil), true},
		},
		answers: ok("the advice", "advice"), refuses: []int{404, 503},
	},
	{
		pattern: "GET /v1/series", id: "series", about: "How meters were, by a step of time.",
		params: []param{
			{"scope", "show/ID, esol/ID, campaign/ID or brand/ID", text(nil), true},
			{"name", "a series; again for each, at most 64", fact{"type": "array", "items": text(nil), "minItems": 1, "maxItems": 64}, true},
			{"step", "of time", fact{"type": "string", "enum": []string{"1s", "10s", "1m", "5m"}, "default": "10s"}, false},
			{"from", "RFC 3339 or epoch milliseconds; absent: 360 steps before to", text(nil), false},
			{"to", "excluded; absent: now", text(nil), false},
			{"revisions", "of each row the newest, or each", fact{"type": "string", "enum": []string{"latest", "all"}, "default": "latest"}, false},
			{"limit", "rows", integer(1, 10000, 10000), false},
			{"format", "Accept says the same", fact{"type": "string", "enum": []string{"json", "csv", "ndjson"}, "default": "json"}, false},
		},
		answers: []answers{{200, "the rows; a header Link leads to the next", map[string]string{asJSON: "series", asCSV: "", asLines: ""}}},
		refuses: []int{404, 500},
	},
	{
		pattern: "GET /v1/alerts", id: "alerts",
		about: "The latest alerts, the newest first. Corrections of money are among them where kind is restate, and only there.",
		params: []param{
			{"limit", "how many", integer(1, maxAlerts, 50), false}, {"scope", "whose", text(nil), false},
			{"kind", "of which kind", text(nil), false},
		},
		answers: ok("alerts", "alerts"), refuses: []int{503},
	},
	{
		pattern: "POST /v1/ingest/{source...}", id: "ingest", about: "Where netsu gateway listens: a delivery of a source, as it is signed there.",
		params: []param{{"source", "that the gateway has secrets of, as shopify", text(nil), true}},
		answers: []answers{
			{202, "all of it is in Kafka", map[string]string{asJSON: "accepted"}},
			{200, "the answer to a challenge, as its source wants it", map[string]string{asText: ""}},
		},
		refuses: []int{400, 401, 403, 404, 408, 413, 415, 429, 503}, body: "what the source sends", open: true,
	},
	{
		pattern: "GET /overlay/{show}", id: "overlay", about: "The page of an overlay, which opens the feed with the same query.",
		params: []param{{"show", "its id", text(nil), true}}, answers: []answers{{200, "the page", map[string]string{asHTML: ""}}},
		refuses: []int{404},
	},
	{
		pattern: "GET /healthz", id: "health", about: "The process answers.", answers: ok("it does", "alive"), open: true,
	},
	{
		pattern: "GET /readyz", id: "ready", about: "Whether it is of use, and why not.", open: true,
		answers: []answers{{200, "it is", map[string]string{asJSON: "ready"}}, {503, "it is not", map[string]string{asJSON: "ready"}}},
	},
	{
		pattern: "GET /metrics", id: "metrics", about: "Prometheus: text, OpenMetrics or protobuf, as asked for.",
		answers: []answers{{200, "all series", map[string]string{asText: "", asOpenM: ""}}},
	},
	{
		pattern: "GET /v1/schema", id: "schemas", about: "The JSON Schemas that there are.", open: true,
		answers: []answers{{200, "their names", map[string]string{asJSON: ""}}},
	},
	{
		pattern: "GET /v1/schema/{name}", id: "schema", about: "A JSON Schema (2020-12).", open: true,
		params:  []param{{"name", "as show.json", text(nil), true}},
		answers: []answers{{200, "the schema", map[string]string{asJSON: ""}}, {304, "it is as the header If-None-Match has it", nil}},
		refuses: []int{404},
	},
	{
		pattern: "GET /v1/asyncapi.json", id: "asyncapi", about: "AsyncAPI of /v1/feed and /v1/stream.", open: true,
		answers: []answers{{200, "the document", map[string]string{asJSON: ""}}},
	},
	{
		pattern: "GET /v1/openapi.json", id: "openapi", about: "This document.", open: true,
		answers: []answers{{200, "the document", map[string]string{asJSON: ""}}},
	},
}

func (r *route) refusals() []int {
	all := r.refuses
	if !r.open {
		all = append(slices.Clone(all), guardedRefusals...)
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// validAnswer holds an answer to the contract. What no path of it takes is a refusal, or the page's.
func validAnswer(pattern string, status int, contentType string, body []byte) error {
	kind, _, _ := strings.Cut(contentType, ";")
	i := slices.IndexFunc(routes, func(r route) bool { return r.pattern == pattern })
	if i < 0 {
		if kind == asJSON {
			return valid("error", body)
		}
		return nil
	}
	for _, a := range routes[i].answers {
		if a.status != status {
			continue
		}
		schema, known := a.of[kind]
		switch {
		case len(a.of) == 0 && len(body) == 0 || known && schema == "":
			return nil
		case !known:
			return fmt.Errorf("%d answers with %q, which the contract does not say", status, kind)
		case kind == asJSON:
			return validAny(strings.Fields(schema), body)
		}
		return validLines(schema, kind, body)
	}
	if !slices.Contains(routes[i].refusals(), status) {
		return fmt.Errorf("answers with %d, which the contract does not say: %s", status, body)
	}
	return valid("error", body)
}

func validAny(names []string, body []byte) error {
	var err error
	for _, name := range names {
		if err = valid(name, body); err == nil {
			return nil
		}
	}
	return err
}

// validLines holds the whole lines of an answer that may have been cut off.
func validLines(schema, kind string, body []byte) error {
	for line := range bytes.Lines(body) {
		frame, data := bytes.CutPrefix(line, []byte("data: "))
		switch {
		case !bytes.HasSuffix(line, []byte("\n")) || kind == asEvents && !data:
			continue
		case schema == "server-frame":
			if err := validFrame("server", frame); err != nil {
				return err
			}
		default:
			if err := valid(schema, frame); err != nil {
				return err
			}
		}
	}
	return nil
}

// openAPI is the document.
func openAPI() any {
	paths := fact{}
	for _, r := range routes {
		method, path, _ := strings.Cut(r.pattern, " ")
		op := fact{"operationId": r.id, "summary": r.about, "responses": r.responses()}
		params := []any{}
		for _, p := range r.params {
			at := "query"
			if strings.Contains(path, "{"+p.name) {
				at = "path"
			}
			one := fact{"name": p.name, "in": at, "description": p.about, "schema": p.schema, "required": p.required}
			if p.schema["type"] == "array" {
				one["style"], one["explode"] = "form", true
			}
			params = append(params, one)
		}
		if len(params) > 0 {
			op["parameters"] = params
		}
		if r.body != "" {
			op["requestBody"] = fact{"description": r.body, "required": true, "content": fact{"*/*": fact{}}}
		}
		if r.open {
			op["security"] = []any{}
		}
		paths[strings.Replace(path, "...}", "}", 1)] = fact{strings.ToLower(method): op}
	}
	return fact{
		"openapi": "3.1.0",
		"info": fact{
			"title": "Netsu", "version": schemaVersion,
			"description": "Live meters of shows, ESOLs, campaigns and brands. Fields are added to answers, and never renamed or " +
				"taken away. Parameters that a path does not have are refused.",
		},
		"servers":           []any{fact{"url": "/"}},
		"jsonSchemaDialect": dialect,
		"paths":             paths,
		"security":          []any{fact{"token": []any{}}, fact{"address": []any{}}, fact{}},
		"components": fact{
			"securitySchemes": fact{
				"token": fact{"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "asked for where the port has keys"},
				"address": fact{
					"type": "apiKey", "in": "query", "name": "sig",
					"description": "a signed address: its query (scope, fields, exp, kid, sig) opens what it is of",
				},
			},
			"responses": fact{"refused": fact{
				"description": "what was wrong, by a code, with a hint of what is right",
				"content":     fact{asJSON: fact{"schema": fact{"$ref": "schema/error.json"}}},
			}},
		},
	}
}

func (r *route) responses() fact {
	all := fact{}
	for _, status := range r.refusals() {
		all[strconv.Itoa(status)] = fact{"$ref": "#/components/responses/refused"}
	}
	for _, a := range r.answers {
		one := fact{"description": a.about}
		content := fact{}
		for kind, schema := range a.of {
			var refs []any
			for _, name := range strings.Fields(schema) {
				refs = append(refs, fact{"$ref": "schema/" + name + ".json"})
			}
			switch len(refs) {
			case 0:
				content[kind] = fact{}
			case 1:
				content[kind] = fact{"schema": refs[0]}
			default:
				content[kind] = fact{"schema": fact{"anyOf": refs}}
			}
		}
		if len(content) > 0 {
			one["content"] = content
		}
		all[strconv.Itoa(a.status)] = one
	}
	return all
}

func TestTheOpenAPIDocumentIsWhatTheCodeSays(t *testing.T) {
	contractFile(t, "openapi.json", indented(t, openAPI()))
}

// The paths of the contract are those that are served, and its parameters those that are taken.
func TestTheContractHasEveryPath(t *testing.T) {
	served := slices.Collect(maps.Keys(contract.Routes))
	for _, name := range []string{"http.go", "probes.go", "../gateway/gateway.go"} {
		f, err := parser.ParseFile(source.NewFileSet(), filepath.FromSlash(name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		pattern := regexp.MustCompile(`^(GET|POST|PUT|DELETE) /[^ ,]*$`)
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == source.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && pattern.MatchString(s) && s != "POST /v1/ingest/{source}" {
					served = append(served, s)
				}
			}
			return true
		})
	}
	var said []string
	for _, r := range routes {
		said = append(said, r.pattern)
	}
	slices.Sort(said)
	if served = slices.Compact(slices.Sorted(slices.Values(served))); !slices.Equal(said, served) {
		t.Errorf("the contract has the paths\n%q, served are\n%q", said, served)
	}
}

func TestTheContractHasEveryParameter(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		for _, path := range routes {
			method, at, _ := strings.Cut(path.pattern, " ")
			if method != "GET" || !strings.HasPrefix(at, "/v1/") || path.open || path.id == "feed" || path.id == "series" {
				continue // another package answers, or nobody reads a query
			}
			w := httptest.NewRecorder()
			at = strings.NewReplacer("{kind}", "show", "{id...}", "x", "{id}", "x").Replace(at)
			r.server.Handler().ServeHTTP(w, httptest.NewRequest(method, at+"?nonsense=1", nil))
			var f Failure
			if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || f.Error.Code != "UNKNOWN_PARAMETER" || w.Code != http.StatusBadRequest {
				t.Errorf("%s: %d %s", path.pattern, w.Code, w.Body)
				continue
			}
			var names []string
			for _, p := range path.params {
				if !strings.Contains(path.pattern, "{"+p.name) {
					names = append(names, p.name)
				}
			}
			want := "this path takes " + strings.Join(names, ", ")
			if len(names) == 0 {
				want = "this path takes none"
			}
			if path.id != "stream" && f.Error.Hint != want {
				t.Errorf("%s: the server says %q, the contract %q", path.pattern, f.Error.Hint, want)
			}
		}
	})
}
