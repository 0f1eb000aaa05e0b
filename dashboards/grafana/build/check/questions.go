package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// question is one query, and where it stands.
type question struct{ where, expr string }

// document is what matters here of a dashboard.
type document struct {
	Panels []struct {
		Title   string
		Targets []struct{ Expr, LegendFormat string }
	}
	Annotations struct {
		List []struct {
			Name   string
			Target struct{ Expr string }
		}
	}
	Templating struct {
		List []struct {
			Name, Type, Definition string
		}
	}
}

// substitutes are what stands for variables here. Grafana's rate interval is at least four scrapes; of the demo's
// currencies one is enough.
var substitutes = strings.NewReplacer(
	"$__rate_interval", "20s", "$__range", "10m", "$__interval", "5s",
	"$brand", ".*", "$campaign", ".*", "$esol", ".*", "$show", ".*", "$currency", "JPY",
)

// questionsIn are all queries of a dashboard.
func questionsIn(file string) ([]question, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	name := strings.TrimSuffix(filepath.Base(file), ".json")
	var all []question
	add := func(where, expr string) {
		all = append(all, question{name + ": " + where, substitutes.Replace(expr)})
	}
	for _, p := range d.Panels {
		for _, t := range p.Targets {
			add(p.Title+": "+t.LegendFormat, t.Expr)
		}
	}
	for _, a := range d.Annotations.List {
		add("annotation "+a.Name, a.Target.Expr)
	}
	for _, v := range d.Templating.List {
		if v.Type != "query" {
			continue
		}
		expr, err := variable(v.Definition)
		if err != nil {
			return nil, fmt.Errorf("%s: variable %s: %w", file, v.Name, err)
		}
		add("variable "+v.Name, expr)
	}
	for _, q := range all {
		if strings.Contains(q.expr, "$") {
			return nil, fmt.Errorf("%s: no substitute for a variable in %s", q.where, q.expr)
		}
	}
	return all, nil
}

var labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)

// variable is a query that has a value for each choice of a variable.
func variable(definition string) (string, error) {
	m := labelValues.FindStringSubmatch(definition)
	if m == nil {
		return "", fmt.Errorf("%q is not label_values(METRIC, LABEL)", definition)
	}
	return fmt.Sprintf("count by (%s) (%s)", m[2], m[1]), nil
}

var comparison = regexp.MustCompile(`(==|!=|>=|<=|>|<) ([0-9.]+)`)

// asked is an alert's query, with each comparison as a question: it has an answer where the alert is silent too.
func asked(alert string) string { return comparison.ReplaceAllString(alert, "$1 bool $2") }

var metric = regexp.MustCompile(`\b(?:[a-z]+:)?(?:netsu|process|go)[_:][a-zA-Z0-9_:]+|\bup\b`)

// metricsIn are the names of metrics and recording rules in a query.
func metricsIn(expr string) []string {
	return metric.FindAllString(quoted.ReplaceAllString(expr, ""), -1)
}

var quoted = regexp.MustCompile(`"[^"]*"`)
