package feed

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/feed/delta"
)

// topic is a document that someone has subscribed to. It is made once for all its views.
type topic struct {
	hub   *hub
	name  string
	paced bool // made once in boardEvery at most
	shape *shape
	// Guarded by hub.mu.
	views     []*view
	bases     []*based // that views are in; at most maxBases
	watches   []*watch
	parts     parts          // the latest, nil: there is none
	whole     []delta.Member // parts as members, in canonical order
	was       bool           // there has been one
	published time.Time
	owner     string // whose it is: meters.owner
}

// view is a topic with what of it was asked for. Its number is the same for every subscriber, so that one encoded frame
// serves them all.
type view struct {
	topic   *topic
	chosen  *delta.Selection // nil: everything
	in      *based           // nil: in no basis
	number  uint64           // what frames call it: their sub
	silent  bool             // nothing was asked for but events
	edition atomic.Pointer[edition]
	subs    []*subscription // guarded by hub.mu
	left    time.Time       // when its last subscriber went; guarded likewise
}

// shape is what a kind of document is made of: what can be asked for of it, and how its places merge.
type shape struct {
	of     reflect.Type
	rule   *delta.Rule
	places delta.Places
	names  []string // of the top-level parts
}

func newShape[T any]() *shape {
	t := reflect.TypeFor[T]()
	r := delta.Of(t)
	return &shape{t, r, r.Places(), partNames(t)}
}

// partNames are the names of a document's top-level parts.
func partNames(t reflect.Type) (names []string) {
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); !f.Anonymous && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// shapes are those of the documents, by the kind of their topic.
var shapes = map[string]*shape{
	boardTopic:          newShape[Board](),
	event.ScopeShow:     newShape[Show](),
	event.ScopeEsol:     newShape[Esol](),
	event.ScopeCampaign: newShape[Campaign](),
	event.ScopeBrand:    newShape[Brand](),
}

// shapeOf is that of a topic that can exist.
func shapeOf(topic string) *shape {
	kind, _, _ := strings.Cut(topic, "/")
	return shapes[kind]
}

// view finds the view of a selection in a basis, or makes it.
func (t *topic) view(chosen *delta.Selection, in *based) *view {
	wanted := chosen.String()
	for _, v := range t.views {
		if v.in == in && v.chosen.String() == wanted {
			return v
		}
	}
	t.hub.viewN++
	v := &view{topic: t, chosen: chosen, in: in, number: t.hub.viewN, silent: chosen.Empty()}
	v.publish(0)
	t.views = append(t.views, v)
	return v
}

// renew makes the document anew, and publishes it to those views that it changes.
func (t *topic) renew(appendMS int64, now time.Time) {
	p, err := t.hub.meters.document(t.name)
	if err == nil {
		err = p.canonical(t.parts)
	}
	if err != nil {
		t.hub.log.Error("encoding a document; its subscribers keep the one before", "topic", t.name, "err", err)
		return
	}
	t.parts, t.whole = p, membersOf(p)
	if p != nil { // what was not there is not held back when it comes
		t.was, t.published = true, now
	}
	t.revoke()
	t.endOtherModels()
	for _, b := range t.bases {
		t.rebase(b)
	}
	for _, v := range t.views {
		v.publish(appendMS)
	}
	for _, w := range t.watches {
		w.look(now)
	}
}

// publish makes the view's next edition, if there is something new in it.
func (v *view) publish(appendMS int64) {
	t := v.topic
	whole := t.whole
	if v.in != nil {
		whole = v.in.whole
	}
	members := selected(whole, v.chosen)
	prev := v.edition.Load()
	if prev != nil && prev.owner == t.owner && equal(prev.members, members) && (members != nil || prev.gone == t.was) {
		return
	}
	t.hub.seq++
	v.edition.Store(v.follow(prev, t.hub.seq, members, appendMS))
	if v.silent {
		return
	}
	for _, s := range v.subs {
		s.conn.mark(s)
	}
}

// membersOf are a document's parts as members, in canonical order; nil where there is none.
func membersOf(all parts) []delta.Member {
	if all == nil {
		return nil
	}
	out := make([]delta.Member, len(all))
	for i := range all {
		out[i] = delta.Member{Name: all[i].quoted, Value: all[i].text}
	}
	slices.SortFunc(out, func(a, b delta.Member) int { return bytes.Compare(a.Name, b.Name) })
	return out
}

// selected are those of a document's members that were chosen, and of each what was chosen of it.
func selected(whole []delta.Member, chosen *delta.Selection) []delta.Member {
	if whole == nil || chosen == nil {
		return whole
	}
	out := make([]delta.Member, 0, len(whole))
	for _, m := range whole {
		below, ok := chosen.Of(string(m.Name[1 : len(m.Name)-1]))
		switch {
		case !ok:
		case below == nil:
			out = append(out, m)
		default:
			out = append(out, delta.Member{Name: m.Name, Value: below.Append(nil, m.Value)})
		}
	}
	return out
}

func equal(a, b []delta.Member) bool {
	return (a == nil) == (b == nil) && slices.EqualFunc(a, b, func(a, b delta.Member) bool {
		return bytes.Equal(a.Name, b.Name) && bytes.Equal(a.Value, b.Value)
	})
}

// canonical writes the parts canonically; those that are as one of the others has them take its text.
func (p parts) canonical(others ...parts) error {
	for i := range p {
		if p[i].textOf(i, others) {
			continue
		}
		var err error
		if p[i].text, err = delta.Canonical(bytes.Clone(p[i].json)); err != nil {
			return fmt.Errorf("%s: %w", p[i].name, err)
		}
		p[i].quoted = appendString(nil, p[i].name)
	}
	return nil
}

// textOf takes the canonical text of the same part of another document; false where none has the same.
func (p *part) textOf(i int, others []parts) bool {
	for _, o := range others {
		if i < len(o) && o[i].name == p.name && bytes.Equal(o[i].json, p.json) {
			p.text, p.quoted = o[i].text, o[i].quoted
			return true
		}
	}
	return false
}
