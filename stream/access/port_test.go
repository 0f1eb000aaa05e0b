package access

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestSlowClientsTakeNoPlacesOfOthers: who opens connections and says nothing, or its headers a byte at a time, has only so many;
// others come in meanwhile, and in the end the slow ones are closed.
func TestSlowClientsTakeNoPlacesOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Doorman{PerAddress: 3, Total: 5}
		conns := make(chan net.Conn)
		l := &pipes{conns: conns, done: make(chan struct{})}
		srv := &http.Server{ConnState: d.Watch, ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "in")
		})}
		served := make(chan error)
		go func() { served <- srv.Serve(l) }()
		dial := func(from string) net.Conn {
			client, server := net.Pipe()
			conns <- &addressed{server, from}
			synctest.Wait()
			return client
		}
		get := func(from string) string {
			c := dial(from)
			defer c.Close()
			if _, err := io.WriteString(c, "GET / HTTP/1.0\r\n\r\n"); err != nil {
				return "closed"
			}
			b, _ := io.ReadAll(c)
			if len(b) == 0 {
				return "closed"
			}
			return string(b[len(b)-2:])
		}
		for i := range 3 {
			c := dial("10.0.0.1:1")
			defer c.Close()
			if i > 0 {
				go io.WriteString(c, "GET / HT")
			}
		}
		if got := get("10.0.0.1:1"); got != "closed" {
			t.Errorf("a fourth of the same: %s", got)
		}
		if got := get("10.0.0.2:1"); got != "in" {
			t.Errorf("another: %s", got)
		}
		for range 2 {
			defer dial("10.0.0.3:1").Close()
		}
		if got := get("10.0.0.4:1"); got != "closed" {
			t.Errorf("beyond the total: %s", got)
		}
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if got := get("10.0.0.1:1"); got != "in" {
			t.Errorf("once the slow ones are closed: %s", got)
		}
		srv.Close()
		<-served
		synctest.Wait()
		if len(d.all) != 0 || len(d.of) != 0 {
			t.Errorf("%d connections are still counted", len(d.all))
		}
	})
}

type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return where("10.0.0.9:80") }

type addressed struct {
	net.Conn
	from string
}

func (a *addressed) RemoteAddr() net.Addr { return where(a.from) }

type where string

func (where) Network() string  { return "tcp" }
func (w where) String() string { return string(w) }

// TestAccountsOfTheIdleAreBounded, and those with connections are kept.
func TestAccountsOfTheIdleAreBounded(t *testing.T) {
	g := &Guard{limits: newAccounts(Limits{Connections: 1})}
	busy, err := g.Admit(&Principal{Subject: "busy"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 * maxIdle {
		if err := g.count(&Principal{Subject: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(g.limits.of); n != maxIdle+1 || g.limits.idle.Len() != maxIdle {
		t.Errorf("%d accounts", n)
	}
	if _, err := g.Admit(&Principal{Subject: "busy"}); codeOf(err) != "TOO_MANY_CONNECTIONS" {
		t.Errorf("its connection was forgotten: %v", err)
	}
	busy.Close()
	if again, err := g.Admit(&Principal{Subject: "busy"}); err != nil {
		t.Error(err)
	} else {
		again.Close()
	}
	if n := len(g.limits.of); n != maxIdle || g.limits.idle.Len() != maxIdle {
		t.Errorf("%d accounts, %d of them idle, once nobody is connected", n, g.limits.idle.Len())
	}
}

// TestACertificateIsReadAgain: a new one is served without a restart, and a broken one leaves the one before in use.
func TestACertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	age := time.Now().Add(-time.Hour)
	ends := time.Hour
	issue := func(serial int64) {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(ends), DNSNames: []string{"netsu"}}
		der, err := x509.CreateCertificate(rand.Reader, template, template, k.Public(), k)
		if err != nil {
			t.Fatal(err)
		}
		private, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		age = age.Add(time.Minute)
		for file, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private}} {
			if err := os.WriteFile(file, pem.EncodeToMemory(b), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(file, age, age); err != nil {
				t.Fatal(err)
			}
		}
	}
	issue(1)
	c, err := OpenCertificate(cert, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.TLS(); got.MinVersion != tls.VersionTLS12 || len(got.NextProtos) != 1 {
		t.Errorf("%+v", got)
	}
	serves := func() int64 {
		c.looked = time.Time{} // a second has passed
		pair, err := c.TLS().GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	if got := serves(); got != 1 {
		t.Errorf("at first: %d", got)
	}
	issue(2)
	if got := serves(); got != 2 {
		t.Errorf("after a change: %d", got)
	}
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serves(); got != 2 {
		t.Errorf("with a broken one: %d", got)
	}
	issue(3)
	if got := serves(); got != 3 {
		t.Errorf("once it is mended: %d", got)
	}
	// Nobody opens the port, and it is known all the same that its certificate has ended, and that it is renewed.
	expiry := func() (time.Time, error) {
		c.looked = time.Time{}
		return c.Expiry()
	}
	if end, err := expiry(); err != nil || time.Until(end) < 59*time.Minute {
		t.Errorf("it ends %v, %v", end, err)
	}
	ends = -time.Minute
	issue(4)
	want := cert + ", expired on " + time.Now().Add(ends).UTC().Format("2006-01-02T15:04")
	if _, err := expiry(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	if got := serves(); got != 4 {
		t.Errorf("an expired one is not served: %d", got)
	}
	ends = time.Hour
	issue(5)
	if _, err := expiry(); err != nil {
		t.Errorf("renewed: %v", err)
	}
	for _, pair := range [][2]string{{cert, ""}, {"", key}, {key, cert}, {cert, cert + "x"}} {
		if _, err := OpenCertificate(pair[0], pair[1], slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%v is a certificate and its key", pair)
		}
	}
}

// TestAGuardOpensForWhoIsGranted: what other handlers are wrapped with.
func TestAGuardOpensForWhoIsGranted(t *testing.T) {
	keys := testKeys(t)
	g := &Guard{verifier: verifierOf(keys), limits: newAccounts(Limits{}), failures: newFailures(),
		Owner: func(scope string) string {
			return map[string]string{"show/S1": "esol/hana", "campaign/spring": "brand/acme", "campaign/odd": "esol/hana"}[scope]
		}}
	in := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, From(r.Context()).Subject) })
	scope := func(r *http.Request) string { return r.URL.Query().Get("scope") }
	series := g.Require(scope, func(*http.Request) Fields { return Money }, in)
	ingest := g.RequireIngest(in)
	for _, c := range []struct {
		netsu        map[string]any
		scope        string
		series, send int
	}{
		{map[string]any{"scopes": []string{"esol/hana"}, "fields": []string{"money"}}, "show/S1", 200, 403},
		{map[string]any{"scopes": []string{"esol/hana"}, "fields": []string{"money"}}, "show/S2", 403, 403},
		{map[string]any{"scopes": []string{"brand/acme"}, "fields": []string{"money"}}, "campaign/spring", 200, 403},
		{map[string]any{"scopes": []string{"brand/*"}, "fields": []string{"money"}}, "campaign/spring", 200, 403},
		{map[string]any{"scopes": []string{"brand/acme"}, "fields": []string{"room"}}, "campaign/spring", 403, 403},
		{map[string]any{"scopes": []string{"brand/acme"}, "fields": []string{"*"}}, "campaign/autumn", 403, 403},
		{map[string]any{"scopes": []string{"brand/*"}, "fields": []string{"*"}}, "campaign/autumn", 403, 403}, // nobody's
		{map[string]any{"scopes": []string{"brand/bolt"}, "fields": []string{"*"}}, "campaign/spring", 403, 403},
		{map[string]any{"scopes": []string{"brand/acme"}, "fields": []string{"*"}}, "show/S1", 403, 403},
		{map[string]any{"scopes": []string{"esol/hana"}, "fields": []string{"*"}}, "campaign/odd", 403, 403}, // no ESOL owns one
		{map[string]any{"scopes": []string{"show/S1"}, "fields": []string{"room"}}, "show/S1", 403, 403},
		{map[string]any{"scopes": []string{"*"}, "fields": []string{"*"}}, "campaign/x", 200, 403},
		{map[string]any{"scopes": []string{"show/none"}, "fields": []string{"room"}, "ingest": true}, "show/S1", 403, 200},
		{nil, "show/S1", 401, 401},
	} {
		for _, h := range []struct {
			handler http.Handler
			code    int
		}{{series, c.series}, {ingest, c.send}} {
			r, err := http.NewRequestWithContext(context.Background(), "GET", "http://h/?scope="+c.scope, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.netsu != nil {
				r.Header.Set("Authorization", "bearer "+raw(t, jwt.SigningMethodHS256, keys["HS256"].Sign, map[string]any{"alg": "HS256", "kid": "HS256"}, good(map[string]any{"netsu": c.netsu})))
			}
			w := httptest.NewRecorder()
			h.handler.ServeHTTP(w, r)
			if w.Code != h.code {
				t.Errorf("%v of %s: %d, expected %d", c.netsu, c.scope, w.Code, h.code)
			}
		}
	}
	if From(context.Background()) != nil {
		t.Error("a request that nobody identified has a principal")
	}
}
