package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// server is a Prometheus.
type server struct{ base string }

// get asks its API; what comes as data goes into out.
func (s server) get(ctx context.Context, path string, form url.Values, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/api/v1/"+path+"?"+form.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var reply struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		return fmt.Errorf("asking for %s: %w", path, err)
	}
	if reply.Status != "success" {
		return errors.New(reply.Error)
	}
	return json.Unmarshal(reply.Data, out)
}

var errEmpty = errors.New("no answer")

// answers is nil if a query has an answer that is a number.
func (s server) answers(ctx context.Context, q *question) error {
	var data struct {
		Result []struct{ Value [2]any }
	}
	if err := s.get(ctx, "query", url.Values{"query": {q.expr}}, &data); err != nil {
		return err
	}
	for _, r := range data.Result {
		if r.Value[1] != "NaN" {
			return nil
		}
	}
	if len(data.Result) > 0 {
		return fmt.Errorf("%w but NaN", errEmpty)
	}
	return errEmpty
}

// rules are the queries of the rules that it has loaded.
func (s server) rules(ctx context.Context) ([]question, error) {
	var data struct {
		Groups []struct {
			Rules []struct{ Type, Name, Query string }
		}
	}
	if err := s.get(ctx, "rules", nil, &data); err != nil {
		return nil, fmt.Errorf("reading the rules: %w", err)
	}
	var all []question
	for _, g := range data.Groups {
		for _, r := range g.Rules {
			q := question{"rule " + r.Name, r.Query}
			if r.Type == "alerting" {
				q.expr = asked(r.Query)
			}
			all = append(all, q)
		}
	}
	return all, nil
}

// names are all metrics that it has.
func (s server) names(ctx context.Context) (map[string]bool, error) {
	var list []string
	if err := s.get(ctx, "label/__name__/values", nil, &list); err != nil {
		return nil, fmt.Errorf("reading the names of metrics: %w", err)
	}
	names := make(map[string]bool, len(list))
	for _, n := range list {
		names[n] = true
	}
	return names, nil
}
