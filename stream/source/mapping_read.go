package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// mapped reads a house's payloads by its mapping.
type mapped struct{ Payloads }

func (m mapped) payload(raw json.RawMessage, n int, yield func(Record)) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // digits, not binary fractions
	var whole any
	if err := d.Decode(&whole); err != nil {
		return err
	}
	return m.value(whole, n, yield)
}

// value reads a payload that is decoded already.
func (m mapped) value(whole any, n int, yield func(Record)) error {
	matched := false
	for i := range m.Mapping.events {
		rule := &m.Mapping.events[i]
		members, err := elementsAt(rule.each, whole)
		if err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
		for j, one := range members {
			if !rule.matches(one) {
				continue
			}
			matched = true
			if err := m.event(rule, one, fmt.Sprintf("%d/%d/%d", n, i, j), yield); err != nil {
				return fmt.Errorf("rule %d: %w", i+1, err)
			}
		}
	}
	if !matched && !m.Mapping.pass {
		return errors.New("no rule of the mapping matches")
	}
	return nil
}

// elementsAt are the elements of the array there; of no path the value itself, of an absent array none.
func elementsAt(p *mappingPath, v any) ([]any, error) {
	if p == nil {
		return []any{v}, nil
	}
	nodes := p.Select(v)
	if len(nodes) == 0 || nodes[0] == nil {
		return nil, nil
	}
	list, ok := nodes[0].([]any)
	if !ok {
		return nil, fmt.Errorf("%s is no array", p.text)
	}
	return list, nil
}

func (r *mappingRule) matches(v any) bool {
	for _, m := range r.match {
		text, there, scalar := textAt(m.path, v)
		if !there || !scalar || !slices.Contains(m.values, text) {
			return false
		}
	}
	return true
}

// textAt is a scalar as it is written; there is false for what is absent or null, and so is scalar for an object or array.
func textAt(p *mappingPath, v any) (text string, there, scalar bool) {
	for _, node := range p.Select(v) { // one at most
		switch node := node.(type) {
		case nil:
			return "", false, true
		case string:
			return node, true, true
		case json.Number:
			return node.String(), true, true
		case bool:
			return strconv.FormatBool(node), true, true
		case float64:
			return strconv.FormatFloat(node, 'f', -1, 64), true, true
		default:
			return "", true, false
		}
	}
	return "", false, true
}

// errBinary: which decimal amount a float or double was meant to be cannot be known.
var errBinary = errors.New("the amount is a binary fraction (float, double): money must be a decimal, text, or an integer")

// binary tells whether a binary fraction is there, which JSON has none of.
func (p *mappingPath) binary(v any) bool {
	for _, node := range p.Select(v) {
		if _, ok := node.(float64); ok {
			return true
		}
	}
	return false
}

// found are the values of an event's fields, by name.
type found struct {
	text  map[string]string
	whole map[string]int64 // times in milliseconds, integers
	truth map[string]bool
}

// find reads the fields out of v. currency is of the event around a list.
func find(fields []mappingField, v any, currency string) (found, error) {
	out := found{map[string]string{}, map[string]int64{}, map[string]bool{}}
	for i := range fields {
		f := &fields[i]
		if err := f.find(v, &out, currency); err != nil {
			return out, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return out, nil
}

func (f *mappingField) find(v any, out *found, currency string) (err error) {
	text := f.constant
	if f.path != nil {
		if f.kind == mapMoney && f.path.binary(v) {
			return errBinary
		}
		got, there, scalar := textAt(f.path, v)
		if !scalar {
			return errors.New("expected one value, found an object or an array")
		}
		if text = got; f.words != nil && there {
			if text = f.words[got]; text == "" && f.byAbsent == "" {
				return errors.New("the value is none of those in map")
			}
		}
		if text == "" {
			text = f.byAbsent
		}
	}
	if text == "" {
		if f.required {
			return errors.New("there is no value")
		}
		return nil
	}
	switch f.kind {
	case mapText:
		out.text[f.name] = text
	case mapWhole:
		if out.whole[f.name], err = strconv.ParseInt(text, 10, 64); err != nil {
			return errors.New("expected an integer")
		}
	case mapTruth:
		if text != "true" && text != "false" {
			return errors.New("expected true or false")
		}
		out.truth[f.name] = text == "true"
	case mapTime:
		out.whole[f.name], err = f.when(text)
	case mapMoney:
		if c := out.text["currency"]; c != "" {
			currency = c
		}
		out.text[f.name], err = f.money(text, currency)
	}
	return err
}

func (f *mappingField) money(text, currency string) (string, error) {
	if _, ok := event.Exponent(currency); !ok {
		return "", event.ErrCurrency
	}
	if f.minor {
		minor, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", errors.New("expected an integer of minor units")
		}
		return event.FormatMinor(minor, currency), nil
	}
	minor, err := event.ParseMinor([]byte(text), currency)
	return event.FormatMinor(minor, currency), err
}

func (f *mappingField) when(text string) (ms int64, err error) {
	scale := map[string]int{"epoch_s": 3, "epoch_ms": 0, "epoch_us": -3}
	if digits, ok := scale[f.layout]; ok {
		return epoch(text, digits)
	}
	zone := f.zone
	if zone == nil {
		zone = time.UTC
	}
	at, err := time.ParseInLocation(f.layout, text, zone)
	if err != nil {
		return 0, errors.New("a time that is not of the format")
	}
	return at.UnixMilli(), nil
}

// epoch is decimal text times ten to the power of digits, cut to milliseconds.
func epoch(text string, digits int) (int64, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	for ; digits > 0; digits-- {
		next := "0"
		if fraction != "" {
			next, fraction = fraction[:1], fraction[1:]
		}
		whole += next
	}
	if digits < 0 {
		whole = whole[:max(0, len(whole)+digits)]
	}
	ms, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, errors.New("expected a number of seconds or parts of them")
	}
	return ms, nil
}

func (m mapped) event(r *mappingRule, v any, place string, yield func(Record)) error {
	f, err := find(r.fields, v, "")
	if err != nil {
		return err
	}
	show, esol := f.text["show_id"], f.text["esol_id"]
	if show == "" {
		show = m.ShowID
	}
	if esol == "" {
		esol = m.EsolID
	}
	c := Common{EventID: f.text["event_id"], TimeMS: f.whole["time"], ShowID: show, EsolID: esol,
		Platform: m.Mapping.platform, PersonID: f.text["person_id"], AccountMS: f.whole["account_created"]}
	if c.EventID == "" && r.kind != "order" {
		c.EventID = m.Mapping.platform + "/" + digest(m.Name, place)
	}
	switch r.kind {
	case "comment", "retract":
		e := Comment{Common: c, Text: f.text["text"], Lang: f.text["lang"], Role: f.text["role"], ReplyTo: f.text["reply_to"]}
		if r.kind == "retract" {
			e.Kind, e.Retracts = "retract", f.text["retracts"]
		}
		yield(e.Record())
	case "order":
		return m.order(r, v, f, c, yield)
	default:
		e := Reaction{Common: c, Kind: r.kind, CampaignID: f.text["campaign_id"], ProductID: f.text["product_id"],
			Amount: f.text["amount"], Currency: f.text["currency"], Channel: f.text["channel"], Code: f.text["code"],
			Action: f.text["action"], Text: f.text["text"], OtherPlatform: f.text["other_platform"],
			OtherPersonID: f.text["other_person_id"]}
		if n, ok := f.whole["count"]; ok {
			e.Count, e.HasCount = n, true
		}
		yield(e.Record())
	}
	return nil
}

func (m mapped) order(r *mappingRule, v any, f found, c Common, yield func(Record)) error {
	currency := f.text["currency"]
	e := Order{Common: c, CampaignID: f.text["campaign_id"], OrderID: f.text["order_id"], Version: f.whole["version"],
		UpdatedMS: f.whole["updated_at"], Status: f.text["status"], Currency: currency, Amount: f.text["amount"],
		Tax: f.text["tax"], Shipping: f.text["shipping"], Channel: f.text["channel"],
		PaymentMethod: f.text["payment_method"], Code: f.text["code"], AffiliateCode: f.text["affiliate_code"],
		Test: f.truth["test"], TaxIncluded: f.truth["tax_included"]}
	err := r.lines.visit(v, currency, func(l found) {
		e.Lines = append(e.Lines, Line{LineID: l.text["line_id"], ProductID: l.text["product_id"], BrandID: l.text["brand_id"],
			Quantity: l.whole["quantity"], UnitPrice: l.text["unit_price"], Discount: l.text["discount"]})
	})
	if err != nil {
		return fmt.Errorf("lines: %w", err)
	}
	err = r.refunds.visit(v, currency, func(p found) {
		e.Refunds = append(e.Refunds, RefundPart{RefundID: p.text["refund_id"], Amount: p.text["amount"], TimeMS: p.whole["time"]})
	})
	if err != nil {
		return fmt.Errorf("refunds: %w", err)
	}
	m.seal(&e, yield)
	return nil
}

// visit reads the elements of the list in v, if the rule has one.
func (p *mappingPart) visit(v any, currency string, take func(found)) error {
	if p == nil {
		return nil
	}
	members, err := elementsAt(p.each, v)
	if err != nil {
		return err
	}
	for _, one := range members {
		f, err := find(p.fields, one, currency)
		if err != nil {
			return err
		}
		take(f)
	}
	return nil
}
