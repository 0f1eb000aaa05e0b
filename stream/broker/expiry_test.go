package broker_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/netsu/netsu/stream/broker"
)

// TestCertificatesExpire: the broker's and the client's certificate end, in turn, and are renewed; each end is said with what
// it is about and when it was, and no client needs making anew.
func TestCertificatesExpire(t *testing.T) {
	a := newAuthority(t)
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	var shown atomic.Pointer[tls.Certificate]
	issue := func(name string, usage x509.ExtKeyUsage, ends time.Duration) *tls.Certificate {
		a.ends = ends
		c := a.issue(name, usage)
		return &c
	}
	shown.Store(issue("server", x509.ExtKeyUsageServerAuth, time.Hour))
	issue("client", x509.ExtKeyUsageClientAuth, 2*time.Hour)
	addr := fake(t, kfake.TLS(&tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return shown.Load(), nil },
		ClientCAs:      pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}))
	var log bytes.Buffer
	s := broker.Settings{Seeds: []string{addr}, Logger: textLog(&log),
		TLS: broker.TLS{CAFile: a.file("ca.pem"), CertFile: a.file("client.pem"), KeyFile: a.file("client.key")}}
	c, err := broker.New(s)
	must(t, err)
	if !c.BrokerExpiry().IsZero() {
		t.Error("a broker's certificate is known before any was seen")
	}
	ping := func() string {
		t.Helper()
		cl, err := c.Client()
		must(t, err)
		defer cl.Close()
		log.Reset()
		if err = cl.Ping(deadline(t)); err == nil {
			return ""
		}
		return err.Error() + log.String()
	}
	ended := time.Now().Add(-time.Minute).UTC()
	said := func(what, all string, texts ...string) {
		t.Helper()
		for _, text := range append(texts, ended.Format("2006-01-02T15:04")) {
			if !strings.Contains(all, text) {
				t.Errorf("%s: %q is not in what is said:\n%s", what, text, all)
			}
		}
	}
	if all := ping(); all != "" {
		t.Fatal(all)
	}
	if left := time.Until(c.BrokerExpiry()); left < 58*time.Minute || left > time.Hour {
		t.Errorf("the broker's certificate ends in %v, want an hour", left)
	}

	shown.Store(issue("server", x509.ExtKeyUsageServerAuth, time.Until(ended)))
	said("an expired broker", ping(), "the certificate of the broker at "+addr)
	shown.Store(issue("server", x509.ExtKeyUsageServerAuth, time.Hour))
	if all := ping(); all != "" {
		t.Errorf("with the broker's certificate renewed: %s", all)
	}

	issue("client", x509.ExtKeyUsageClientAuth, time.Until(ended))
	said("an expired client", ping(), "the client certificate "+a.file("client.pem")+" expired on")
	end, err := s.TLS.ClientExpiry()
	if err == nil || !end.Before(time.Now()) {
		t.Errorf("the client's certificate ends %v, %v", end, err)
	}
	if _, err := broker.New(s); err == nil {
		t.Error("a start with an expired certificate")
	}
	issue("client", x509.ExtKeyUsageClientAuth, 2*time.Hour)
	if all := ping(); all != "" {
		t.Errorf("with the client's certificate renewed: %s", all)
	}
	if end, err := s.TLS.ClientExpiry(); err != nil || time.Until(end) < 119*time.Minute {
		t.Errorf("the renewed one ends %v, %v", end, err)
	}
	must(t, os.Remove(a.file("client.pem")))
	if _, err := s.TLS.ClientExpiry(); err == nil {
		t.Error("no error without the file")
	}
	if end, err := (broker.TLS{}).ClientExpiry(); err != nil || !end.IsZero() {
		t.Error("an expiry without a certificate:", end, err)
	}
}
