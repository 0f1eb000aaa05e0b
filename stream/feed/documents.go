package feed

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// parts is a document, encoded, one entry per top-level field; nil means that there is no document.
type parts []part

type part struct {
	name string
	json []byte
	// Once canonical has been called:
	quoted []byte // the name
	text   []byte // json, canonically
}

// document makes a topic's document; nil where nothing is known of it.
func (m *meters) document(topic string) (parts, error) { return m.make(topic, "", nil) }

// make makes it in one currency, or ("") in all. Parts that are ready are taken as they are.
func (m *meters) make(topic, currency string, ready map[string]json.RawMessage) (parts, error) {
	if topic == boardTopic {
		return split(m.board(currency), ready)
	}
	kind, id, _ := event.SplitScope(topic)
	s := m.scopes[topic]
	switch {
	case kind == event.ScopeCampaign:
		if s == nil && len(m.deals[id]) == 0 {
			return nil, nil
		}
		return split(m.campaign(topic, id, currency), ready)
	case kind == event.ScopeEsol:
		if s == nil && len(m.esols[id]) == 0 {
			return nil, nil
		}
		return split(m.esol(topic, id, currency), ready)
	case kind == event.ScopeBrand:
		if s == nil && len(m.brands[id]) == 0 {
			return nil, nil
		}
		return split(m.brand(topic, id, currency), ready)
	case s == nil:
		return nil, nil
	}
	d := showDocument(s.name, s.room, s.money, nil, nil, s.asOf)
	if ready != nil {
		d.Money = d.Money.in(currency)
		return split(d, ready)
	}
	return m.show(s, d)
}

// show completes the document of a show with what is long, and seldom changes.
func (m *meters) show(s *scope, d *Show) (parts, error) {
	var err error
	if s.trendJSON == nil {
		points, marks := trendDocument(s.trends)
		if s.trendJSON, err = encode(points); err != nil {
			return nil, err
		}
		if s.marksJSON, err = encode(marks); err != nil {
			return nil, err
		}
	}
	if s.contextJSON == nil {
		if s.contextJSON, err = encode(contextDocument(s.pace, m.others(s))); err != nil {
			return nil, err
		}
	}
	if s.insightJSON == nil {
		made, err := split(ptr(insightDocument(s.insight)), nil)
		if err != nil {
			return nil, err
		}
		s.insightJSON = made.fields()
	}
	ready := map[string]json.RawMessage{"trend": s.trendJSON, "marks": s.marksJSON, "context": s.contextJSON}
	maps.Copy(ready, s.insightJSON)
	return split(d, ready)
}

// others are the paces of the other shows on the air; nil where s is not on the air itself.
func (m *meters) others(s *scope) []pace {
	if !s.room.OnAir() {
		return nil
	}
	out := []pace{}
	for _, o := range m.scopes {
		if o != s && o.room.OnAir() {
			out = append(out, o.pace)
		}
	}
	return out
}

// row is a show's row.
func (m *meters) row(s *scope, currency string) Row {
	d := row(s, currency)
	if s.room.OnAir() {
		d.Attention = nonEmpty(m.alerts.attention(d.ID, s.room.WatermarkMs))
	}
	return d
}

func (m *meters) esol(topic, id, currency string) *Esol {
	d := &Esol{Scope: topic, Kind: event.ScopeEsol, ID: id, Shows: []Row{}}
	var asOf, watermark int64
	if s := m.scopes[topic]; s != nil {
		d.Money, asOf = moneyDocument(s.money).in(currency), s.asOf
	}
	shows := make([]*scope, 0, len(m.esols[id]))
	for _, s := range m.esols[id] {
		shows = append(shows, s)
	}
	slices.SortFunc(shows, func(a, b *scope) int {
		return cmp.Or(-cmp.Compare(a.room.GetStartedMs(), b.room.GetStartedMs()), cmp.Compare(a.name, b.name))
	})
	var heats []*eventpb.Heat
	for i, s := range shows {
		d.Funnel = d.Funnel.with(s.insight.GetFunnel())
		if i < esolRows {
			d.Shows = append(d.Shows, m.row(s, currency))
		}
		asOf = max(asOf, s.asOf)
		if s.room.OnAir() {
			watermark = lower(watermark, s.room.WatermarkMs)
			if h := s.room.Newest().GetHeat(); h != nil {
				heats = append(heats, h)
			}
		}
	}
	d.Heat, d.Age = rollUp(heats), age(asOf, watermark)
	return d
}

// lower is the lower of two watermarks, of which 0 is none.
func lower(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func (m *meters) board(currency string) *Board {
	rows := []Row{}
	campaigns := []CampaignRow{}
	var asOf, watermark int64
	for _, s := range m.scopes {
		if s.kind == event.ScopeCampaign {
			campaigns = append(campaigns, campaignRow(s, currency))
		}
		if s.room.OnAir() {
			rows = append(rows, m.row(s, currency))
			asOf, watermark = max(asOf, s.asOf), lower(watermark, s.room.WatermarkMs)
		}
	}
	return boardDocument(rows, campaigns, asOf, watermark)
}

// pulse is what heartbeats say of the shows on the air: the newest append time and the lowest watermark, 0 for none.
func (m *meters) pulse() (asOf, watermark int64) {
	for _, s := range m.scopes {
		if s.room.OnAir() {
			asOf, watermark = max(asOf, s.asOf), lower(watermark, s.room.WatermarkMs)
		}
	}
	return asOf, watermark
}

// split encodes the top-level fields of a document one by one, so that those that did not change can be told. Fields
// named in ready are taken from there.
func split(document any, ready map[string]json.RawMessage) (parts, error) {
	return splitFields(nil, reflect.ValueOf(document).Elem(), ready)
}

func splitFields(out parts, v reflect.Value, ready map[string]json.RawMessage) (parts, error) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			var err error
			if out, err = splitFields(out, v.Field(i), ready); err != nil {
				return nil, err
			}
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		raw, ok := ready[name]
		if !ok {
			var err error
			if raw, err = encode(v.Field(i).Interface()); err != nil {
				return nil, fmt.Errorf("encoding %s: %w", name, err)
			}
		}
		out = append(out, part{name: name, json: raw})
	}
	return out, nil
}

// encode is JSON as the feed sends it: no newline, and <, > and & as they are (frames are never put into HTML).
func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// fields are the parts by name.
func (p parts) fields() map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(p))
	for i := range p {
		out[p[i].name] = p[i].json
	}
	return out
}

// text is a part's value where it is a string; nil for null.
func (p parts) text(name string) *string {
	for i := range p {
		if p[i].name == name && len(p[i].json) > 2 && p[i].json[0] == '"' {
			s := string(p[i].json[1 : len(p[i].json)-1])
			return &s
		}
	}
	return nil
}

// appendObject writes the parts as a JSON object.
func (p parts) appendObject(b []byte) []byte {
	b = append(b, '{')
	for i := range p {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, p[i].name...)
		b = append(b, '"', ':')
		b = append(b, p[i].json...)
	}
	return append(b, '}')
}
