package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/netsu/netsu/stream"
)

// parsed is a flag whose text is understood when it is set, so that an error can say where that was. An error of parse
// that is an ownReason is said as it is; of another, only what kind of value was expected.
type parsed[T any] struct {
	to    *T
	text  string
	kind  string
	parse func(string) (T, error)
}

func (p *parsed[T]) String() string { return p.text }
func (p *parsed[T]) Type() string   { return p.kind }

func (p *parsed[T]) Set(text string) (err error) {
	v, err := p.parse(text)
	if err == nil {
		*p.to, p.text = v, text
	}
	return err
}

// parsedVar adds such a flag. byDefault must parse.
func parsedVar[T any](fs *pflag.FlagSet, to *T, name, kind, byDefault, usage string, parse func(string) (T, error)) {
	v := &parsed[T]{to: to, kind: kind, parse: parse}
	if err := v.Set(byDefault); err != nil {
		panic("cannot happen: the default of --" + name + " " + err.Error())
	}
	fs.Var(v, name, usage)
}

// within narrows a parser to values from least to most.
func within[T cmp.Ordered](parse func(string) (T, error), least, most T) func(string) (T, error) {
	return func(s string) (T, error) {
		v, err := parse(s)
		if err != nil || v < least || v > most {
			return v, ownReason(fmt.Sprintf("is not between %v and %v", least, most))
		}
		return v, nil
	}
}

func parseNumber(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// parseSeries is a number of series; none of them is -1, as gauges.Limits has it.
func parseSeries(s string) (int, error) {
	n, err := within(parseNumber, 0, 100_000)(s)
	if n == 0 {
		n = -1
	}
	return int(n), err
}

func parseDay(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, ownReason("is not a day such as 2015-01-01")
	}
	return t, nil
}

// parseDays is a duration that may be in days, as 7d.
func parseDays(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int64
		n, err = within(parseNumber, 0, 36_500)(days)
		d = time.Duration(n) * 24 * time.Hour
	}
	if s == "0" {
		d, err = 0, nil
	}
	if err != nil || d < 0 || d > 36_500*24*time.Hour {
		return 0, ownReason("is not a duration such as 6h or 400d, of a hundred years at most")
	}
	return d, nil
}

// parseBytes is a number of bytes, or of KiB, MiB, GiB or TiB.
func parseBytes(s string) (int64, error) {
	n, shift := s, 0
	for i, suffix := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if cut, ok := strings.CutSuffix(s, suffix); ok {
			n, shift = cut, 10*(i+1)
		}
	}
	v, err := parseNumber(strings.TrimSpace(n))
	if err != nil || v < 0 || v > math.MaxInt64>>shift {
		return 0, ownReason("is not a size such as 512MiB or 4GiB")
	}
	return v << shift, nil
}

func parseLevel(s string) (slog.Level, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(s))); err != nil {
		return l, ownReason("is none of debug, info, warn, error")
	}
	return l, nil
}

func parseRoles(s string) ([]stream.Role, error) {
	roles, err := stream.ParseRoles(s)
	if err != nil {
		return nil, ownReason("is not right: " + err.Error())
	}
	return roles, nil
}

func parseMechanism(s string) (string, error) {
	switch strings.ToUpper(s) {
	case "", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER":
		return s, nil
	}
	return s, ownReason("is none of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER")
}

// parseAddress allows none, which is for the caller's help text to explain.
func parseAddress(s string) (string, error) {
	if s == "" {
		return s, nil
	}
	if _, port, err := net.SplitHostPort(s); err != nil || port == "" {
		return s, ownReason("is not host:port")
	}
	return s, nil
}
