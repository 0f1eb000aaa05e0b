package feed

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/feed/delta"
)

// everyone is the part that all may read who may read the document at all: what it is of, and how old.
const everyone access.Fields = 0

// kindsOf says which kinds of fields each top-level part of a document is of, by the kind of its topic. A part that is of
// several needs all of them; one that is not here, access.All.
var kindsOf = map[string]map[string]access.Fields{
	event.ScopeShow: {
		"scope": everyone, "kind": everyone, "id": everyone, "esol_id": everyone, "platform": everyone, "title": everyone,
		"state": everyone, "started_at": everyone, "last_event_at": everyone, "brand_ids": everyone,
		"as_of": everyone, "watermark": everyone, "freshness_ms": everyone,
		"room": access.Room, "trend": access.Room, "marks": access.Room, "context": access.Room,
		"money": access.Money, "conversion": access.Room | access.Money,
		"insight_at": access.Insight, "bodies": access.Insight, "flows": access.Insight, "alignment": access.Insight,
		"sync": access.Insight, "contagion": access.Insight, "trust": access.Insight, "funnel": access.Insight,
		"products": access.Insight, "beats": access.Insight, "questions": access.Insight, "pins": access.Insight,
		"ignition": access.Insight, "backed_share": access.Insight, "reference": access.Insight,
	},
	event.ScopeEsol: {
		"scope": everyone, "kind": everyone, "id": everyone, "as_of": everyone, "watermark": everyone, "freshness_ms": everyone,
		"money": access.Money, "heat": access.Room, "funnel": access.Insight,
		"shows": access.Room | access.Money | access.Insight,
	},
	event.ScopeCampaign: {
		"scope": everyone, "kind": everyone, "id": everyone, "as_of": everyone, "watermark": everyone, "freshness_ms": everyone,
		"money": access.Money, "costs": access.Money, "returns": access.Money, "total": access.Money,
		"holdout_ppm": access.Money, "deals": access.Money, "brand_id": everyone,
		"model": access.Money,
	},
	event.ScopeBrand: {
		"scope": everyone, "kind": everyone, "id": everyone, "as_of": everyone, "watermark": everyone, "freshness_ms": everyone,
		"money": access.Money, "campaigns": access.Money,
		"heat": access.Room, "on_air": access.Room, "on_air_shared": access.Room, "shows": access.Room,
	},
	boardTopic: {
		"kind": everyone, "on_air": everyone, "as_of": everyone, "watermark": everyone, "freshness_ms": everyone,
		"shows": access.Room | access.Money | access.Insight, "campaigns": access.Money,
	},
}

// alertFields are what an alert is of: its numbers are of the room, and what led to it of the insight.
const alertFields = access.Room | access.Insight

// sight is what a principal may read of a topic.
type sight struct {
	who   *access.Principal
	kinds map[string]access.Fields
	board bool
}

// sightOf tells what who may read of a topic, owner being whose it is; false: not even that it exists.
func sightOf(who *access.Principal, topic, owner string) (sight, bool) {
	kind := topic
	if topic != boardTopic {
		kind, _, _ = event.SplitScope(topic)
	}
	by := who.Of(topic, owner)
	if by == nil {
		return sight{}, false
	}
	return sight{by, kindsOf[kind], topic == boardTopic}, true
}

// may tells whether a part of the topic's document may be read.
func (v sight) may(part string) bool {
	need, known := v.kinds[part]
	if !known {
		need = access.All
	}
	if part == "campaigns" && v.board && !v.who.Sees("campaign/*", "") { // they are of other scopes than its shows
		return false
	}
	return v.who.Fields.Has(need)
}

// of leaves of a document the parts that may be read.
func (v sight) of(p parts) parts {
	if v.who.Everything() {
		return p
	}
	return slices.DeleteFunc(slices.Clone(p), func(one part) bool { return !v.may(one.name) })
}

// owner is the scope whose a topic is: of a show its ESOL's, of a campaign its brand's; "" where that is not known.
func (h *hub) owner(topic string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.meters.owner(topic)
}

func (m *meters) owner(topic string) string {
	s := m.scopes[topic]
	switch {
	case s == nil:
	case s.kind == event.ScopeShow && s.room.GetEsolId() != "":
		return event.Scope(event.ScopeEsol, s.room.GetEsolId())
	case s.kind == event.ScopeCampaign && s.brand != "":
		return event.Scope(event.ScopeBrand, s.brand)
	}
	return ""
}

// who is the principal of a request: Identify has found it, or the port has no guard.
func (s *Server) who(r *http.Request) *access.Principal {
	if p := access.From(r.Context()); p != nil {
		return p
	}
	p, _ := (*access.Guard)(nil).Who(r)
	return p
}

// permitted tells whether the request may read those fields of a scope, and answers it where not.
func (s *Server) permitted(w http.ResponseWriter, r *http.Request, scope string, need access.Fields) bool {
	if s.c.Guard.Permits(s.who(r), scope, need) != nil {
		access.Forbidden().Write(w)
		return false
	}
	return true
}

// mayAlert tells whether who may read an alert: of a show, of an ESOL or of another scope that is granted. A restatement is money,
// and of the document that shows it, whoever is named in it.
func (h *hub) mayAlert(who *access.Principal, a *AlertView) bool {
	if a.Kind == operators.Restate {
		topic := restatedTopic(a.Scope)
		return who.Reads(topic, h.meters.owner(topic), access.Money)
	}
	esol := event.Scope(event.ScopeEsol, a.EsolID)
	return a.ShowID != "" && who.Reads(event.Scope(event.ScopeShow, a.ShowID), esol, alertFields) ||
		a.EsolID != "" && who.Reads(esol, "", alertFields) || a.Scope != "" && who.Reads(a.Scope, esol, alertFields)
}

// oneScope is the scope that a query names; one that names two names none.
func oneScope(r *http.Request) string {
	if scopes := r.URL.Query()["scope"]; len(scopes) == 1 {
		return scopes[0]
	}
	return ""
}

var (
	errNotGranted      = errors.New("this topic is not granted, or does not exist")
	errFieldNotGranted = errors.New("a field that is asked for is not granted; ask for those that are, or for none to get all of them")
	errSubsShare       = errors.New("this token's subject has as many subscriptions as it may; unsub one")
)

// narrow leaves of what is asked for what may be read. What was asked for by name and may not is refused, and not silently
// left out.
func (v sight) narrow(of *shape, chosen *delta.Selection) (*delta.Selection, error) {
	if v.who.Everything() {
		return chosen, nil
	}
	var may []string
	for _, name := range of.names {
		if _, asked := chosen.Of(name); !asked {
			continue
		}
		if v.may(name) {
			may = append(may, name)
		} else if chosen != nil {
			return nil, errFieldNotGranted
		}
	}
	return chosen.Narrow(of.names, may), nil
}

// mayWatch tells whether who may be told of a condition: a topic that is granted, and all places that it looks at. What it comes to
// says as much of them as their values.
func (h *hub) mayWatch(who *access.Principal, r *request) error {
	seen, granted := sightOf(who, r.topic, h.meters.owner(r.topic))
	if !granted {
		return errNotGranted
	}
	for _, name := range r.when.Parts() {
		if !seen.may(name) {
			return errFieldNotGranted
		}
	}
	return nil
}

// revoke ends the subscriptions and watches of those who saw a show because its ESOL's shows are granted to them, once it is not
// hers, and likewise those of a brand's campaign.
func (t *topic) revoke() {
	owner := t.hub.meters.owner(t.name)
	if owner == t.owner {
		return
	}
	t.owner = owner
	for _, v := range slices.Clone(t.views) {
		for _, s := range slices.Clone(v.subs) {
			if s.conn.who.Sees(t.name, owner) {
				continue
			}
			t.end(s, "REVOKED", fmt.Sprintf("sub %d has ended: %s is not granted any more", v.number, t.name))
		}
	}
	for _, w := range slices.Clone(t.watches) {
		if !w.conn.who.Sees(t.name, owner) {
			w.conn.send(encodeFrame("err", revokedFrame{errFrame: errFrame{T: "err", Code: "REVOKED",
				Message: fmt.Sprintf("watch %d has ended: %s is not granted any more", w.number, t.name)}, Watch: w.number}))
			t.hub.dropWatch(w)
		}
	}
}

// end ends a subscription that its client has not let go of, and says why.
func (t *topic) end(s *subscription, code, message string) {
	s.conn.forget(s)
	s.conn.send(encodeFrame("err", revokedFrame{errFrame: errFrame{T: "err", Code: code, Message: message}, Sub: s.view.number}))
	t.hub.remove(s)
}

// forget takes a subscription off the connection.
func (c *conn) forget(s *subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.off = true
	delete(c.subs, s.view.number)
}

// untilExpiry ends the connection with its token, unless what it returns is called before.
func (c *conn) untilExpiry() (stop func()) {
	if c.who.Expires.IsZero() {
		return func() {}
	}
	end := time.AfterFunc(time.Until(c.who.Expires), func() { c.fail(closeExpired) })
	return func() { end.Stop() }
}
