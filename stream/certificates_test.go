package stream_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream"
)

// certify writes a certificate for loopback, signed by itself, and its key.
func certify(t *testing.T, certFile, keyFile string, ends time.Time) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(ends.UnixNano()), NotBefore: ends.Add(-90 * 24 * time.Hour), NotAfter: ends,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{keyFile: {Type: "PRIVATE KEY", Bytes: secret}, certFile: {Type: "CERTIFICATE", Bytes: der}} {
		// Into its place at once: what is half written is no certificate.
		if err := os.WriteFile(file+".new", pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// answers gets a path of the program; trusted is the only certificate that is taken, nil takes any.
func answers(ctx context.Context, p *stream.Program, path string, trusted *x509.Certificate) (string, error) {
	conf := &tls.Config{InsecureSkipVerify: trusted == nil, RootCAs: x509.NewCertPool()}
	if trusted != nil {
		conf.RootCAs.AddCert(trusted)
	}
	transport := &http.Transport{TLSClientConfig: conf}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, "GET", p.URL()+path, nil)
	if err != nil {
		return "", err
	}
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return fmt.Sprint(resp.StatusCode, " ", string(body)), err
}

// TestPortsCertificateExpires: a program runs with a certificate of the HTTP port that has expired. Who minds is refused, who does
// not is served; metric and probe say so; a new file mends it without a restart.
func TestPortsCertificateExpires(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	certFile, keyFile := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	old := certify(t, certFile, keyFile, time.Now().Add(-time.Hour))
	p, err := stream.Open(ctx, stream.Settings{DataDir: t.TempDir(), Key: testKey, Listen: "127.0.0.1:0", Logger: quiet,
		CertFile: certFile, KeyFile: keyFile, Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- p.Run(running) }()
	// says waits until metric and probe agree with the certificate.
	says := func(c *x509.Certificate, code, reason string) {
		t.Helper()
		eventually(ctx, t, func() error {
			text, err := answers(ctx, p, "metrics", nil)
			if err != nil {
				return err
			}
			if at, err := scraped(text, `netsu_certificate_expiry_timestamp_seconds{use="listen"}`); err != nil || at != float64(c.NotAfter.Unix()) {
				return fmt.Errorf("the metric is %v, want %d: %w", at, c.NotAfter.Unix(), err)
			}
			ready, err := answers(ctx, p, "readyz", nil)
			if err == nil && (!strings.HasPrefix(ready, code+" ") || !strings.Contains(ready, reason)) {
				err = fmt.Errorf("/readyz is %s, want %s with %q", ready, code, reason)
			}
			return err
		})
	}
	says(old, "503", "certificate: the certificate of the HTTP port, "+certFile+", expired on "+old.NotAfter.Format(time.RFC3339))
	if _, err := answers(ctx, p, "healthz", old); !expired(err) {
		t.Errorf("a client that verifies: %v", err)
	}
	eventually(ctx, t, func() error { // when the feed has read its log
		page, err := answers(ctx, p, "v1/shows", nil)
		if err == nil && !strings.HasPrefix(page, "200 ") {
			err = fmt.Errorf("a client that does not mind: %s", page)
		}
		return err
	})
	renewed := certify(t, certFile, keyFile, time.Now().Add(20*24*time.Hour))
	says(renewed, "200", `"reasons":[]`)
	if page, err := answers(ctx, p, "v1/shows", renewed); !strings.HasPrefix(page, "200 ") {
		t.Errorf("a client that verifies the new one: %s, %v", page, err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error("stopping:", err)
	}
	if err := p.Close(); err != nil {
		t.Error("closing:", err)
	}
}

func expired(err error) bool {
	var invalid x509.CertificateInvalidError
	return errors.As(err, &invalid) && invalid.Reason == x509.Expired
}

// scraped is the value of a series in a text of metrics.
func scraped(text, name string) (float64, error) {
	_, rest, found := strings.Cut(text, "\n"+name+" ")
	if !found {
		return 0, errors.New("there is no " + name)
	}
	value, _, _ := strings.Cut(rest, "\n")
	return strconv.ParseFloat(value, 64)
}
