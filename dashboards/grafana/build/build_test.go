package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestHouseRules: what every dashboard has, so that nobody has to look for it in a thousand lines of JSON.
func TestHouseRules(t *testing.T) {
	uids := map[string]bool{}
	for name, build := range boards {
		b, err := build()
		if err != nil {
			t.Fatal(err)
		}
		d, err := b.builder.Build()
		if err != nil {
			t.Fatal(err)
		}
		if d.Uid == nil || uids[*d.Uid] || d.Editable == nil || *d.Editable {
			t.Errorf("%s: needs a uid of its own, and not to be editable", name)
		}
		uids[*d.Uid] = true
		ids, titles, taken := map[uint32]bool{}, map[string]bool{}, map[[2]uint32]string{}
		for _, p := range d.Panels {
			if p.RowPanel != nil {
				continue
			}
			panel := p.Panel
			title := *panel.Title
			if ids[*panel.Id] || titles[title] {
				t.Errorf("%s: %s: its id or title is there twice", name, title)
			}
			ids[*panel.Id], titles[title] = true, true
			if len(*panel.Description) < 30 || !strings.HasSuffix(*panel.Description, ".") {
				t.Errorf("%s: %s: say in a sentence what it is and what it is not", name, title)
			}
			if *panel.Datasource.Uid != "${datasource}" {
				t.Errorf("%s: %s: its data source is not the variable", name, title)
			}
			for x := panel.GridPos.X; x < panel.GridPos.X+panel.GridPos.W; x++ {
				for y := panel.GridPos.Y; y < panel.GridPos.Y+panel.GridPos.H; y++ {
					if other := taken[[2]uint32{x, y}]; other != "" || x >= 24 {
						t.Fatalf("%s: %s lies on %q or outside", name, title, other)
					}
					taken[[2]uint32{x, y}] = title
				}
			}
			if panel.FieldConfig != nil {
				for _, o := range panel.FieldConfig.Overrides {
					if o.Matcher.Id == "byRegexp" && !matchesOne(t, o.Matcher.Options, panel.Targets) {
						t.Errorf("%s: %s: no series is called %s", name, title, *o.Matcher.Options.(*string))
					}
				}
			}
			for _, q := range panel.Targets {
				expr := queryOf(t, q).Expr
				interval := strings.Contains(expr, "$__rate_interval") || strings.Contains(expr, "[10m]")
				if strings.Contains(expr, "rate(") && !interval {
					t.Errorf("%s: %s: a rate over neither $__rate_interval nor 10m: %s", name, title, expr)
				}
				if strings.Contains(expr, "_gmv_") && !strings.Contains(expr, "currency") {
					t.Errorf("%s: %s: money of all currencies is added: %s", name, title, expr)
				}
			}
		}
		made, err := encode(d)
		if err != nil {
			t.Fatal(err)
		}
		if there, err := os.ReadFile("../" + name + ".json"); err != nil || string(there) != string(made) {
			t.Errorf("%s.json is not what this makes (%v): run go generate ./dashboards/grafana and commit", name, err)
		}
	}
}

// matchesOne tells whether a pattern of series' names, "/as Grafana has it/", is that of one of the queries' at least.
func matchesOne[Q any](t *testing.T, pattern any, queries []Q) bool {
	text, ok := pattern.(*string)
	if !ok || len(*text) < 2 || !strings.HasPrefix(*text, "/") || !strings.HasSuffix(*text, "/") {
		t.Fatalf("%v is no pattern", pattern)
	}
	of := regexp.MustCompile((*text)[1 : len(*text)-1])
	return slices.ContainsFunc(queries, func(q Q) bool { return of.MatchString(queryOf(t, q).LegendFormat) })
}

type builtQuery struct{ Expr, LegendFormat string }

func queryOf(t *testing.T, q any) (v builtQuery) {
	raw, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil || v.Expr == "" {
		t.Fatalf("no query in %s (%v)", raw, err)
	}
	return v
}

func TestAPanelThatDoesNotExplainItselfIsRefused(t *testing.T) {
	p := panel{title: "x", unit: "none", empty: "nothing", width: 4, query: []query{{"up", "up"}}}
	if _, err := p.build(1); err == nil {
		t.Error("a panel without a description was built")
	}
	p.about = "One if it answers."
	if made, err := p.build(1); err != nil {
		t.Error(err)
	} else if b, _ := made.Build(); *b.FieldConfig.Defaults.NoValue != "nothing" {
		t.Error("its empty state is not in it")
	}
}
