package feed

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/feed/delta"
)

// A sub may name what its document is to be made in: a currency, a campaign's model of attribution, or both.
//
// In a currency, whatever is listed by currency is of that one alone: gmv, gmv_net, costs, returns; deals are made of what each
// earned in it, and those that earned nothing are left out. A row's orders_paid and a campaign row's roims, probability and hit are
// of that currency too. Nothing is converted. So a campaign's total, which is, stays only where it is in that currency. A currency
// in which nothing was sold yet is an empty list, and no error. What meters do not tell apart by currency stays as it is:
// money.buyers, orders_total and last_order_at, conversion, funnels; and so do events and restatements, which name their
// currencies.
//
// Meters are made by the one model that governs a campaign, so a model is a condition, and changes nothing of the document: a sub
// that names another is refused, and one whose campaign is governed by another from now on ends with BASIS_CHANGED before any
// document of then. Shows, ESOLs, brands and the board are of many campaigns, and have no model.
//
// Watches and explanations are of the document without a basis.
type basis struct {
	currency string // ISO 4217; "": all
	model    string // of attribution; "": whichever it is
}

// maxBases bounds the bases of a topic, whose document is made once for each. A basis is there until the last view of it has been
// forgotten, which is viewLinger after its last subscriber went.
const maxBases = 16

var (
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	modelForm    = regexp.MustCompile(`^[a-z_]{1,32}$`)
)

const (
	currencyWanted = "three capital letters, as JPY"
	modelWanted    = "the name that the campaign's document has under model, as linear"
)

// bases reads the basis of a sub.
func (r *request) bases(fields map[string]json.RawMessage) error {
	raw, ok := fields["basis"]
	if !ok {
		return nil
	}
	wrong := &refusal{"BAD_FIELD", `expected basis to be {"currency":…,"model":…}, or one of them: currency ` + currencyWanted + "; model " +
		modelWanted, r.id}
	named, err := object(raw)
	if err != nil || len(named) == 0 {
		return wrong
	}
	for name, raw := range named {
		switch {
		case name == "currency" && json.Unmarshal(raw, &r.basis.currency) == nil && currencyForm.MatchString(r.basis.currency):
		case name == "model" && json.Unmarshal(raw, &r.basis.model) == nil && modelForm.MatchString(r.basis.model):
		default:
			return wrong
		}
	}
	return nil
}

// frame is what an ack says of it.
func (b basis) frame() *basisFrame {
	if b == (basis{}) {
		return nil
	}
	return &basisFrame{b.currency, b.model}
}

// allows tells whether a topic's document can be had by a model; the error is a *refusal.
func (h *hub) allows(seen sight, topic, model string) error {
	if model == "" {
		return nil
	}
	if kind, _, _ := event.SplitScope(topic); kind != event.ScopeCampaign {
		return &refusal{code: "BASIS_UNKNOWN", message: fmt.Sprintf("%.60s may be of several campaigns, each with a model of its own: "+
			"only campaign/ID can have one for its basis", topic)}
	}
	if !seen.may("model") {
		return errFieldNotGranted
	}
	switch own := h.meters.model(topic); {
	case own == model:
		return nil
	case own == "" && !h.live:
		return &refusal{code: "CATCHING_UP", message: "meters are still being read, so the campaign's model is not known yet; " +
			"subscribe once a heartbeat's state is live"}
	case own == "":
		return &refusal{code: "BASIS_UNKNOWN", message: fmt.Sprintf("nobody has said yet by which model %.60s goes; "+
			"subscribe without one, and its document will say", topic)}
	default:
		return &refusal{code: "BASIS_UNKNOWN", message: fmt.Sprintf("%.60s goes by the model %s, and there are no figures by another",
			topic, own)}
	}
}

// model is the one that governs a campaign; "" where nobody has said.
func (m *meters) model(topic string) string {
	if s := m.scopes[topic]; s != nil {
		return s.model
	}
	return ""
}

// based is a topic's document in one basis, for all views in it.
type based struct {
	basis
	parts parts
	whole []delta.Member // parts as members, in canonical order
}

// in finds a basis of the topic, or makes its document; nil for none. The error is a *refusal.
func (t *topic) in(b basis) (*based, error) {
	if b == (basis{}) {
		return nil, nil
	}
	for _, one := range t.bases {
		if one.basis == b {
			return one, nil
		}
	}
	if len(t.bases) == maxBases {
		return nil, &refusal{code: "TOO_MANY_BASES", message: fmt.Sprintf("%.60s is had in %d bases already; try again later, or "+
			"without one", t.name, maxBases)}
	}
	one := &based{basis: b}
	t.bases = append(t.bases, one)
	t.rebase(one)
	return one, nil
}

// rebase makes the document in a basis anew, of the whole one.
func (t *topic) rebase(b *based) {
	if t.parts == nil || b.currency == "" {
		b.parts, b.whole = t.parts, t.whole
		return
	}
	p, err := t.hub.meters.documentIn(t.name, b.currency, t.parts)
	if err == nil {
		err = p.canonical(t.parts, b.parts)
	}
	if err != nil {
		t.hub.log.Error("encoding a document in a currency; its subscribers keep the one before", "topic", t.name, "err", err)
		return
	}
	b.parts, b.whole = p, membersOf(p)
}

// forgetBases leaves those that a view is in.
func (t *topic) forgetBases() {
	t.bases = slices.DeleteFunc(t.bases, func(b *based) bool {
		return !slices.ContainsFunc(t.views, func(v *view) bool { return v.in == b })
	})
}

// endOtherModels ends the subscriptions by a model that does not govern the campaign any more.
func (t *topic) endOtherModels() {
	own := t.hub.meters.model(t.name)
	if own == "" { // the campaign is gone: its document says so
		return
	}
	for _, v := range t.views {
		if v.in == nil || v.in.model == "" || v.in.model == own {
			continue
		}
		for _, s := range slices.Clone(v.subs) {
			t.end(s, "BASIS_CHANGED", fmt.Sprintf("sub %d has ended: %s goes by the model %s from now on", v.number, t.name, own))
		}
	}
}

// currencyParts are the parts of a document that a currency changes, by the kind of its topic.
var currencyParts = map[string][]string{
	boardTopic:          {"shows", "campaigns"},
	event.ScopeShow:     {"money"},
	event.ScopeEsol:     {"money", "shows"},
	event.ScopeCampaign: {"money", "costs", "returns", "total", "deals"},
	event.ScopeBrand:    {"money", "campaigns"},
}

// documentIn makes a topic's document in a currency; what a currency does not change is of the whole one.
func (m *meters) documentIn(topic, currency string, whole parts) (parts, error) {
	kind := topic
	if topic != boardTopic {
		kind, _, _ = event.SplitScope(topic)
	}
	ready := whole.fields()
	for _, name := range currencyParts[kind] {
		delete(ready, name)
	}
	return m.make(topic, currency, ready)
}

// is tells whether money of a currency is shown in a document that is made in one, or ("") in all.
func is(wanted, currency string) bool { return wanted == "" || wanted == currency }

// in leaves of what was sold what is in a currency.
func (m *MoneyView) in(currency string) *MoneyView {
	if m != nil {
		m.GMV = slices.DeleteFunc(m.GMV, func(g GMV) bool { return !is(currency, g.Currency) })
	}
	return m
}
