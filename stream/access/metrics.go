package access

import (
	"errors"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// refusals are the codes of what can be wrong with whose a request says it is, a label of the metrics.
var refusals = []string{"NO_TOKEN", "WRONG_SCHEME", "TOKEN_IN_ADDRESS", "TWO_TOKENS", "TOKEN_TOO_LONG", "TOKEN_MALFORMED",
	"TOKEN_SIGNATURE", "TOKEN_EXPIRED", "TOKEN_EARLY", "TOKEN_AUDIENCE", "TOKEN_ISSUER", "TOKEN_CLAIMS", "TOKEN_SUBJECT",
	"TOKEN_LIFETIME", "TOKEN_GRANT", "TOKEN_FIELDS", "TOKEN_SCOPES", "ADDRESS_SIGNATURE", "ADDRESS_EXPIRED", "ADDRESS_LIFETIME",
	"TOO_MANY_FAILURES", "WRONG_HOST"}

// metrics of a port's access. All methods may be called of nil, which counts nothing.
type metrics struct {
	refused *prometheus.CounterVec // by code
	set     prometheus.Counter
}

func newMetrics(r prometheus.Registerer, keys *keysFile) *metrics {
	if r == nil {
		return nil
	}
	o := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "netsu", Subsystem: "access", Name: name, Help: help}
	}
	m := &metrics{
		refused: prometheus.NewCounterVec(prometheus.CounterOpts(o("refused_total",
			"Requests and hellos that were refused for whose they said they were, by why. What a token does not grant is not among them.")),
			[]string{"code"}),
		set: prometheus.NewCounter(prometheus.CounterOpts(o("set_failures_total",
			"Times that the JWK Set could not be read by its URL; the keys read before stay in force."))),
	}
	for _, code := range refusals {
		m.refused.WithLabelValues(strings.ToLower(code))
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts(o(name, help)), value)
	}
	r.MustRegister(m.refused, m.set,
		gauge("file_keys", "Keys of the keys file that are in force; 0 without one.", func() float64 {
			n, _ := keys.state()
			return float64(n)
		}),
		gauge("file_broken", "1 while the keys file cannot be read as keys, and those read before stay in force.", func() float64 {
			if _, broken := keys.state(); broken {
				return 1
			}
			return 0
		}))
	return m
}

// refuse counts an error of Who or Introduce.
func (m *metrics) refuse(err error) {
	var why *Refusal
	if m != nil && errors.As(err, &why) {
		m.refused.WithLabelValues(strings.ToLower(why.Code)).Inc()
	}
}

func (m *metrics) setFailed() {
	if m != nil {
		m.set.Inc()
	}
}
