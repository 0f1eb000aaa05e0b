package source

import (
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// mappingType is how a field's value is read.
type mappingType uint8

const (
	mapText mappingType = iota
	mapTime
	mapWhole
	mapMoney
	mapTruth
)

// mappingReactions are the kinds of reactions, as the raw format calls them.
var mappingReactions = []string{"like", "gift", "share", "follow", "join", "leave", "product_click", "add_to_cart",
	"checkout", "inquiry", "coupon_claim", "link_visit", "pin", "call", "viewers", "spend", "touch", "identity"}

// mappingFields are the fields of each kind, by their names in the raw format.
var mappingFields = map[string]map[string]mappingType{
	"comment": withCommon("account_created", mapTime, "text", mapText, "lang", mapText, "role", mapText, "reply_to", mapText),
	"retract": withCommon("retracts", mapText),
	"reaction": withCommon("account_created", mapTime, "campaign_id", mapText, "count", mapWhole, "product_id", mapText,
		"amount", mapMoney, "currency", mapText, "channel", mapText, "code", mapText, "action", mapText, "text", mapText,
		"other_platform", mapText, "other_person_id", mapText),
	"order": withCommon("campaign_id", mapText, "order_id", mapText, "version", mapWhole, "updated_at", mapTime, "status",
		mapText, "currency", mapText, "amount", mapMoney, "tax", mapMoney, "shipping", mapMoney, "channel", mapText,
		"payment_method", mapText, "code", mapText, "affiliate_code", mapText, "test", mapTruth, "tax_included", mapTruth),
	"line": {"line_id": mapText, "product_id": mapText, "brand_id": mapText, "quantity": mapWhole, "unit_price": mapMoney,
		"discount": mapMoney},
	"refund": {"refund_id": mapText, "amount": mapMoney, "time": mapTime},
}

func withCommon(more ...any) map[string]mappingType {
	fields := map[string]mappingType{"event_id": mapText, "time": mapTime, "show_id": mapText, "esol_id": mapText,
		"person_id": mapText}
	for i := 0; i < len(more); i += 2 {
		fields[more[i].(string)] = more[i+1].(mappingType)
	}
	return fields
}

// mappingNeeds are the fields without which an event, or a part of one, says nothing.
var mappingNeeds = map[string][]string{"comment": {"time", "text"}, "retract": {"time", "retracts"}, "reaction": {"time"},
	"order": {"time", "order_id", "status"}, "refund": {"refund_id", "amount"}, "line": {"quantity", "product_id"}}

// mappingField is where a field comes from.
type mappingField struct {
	name     string
	kind     mappingType
	path     *mappingPath // nil: Constant
	constant string
	words    map[string]string
	byAbsent string // default
	layout   string // of a time
	zone     *time.Location
	minor    bool // of money
	required bool
}

func parseFields(owner, n *yaml.Node, of string) (all []mappingField, err error) {
	known, needs := mappingFields[of], mappingNeeds[of]
	if n == nil {
		return nil, at(owner, "fields is missing")
	}
	have := map[string]bool{}
	err = pairs(n, func(key, value *yaml.Node) error {
		kind, ok := known[key.Value]
		if !ok {
			return at(key, "there is no field %q here; there are %s", key.Value,
				strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		f := mappingField{name: key.Value, kind: kind, layout: time.RFC3339}
		have[f.name] = true
		if err := f.parse(value); err != nil {
			return err
		}
		all = append(all, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, name := range needs {
		if !have[name] {
			return nil, at(n, "the field %s is missing", name)
		}
	}
	for i := range all {
		all[i].required = slices.Contains(needs, all[i].name)
	}
	// Money is read in its currency, so that comes first.
	slices.SortStableFunc(all, func(a, b mappingField) int {
		switch {
		case a.name == "currency" && b.name != "currency":
			return -1
		case b.name == "currency" && a.name != "currency":
			return 1
		}
		return 0
	})
	return all, nil
}

func (f *mappingField) parse(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		if strings.HasPrefix(n.Value, "$") {
			return path(n, &f.path)
		}
		return word(n, &f.constant)
	}
	format, zone := false, ""
	err := members(n, "path, map, default, format, zone, unit", map[string]func(*yaml.Node) error{
		"path":    func(n *yaml.Node) error { return path(n, &f.path) },
		"default": func(n *yaml.Node) error { return word(n, &f.byAbsent) },
		"map": func(n *yaml.Node) error {
			f.words = map[string]string{}
			return pairs(n, func(key, value *yaml.Node) error {
				var text string
				err := word(value, &text)
				f.words[key.Value] = text
				return err
			})
		},
		"format": func(n *yaml.Node) error { format = true; return word(n, &f.layout) },
		"zone":   func(n *yaml.Node) error { return word(n, &zone) },
		"unit": func(n *yaml.Node) error {
			return oneOf(n, map[string]bool{"major": false, "minor": true}, &f.minor)
		},
	})
	switch {
	case err != nil:
		return err
	case f.path == nil:
		return at(n, "path is missing")
	case (format || zone != "") && f.kind != mapTime:
		return at(n, "format and zone are for times")
	case f.minor && f.kind != mapMoney:
		return at(n, "unit is for money")
	case f.kind == mapTime:
		return f.parseLayout(n, zone)
	}
	return nil
}

func (f *mappingField) parseLayout(n *yaml.Node, zone string) (err error) {
	switch f.layout {
	case "rfc3339":
		f.layout = time.RFC3339
	case "epoch_s", "epoch_ms", "epoch_us":
		return nil
	}
	if !strings.Contains(f.layout, "2006") {
		return at(n, "format is none of rfc3339, epoch_s, epoch_ms, epoch_us, and no layout with a year (2006)")
	}
	offset := strings.Contains(f.layout, "Z07") || strings.Contains(f.layout, "-07")
	if zone == "" && !offset {
		return at(n, "times of this format name no zone: add one, as zone: Asia/Tokyo")
	}
	if f.zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
		return at(n, "zone is none of the IANA's names, such as Asia/Tokyo")
	}
	return nil
}
