package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	prometheus := flag.String("prometheus", "http://127.0.0.1:9090", "address of Prometheus")
	netsu := flag.String("netsu", "http://127.0.0.1:8080", "address of Netsu")
	gateway := flag.String("gateway", "", "address of its gateway; empty: nothing is delivered")
	secret := flag.String("gateway-secret", "", "file with the secret of the gateway's source events")
	dashboards := flag.String("dashboards", "..", "folder of the dashboards")
	within := flag.Duration("within", 90*time.Second, "how long queries may stay empty")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), *within)
	defer cancel()
	go watch(ctx, *netsu)
	if *gateway != "" {
		go deliver(ctx, *gateway, *secret)
	}
	if err := check(ctx, server{*prometheus}, *dashboards); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// mayBeEmpty are queries that a healthy demo need not answer, by where they stand: "dashboard: panel: column" or "rule NAME".
var mayBeEmpty = map[string]string{
	"on_the_air: annotation Diagnoses": "a demo need not have anything to diagnose within a minute and a half",
	"rule NetsuCertificateExpires":     "no process here has a certificate",
}

// check asks until every query has been answered, or ctx ends.
func check(ctx context.Context, p server, folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no dashboards in %s (%w)", folder, err)
	}
	var open []question
	for _, file := range files {
		found, err := questionsIn(file)
		if err != nil {
			return err
		}
		open = append(open, found...)
	}
	rules, err := p.rules(ctx)
	if err != nil {
		return err
	}
	if len(rules) == 0 {
		return errors.New("prometheus has no rules: is it started with deploy/prometheus/prometheus.yml?")
	}
	all := slices.Concat(open, rules)
	began := time.Now()
	for open = slices.Clone(all); len(open) > 0; {
		open = slices.DeleteFunc(open, func(q question) bool { return p.answers(ctx, &q) == nil })
		must := func(q question) bool { return mayBeEmpty[q.where] == "" }
		if !slices.ContainsFunc(open, must) || !pause(ctx) {
			break
		}
	}
	for where := range mayBeEmpty {
		if !slices.ContainsFunc(all, func(q question) bool { return q.where == where }) {
			return fmt.Errorf("mayBeEmpty names %q, which is not asked", where)
		}
	}
	if err := errors.Join(unanswered(p, open), unknown(p, all)); err != nil {
		return err
	}
	fmt.Printf("%d queries of %d dashboards and the rules are answered, after %.0f s\n",
		len(all)-len(open), len(files), time.Since(began).Seconds())
	return nil
}

// pause waits a little; false when the time is over.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(2 * time.Second):
		return true
	}
}

// late is for what is asked when the time for answers is over.
func late() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 20*time.Second)
}

// unanswered says why each of these is not answered, but for those that need not be.
func unanswered(p server, open []question) (err error) {
	ctx, cancel := late()
	defer cancel()
	for _, q := range open {
		why := p.answers(ctx, &q)
		if why == nil || errors.Is(why, errEmpty) && mayBeEmpty[q.where] != "" {
			continue
		}
		err = errors.Join(err, fmt.Errorf("%s: %w\n    %s", q.where, why, q.expr))
	}
	return err
}

// unknown are the metrics that are asked for and exposed by nobody.
func unknown(p server, all []question) error {
	ctx, cancel := late()
	defer cancel()
	exposed, err := p.names(ctx)
	if err != nil {
		return err
	}
	missing := map[string]string{}
	for _, q := range all {
		if mayBeEmpty[q.where] != "" {
			continue
		}
		for _, name := range metricsIn(q.expr) {
			if !exposed[name] {
				missing[name] = q.where
			}
		}
	}
	var lines []string
	for name, where := range missing {
		lines = append(lines, fmt.Sprintf("%s: nothing exposes %s", where, name))
	}
	if len(lines) == 0 {
		return nil
	}
	slices.Sort(lines)
	return errors.New(strings.Join(lines, "\n"))
}
