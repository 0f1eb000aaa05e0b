package broker_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netsu/netsu/stream/broker"
)

// An authority signs certificates and writes them as the files that settings name.
type authority struct {
	*testing.T
	dir  string
	ends time.Duration // of what is signed, from now; zero means in an hour
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{T: t, dir: t.TempDir()}
	a.cert, a.key = a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	a.write("ca.pem", "CERTIFICATE", a.cert.Raw)
	return a
}

func (a *authority) sign(c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(a.T, err)
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.Subject = pkix.Name{CommonName: "test"}
	c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(cmp.Or(a.ends, time.Hour))
	parent, signer := a.cert, a.key
	if c.IsCA {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	must(a.T, err)
	made, err := x509.ParseCertificate(der)
	must(a.T, err)
	return made, key
}

// issue writes name.pem and name.key and returns them as Go wants them.
func (a *authority) issue(name string, usage x509.ExtKeyUsage) tls.Certificate {
	a.Helper()
	cert, key := a.sign(&x509.Certificate{
		ExtKeyUsage: []x509.ExtKeyUsage{usage}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	})
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(a.T, err)
	a.write(name+".pem", "CERTIFICATE", cert.Raw)
	a.write(name+".key", "PRIVATE KEY", der)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func (a *authority) write(name, kind string, der []byte) {
	a.Helper()
	must(a.T, os.WriteFile(a.file(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// fake starts a broker and returns its address.
func fake(t *testing.T, opts ...kfake.Opt) string {
	t.Helper()
	c, err := kfake.NewCluster(append(opts, kfake.NumBrokers(1))...)
	must(t, err)
	t.Cleanup(c.Close)
	return c.ListenAddrs()[0]
}

// reach makes the topics, which needs every kind of connection that there is.
func reach(t *testing.T, s broker.Settings) error {
	t.Helper()
	c, err := broker.New(s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	_, err = broker.Create(ctx, c, broker.DefaultTopics(), 1, 1)
	return err
}

func TestTLS(t *testing.T) {
	a := newAuthority(t)
	server := a.issue("server", x509.ExtKeyUsageServerAuth)
	a.issue("client", x509.ExtKeyUsageClientAuth)
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	addr := fake(t, kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{server}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}))
	stranger := newAuthority(t)
	good := broker.TLS{CAFile: a.file("ca.pem"), CertFile: a.file("client.pem"), KeyFile: a.file("client.key")}
	with := func(change func(*broker.TLS)) broker.TLS {
		changed := good
		change(&changed)
		return changed
	}
	for _, test := range []struct {
		name string
		tls  broker.TLS
		want string // in the error; "" = none
	}{
		{"who trusts the broker and shows a certificate gets in", good, ""},
		{"who shows none does not", with(func(s *broker.TLS) { s.CertFile, s.KeyFile = "", "" }), "certificate required"},
		{"a broker signed by a stranger is refused",
			with(func(s *broker.TLS) { s.CAFile = stranger.file("ca.pem") }), "unknown authority"},
		{"a broker not trusted by the system is refused",
			with(func(s *broker.TLS) { s.CAFile = "" }), "unknown authority"},
		{"a broker of another name is refused",
			with(func(s *broker.TLS) { s.ServerName = "kafka.example" }), "kafka.example"},
		{"a certificate without its key is an error at once", with(func(s *broker.TLS) { s.KeyFile = "" }), "key file"},
		{"a CA file without a certificate is one too",
			with(func(s *broker.TLS) { s.CAFile = a.file("client.key") }), "no certificate in the CA file"},
		{"and so is a file that is not there", with(func(s *broker.TLS) { s.CertFile = a.file("gone") }), "gone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			err := reach(t, broker.Settings{Seeds: []string{addr}, TLS: test.tls, Logger: textLog(&log)})
			if test.want == "" {
				must(t, err)
			} else if err == nil || !strings.Contains(err.Error()+log.String(), test.want) {
				t.Errorf("error is %v, want %q; logged:\n%s", err, test.want, &log)
			}
		})
	}
	t.Run("a renewed certificate is used from the next connection on", func(t *testing.T) {
		stranger.issue("client", x509.ExtKeyUsageClientAuth)
		renewed := good
		renewed.CertFile, renewed.KeyFile = stranger.file("client.pem"), stranger.file("client.key")
		c, err := broker.New(broker.Settings{Seeds: []string{addr}, TLS: renewed, Logger: textLog(&bytes.Buffer{})})
		must(t, err)
		cl, err := c.Client()
		must(t, err)
		defer cl.Close()
		if err := cl.Ping(deadline(t)); err == nil {
			t.Fatal("a stranger's certificate was accepted")
		}
		for _, name := range []string{"client.pem", "client.key"} {
			b, err := os.ReadFile(a.file(name))
			must(t, err)
			must(t, os.WriteFile(stranger.file(name), b, 0o600))
		}
		must(t, cl.Ping(deadline(t)))
	})
}

const secret = "s3cr3t-Pa55"

func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestSASL(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			addr := fake(t, kfake.EnableSASL(), kfake.Superuser(mechanism, "ann", secret))
			var log bytes.Buffer
			s := broker.Settings{Seeds: []string{addr}, Logger: textLog(&log)}
			s.SASL = broker.SASL{Mechanism: mechanism, User: "ann", PasswordFile: secretFile(t, secret+"\n")}
			must(t, reach(t, s))

			wrong := "wr0ng-" + secret
			must(t, os.WriteFile(s.SASL.PasswordFile, []byte(wrong), 0o600))
			err := reach(t, s)
			// kfake hangs up, where Kafka says SASL_AUTHENTICATION_FAILED.
			if err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("error is %v, want that the broker refused, at once", err)
			}
			if all := err.Error() + log.String(); strings.Contains(all, secret) {
				t.Errorf("the password is in what people read: %s", all)
			}
		})
	}
	t.Run("a changed password is used from the next connection on", func(t *testing.T) {
		addr := fake(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "ann", secret))
		s := broker.Settings{Seeds: []string{addr}, Logger: textLog(&bytes.Buffer{})}
		s.SASL = broker.SASL{Mechanism: "PLAIN", User: "ann", PasswordFile: secretFile(t, "old")}
		c, err := broker.New(s)
		must(t, err)
		cl, err := c.Client()
		must(t, err)
		defer cl.Close()
		if err := cl.Ping(deadline(t)); err == nil {
			t.Fatal("a wrong password was accepted")
		}
		must(t, os.WriteFile(s.SASL.PasswordFile, []byte(secret), 0o600))
		must(t, cl.Ping(deadline(t)))
	})
	t.Run("no SASL where it is asked for", func(t *testing.T) {
		addr := fake(t, kfake.EnableSASL())
		if err := reach(t, broker.Settings{Seeds: []string{addr}, Logger: textLog(&bytes.Buffer{})}); err == nil {
			t.Error("no error")
		}
	})
}

func TestSettingsAreRefused(t *testing.T) {
	file, empty, two := secretFile(t, secret), secretFile(t, "\n"), secretFile(t, secret+"\nmore\n")
	for _, test := range []struct {
		name string
		sasl broker.SASL
	}{
		{"unknown mechanism", broker.SASL{Mechanism: "KERBEROS", User: "ann", PasswordFile: file}},
		{"password without mechanism", broker.SASL{User: "ann", PasswordFile: file}},
		{"no user", broker.SASL{Mechanism: "PLAIN", PasswordFile: file}},
		{"no password file", broker.SASL{Mechanism: "SCRAM-SHA-256", User: "ann"}},
		{"password file not there", broker.SASL{Mechanism: "PLAIN", User: "ann", PasswordFile: file + "gone"}},
		{"password file empty", broker.SASL{Mechanism: "PLAIN", User: "ann", PasswordFile: empty}},
		{"password file of two lines", broker.SASL{Mechanism: "PLAIN", User: "ann", PasswordFile: two}},
		{"token and password", broker.SASL{Mechanism: "OAUTHBEARER", User: "ann", TokenFile: file}},
		{"no token file", broker.SASL{Mechanism: "OAUTHBEARER"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := broker.New(broker.Settings{Seeds: []string{"127.0.0.1:1"}, SASL: test.sasl})
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the secret is in the error: %v", err)
			}
		})
	}
	if _, err := broker.New(broker.Settings{}); err == nil {
		t.Error("no brokers: no error")
	}
}

func TestOAuthSendsTheTokenOfItsFile(t *testing.T) {
	// kfake has no OAUTHBEARER; what is sent is seen on the wire.
	sent := make(chan string, 1)
	ours, theirs := net.Pipe()
	go answerHandshake(theirs, sent)
	s := broker.Settings{Seeds: []string{"127.0.0.1:1"}, Logger: textLog(&bytes.Buffer{})}
	s.SASL = broker.SASL{Mechanism: "OAUTHBEARER", TokenFile: secretFile(t, secret+"\n")}
	used := false
	s.Dialer = func(context.Context, string, string) (net.Conn, error) {
		if used {
			return nil, errors.New("one connection is enough")
		}
		used = true
		return ours, nil
	}
	if err := reach(t, s); err == nil {
		t.Error("no error, with a broker that hangs up")
	}
	select {
	case got := <-sent:
		if !strings.Contains(got, "auth=Bearer "+secret+"\x01") {
			t.Errorf("sent %q, want the token", got)
		}
	default:
		t.Error("nothing was sent")
	}
}

func textLog(b *bytes.Buffer) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// answerHandshake speaks for a broker: it accepts OAUTHBEARER and passes on what the client then says.
func answerHandshake(conn net.Conn, sent chan<- string) {
	defer conn.Close()
	defer close(sent)
	for {
		var size [4]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		req := make([]byte, binary.BigEndian.Uint32(size[:]))
		if _, err := io.ReadFull(conn, req); err != nil {
			return
		}
		correlation, resp := req[4:8], kmsg.Response(nil)
		switch key, version := binary.BigEndian.Uint16(req), int16(binary.BigEndian.Uint16(req[2:])); key {
		case 18:
			r := kmsg.NewPtrApiVersionsResponse()
			r.Version = version
			for _, k := range []int16{3, 17, 18, 36} {
				r.ApiKeys = append(r.ApiKeys, kmsg.ApiVersionsResponseApiKey{ApiKey: k, MaxVersion: 1})
			}
			resp = r
		case 17:
			r := kmsg.NewPtrSASLHandshakeResponse()
			r.Version, r.SupportedMechanisms = version, []string{"OAUTHBEARER"}
			resp = r
		default:
			sent <- string(req)
			return
		}
		out := append(correlation, resp.AppendTo(nil)...)
		conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(out))), out...))
	}
}
