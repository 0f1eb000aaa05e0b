package source

import (
	"fmt"
	"slices"

	"github.com/theory/jsonpath/spec"
)

// Use is a place that a mapping reads, for those who know what can be there.
type Use struct {
	// Where stands the path in the mapping, as "rule 1: amount".
	Where string
	// Steps lead there from the payload.
	Steps []UseStep
	// Array tells that an array is expected there, else one value; Money that the value is an amount.
	Array, Money bool
}

// UseStep is a name, or with Element any element of an array.
type UseStep struct {
	Name    string
	Element bool
}

// Uses are all places that the mapping reads, in its order.
func (m *Mapping) Uses() []Use {
	var all []Use
	for i := range m.events {
		r := &m.events[i]
		where := func(what string) string { return fmt.Sprintf("rule %d: %s", i+1, what) }
		var base []UseStep
		if r.each != nil {
			base = r.each.steps()
			all = append(all, Use{Where: where("each"), Steps: base, Array: true})
			base = append(slices.Clip(base), UseStep{Element: true})
		}
		for _, one := range r.match {
			all = append(all, Use{Where: where("match " + one.path.text), Steps: join(base, one.path)})
		}
		all = append(all, usesOf(r.fields, where, base)...)
		for _, part := range []struct {
			name string
			*mappingPart
		}{{"lines", r.lines}, {"refunds", r.refunds}} {
			if part.mappingPart == nil {
				continue
			}
			within := func(what string) string { return where(part.name + ": " + what) }
			list := join(base, part.each)
			all = append(all, Use{Where: within("each"), Steps: list, Array: true})
			all = append(all, usesOf(part.fields, within, append(slices.Clip(list), UseStep{Element: true}))...)
		}
	}
	return all
}

func usesOf(fields []mappingField, where func(string) string, base []UseStep) (all []Use) {
	for _, f := range fields {
		if f.path != nil {
			all = append(all, Use{Where: where(f.name), Steps: join(base, f.path), Money: f.kind == mapMoney})
		}
	}
	return all
}

func join(base []UseStep, p *mappingPath) []UseStep { return append(slices.Clip(base), p.steps()...) }

// steps are those of a path that names one value: names and indices.
func (p *mappingPath) steps() (all []UseStep) {
	for _, segment := range p.Query().Segments() {
		switch s := segment.Selectors()[0].(type) {
		case spec.Name:
			all = append(all, UseStep{Name: string(s)})
		case spec.Index:
			all = append(all, UseStep{Element: true})
		}
	}
	return all
}
