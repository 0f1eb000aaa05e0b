package feed

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	meaning "github.com/netsu/netsu/operators/metrics"
	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/feed/delta"
)

// Explanation goes from a number of a document to what is behind it: what it means, what it was made of, how far the log had
// been read when it was said, and what has corrected it since. {"t":"explain","topic":…,"path":…} and GET
// /v1/explain?topic=…&path=… ask for it; a path is that of stream/feed/condition.
type Explanation struct {
	T     string          `json:"t,omitempty"` // of the frame
	ID    *int64          `json:"id,omitempty"`
	Topic string          `json:"topic"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"` // as the document has it now; null: not known, or nothing is there
	// Within is what stands beside it in the document: an interval, a denominator, the layers of an amount, or why there is none.
	Within json.RawMessage `json:"within"`
	// Sources and sinks are those of a heat; null of everything else.
	Sources json.RawMessage `json:"sources"`
	Sinks   json.RawMessage `json:"sinks"`
	// Metric is what it means, where it is one of the field's (operators/metrics); null: the view says what it is.
	Metric *meaning.Definition `json:"metric"`
	// Records are the meters that it stands in, each with the place of the log up to which everything is in it: at most 16.
	Records []Provenance `json:"records"`
	// Corrections are the latest restatements of the document's money, the newest first, with the orders concerned; empty for
	// what is not money. `netsu explain --order` goes on from an order.
	Corrections []AlertView `json:"corrections"`
	// Alerts are the latest of the document, the newest first.
	Alerts []AlertView `json:"alerts"`
}

// Provenance is a meter record, and the place of the input that it follows from: replaying that log up to it says the same.
type Provenance struct {
	Key       string `json:"key"`
	Log       string `json:"log"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Index     uint32 `json:"index"` // of the event within the record
}

const (
	maxRecords     = 16
	maxCorrections = 5
)

// metricOf are the metrics that places of documents are, by the end of their path: * is an element's key.
var metricOf = []struct{ path, metric string }{
	{"gmv.*.created", "gmv_created"}, {"gmv.*.paid", "gmv_paid"}, {"gmv.*.net", "gmv_net"}, {"gmv.*.settled", "gmv_settled"},
	{"gmv.*.orders_paid", "orders_paid"}, {"gmv.*.buyers", "buyers"}, {"gmv.*.average_order", "aov"},
	{"money.buyers", "buyers"}, {"backed_share", "sale_backed_heat"}, {"gmv_net.*", "gmv_net"},
	{"variants.net", "roims_net"}, {"variants.gross", "roims_gross"}, {"variants.profit", "roims_profit"},
	{"variants.incremental", "roims_incremental"}, {"variants.break_even", "roims_break_even"}, {"deals.*.roims", "roims_net"},
	{"campaigns.*.roims", "roims_net"}, {"deals.*.net", "gmv_net"}, {"total.net", "gmv_net"}, {"total.paid", "gmv_paid"},
	{"pace.current", "commitment_progress"}, {"pace.target", "commitment_progress"},
}

// metricAt is the metric of a path, or of the object that it goes into.
func metricAt(path []string) *meaning.Definition {
	for n := len(path); n > 0; n-- {
		for _, m := range metricOf {
			if endsWith(path[:n], strings.Split(m.path, ".")) {
				d, _ := meaning.Find(m.metric)
				return &d
			}
		}
	}
	return nil
}

func endsWith(path, pattern []string) bool {
	if len(path) < len(pattern) {
		return false
	}
	for i, name := range path[len(path)-len(pattern):] {
		if pattern[i] != "*" && pattern[i] != name {
			return false
		}
	}
	return true
}

// explain answers for who may read the place. The error is a *refusal.
func (h *hub) explain(who *access.Principal, topic string, written string, path []string) (*Explanation, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen, granted := sightOf(who, topic, h.meters.owner(topic))
	if !granted || !seen.may(path[0]) {
		return nil, &refusal{code: "FORBIDDEN", message: errNotGranted.Error()}
	}
	p, err := h.meters.document(topic)
	if err == nil {
		err = p.canonical(nil)
	}
	if err != nil {
		h.log.Error("encoding a document", "topic", topic, "err", err)
		return nil, &refusal{code: "INTERNAL", message: "the document could not be encoded; see the server's log"}
	}
	s := shapeOf(topic)
	document := membersOf(p)
	at := func(path []string) json.RawMessage {
		if v := delta.Lookup(s.rule, document, path); v != nil && len(path) > 0 {
			return v
		}
		return json.RawMessage("null")
	}
	e := &Explanation{
		Topic: topic, Path: written, Value: at(path), Within: json.RawMessage("null"), Metric: metricAt(path),
		Sources: json.RawMessage("null"), Sinks: json.RawMessage("null"),
		Records: h.meters.behind(topic, path, h.logs), Corrections: []AlertView{}, Alerts: []AlertView{},
	}
	if len(path) > 1 {
		e.Within = at(path[:len(path)-1])
	}
	if i := slices.Index(path, "heat"); i > 0 && path[0] == "room" {
		view := path[:i:i]
		e.Sources, e.Sinks = at(append(view, "sources")), at(append(view, "sinks"))
	}
	e.since(h, who, path[0])
	return e, nil
}

// since adds what has been said of the document beside it.
func (e *Explanation) since(h *hub, who *access.Principal, part string) {
	if slices.Contains(moneyParts, part) {
		e.Corrections = newest(&h.restatements, func(a *AlertView) bool { return restatedTopic(a.Scope) == e.Topic && h.mayAlert(who, a) })
	}
	e.Alerts = newest(&h.alerts, func(a *AlertView) bool { return slices.Contains(topicsOf(a), e.Topic) && h.mayAlert(who, a) })
}

func newest(l *alerts, of func(a *AlertView) bool) []AlertView {
	found := []AlertView{}
	for i := len(l.latest) - 1; i >= 0 && len(found) < maxCorrections; i-- {
		if of(&l.latest[i]) {
			found = append(found, l.latest[i])
		}
	}
	return found
}

// behind are the meters that a place of a document is made of.
func (m *meters) behind(topic string, path []string, logs map[string]string) []Provenance {
	found := []Provenance{}
	add := func(scope string, parts ...string) {
		s := m.scopes[scope]
		if s == nil {
			return
		}
		for _, name := range heldParts(s, parts) {
			p := s.places[name]
			if len(found) < maxRecords {
				found = append(found, Provenance{scope + "/" + name, logs[p.origin.stage], p.origin.partition, p.position.Offset, p.position.Index})
			}
		}
	}
	kind, id, _ := event.SplitScope(topic)
	element := ""
	if len(path) > 1 {
		element = path[1]
	}
	switch {
	case topic == boardTopic && path[0] == "campaigns":
		add(event.Scope(event.ScopeCampaign, element), partMoney, partReturns)
	case topic == boardTopic:
		add(event.Scope(event.ScopeShow, element))
	case kind == event.ScopeShow:
		add(topic, showParts[path[0]]...)
	case kind == event.ScopeEsol && path[0] == "shows" && element != "":
		if name := event.Scope(event.ScopeShow, element); m.esols[id][name] != nil { // of others, not even that they are there
			add(name)
		}
	case kind == event.ScopeEsol && path[0] != "money":
		for _, name := range slices.Sorted(maps.Keys(m.esols[id])) {
			add(name, partRoom, partInsight)
		}
	case kind == event.ScopeBrand && path[0] == "campaigns":
		for _, name := range slices.Sorted(maps.Keys(m.brands[id])) {
			if s := m.brands[id][name]; s.kind == event.ScopeCampaign && (element == "" || name == event.Scope(s.kind, element)) {
				add(name, partMoney, partReturns)
			}
		}
	case kind == event.ScopeBrand && path[0] != "money":
		for _, s := range m.sellers(id) {
			if path[0] != "shows" || element == "" || s.name == event.Scope(s.kind, element) {
				add(s.name, partRoom)
			}
		}
	case kind == event.ScopeCampaign && path[0] == "deals":
		for _, name := range slices.Sorted(maps.Keys(m.deals[id])) {
			if element == "" || m.deals[id][name].esol == element {
				add(name, partEarnings, partReturns)
			}
		}
	default:
		add(topic)
	}
	return found
}

// showParts are the meters that parts of a show's document are made of; of those that are not here, all.
var showParts = map[string][]string{
	"room": {partRoom}, "state": {partRoom}, "title": {partRoom}, "started_at": {partRoom}, "last_event_at": {partRoom},
	"money": {partMoney}, "conversion": {partRoom, partMoney},
	"bodies": {partInsight}, "flows": {partInsight}, "alignment": {partInsight}, "sync": {partInsight},
	"contagion": {partInsight}, "trust": {partInsight}, "funnel": {partInsight}, "products": {partInsight},
	"beats": {partInsight}, "questions": {partInsight}, "pins": {partInsight}, "ignition": {partInsight},
	"backed_share": {partInsight}, "insight_at": {partInsight}, "reference": {partInsight},
}

// heldParts are those of a scope's parts that were named, all of them where none was, in order.
func heldParts(s *scope, named []string) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(s.places)) {
		if len(named) == 0 || slices.Contains(named, name) {
			found = append(found, name)
		}
	}
	return found
}

// explain answers a client's frame.
func (c *conn) explain(r *request) error {
	e, err := c.hub.explain(c.who.Principal, r.topic, r.path, r.place)
	if err != nil {
		if no, ok := err.(*refusal); ok {
			no.id = r.id
		}
		return err
	}
	e.T, e.ID = "explanation", r.id
	c.send(encodeFrame("explanation", e))
	return nil
}

func (s *Server) getExplain(w http.ResponseWriter, r *http.Request) {
	if !query(w, r, "topic", "path") {
		return
	}
	q := r.URL.Query()
	topic, written := q.Get("topic"), q.Get("path")
	if checkTopic(topic) != nil {
		fail(w, http.StatusBadRequest, "UNKNOWN_TOPIC", "topic is not one", errTopic.Error())
		return
	}
	path, err := readPath(topic, written)
	if err != nil {
		fail(w, http.StatusBadRequest, "BAD_PARAMETER", "path: "+err.Error(), "a place of the document, as room.provisional.heat.gauge")
		return
	}
	if !s.hub.isLive() {
		s.catchingUp(w)
		return
	}
	e, err := s.hub.explain(s.who(r), topic, written, path)
	if no, ok := err.(*refusal); ok {
		if no.code == "FORBIDDEN" {
			access.Forbidden().Write(w)
			return
		}
		fail(w, http.StatusInternalServerError, no.code, no.message, "see the server's log")
		return
	}
	reply(w, http.StatusOK, e)
}
