package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// TLS says whether and how connections are encrypted. All files are PEM.
type TLS struct {
	Enabled    bool   // implied by any file
	CAFile     string // who may sign the brokers' certificates; zero means the system's authorities
	CertFile   string // the client's certificate, with KeyFile; read anew for each connection, so it may be renewed
	KeyFile    string
	ServerName string // expected in the brokers' certificates; zero means the host that was dialled
}

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

const dialTimeout = 10 * time.Second

// dialer lays TLS, if enabled, over base (nil: the network). saw, if not nil, is told of each broker's certificate.
func (t TLS) dialer(base dialFunc, saw func(addr string, end time.Time)) (dialFunc, error) {
	if base == nil {
		base = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	if t == (TLS{}) {
		return base, nil
	}
	conf, err := t.Config()
	if err != nil {
		return nil, fmt.Errorf("TLS settings: %w", err)
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := base(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		conf := conf.Clone()
		if conf.ServerName == "" {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				host = addr
			}
			conf.ServerName = host
		}
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		secured := tls.Client(conn, conf)
		if err := secured.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, fmt.Errorf("TLS with %s: %w", addr, expired(addr, err))
		}
		if saw != nil {
			saw(addr, secured.ConnectionState().PeerCertificates[0].NotAfter)
		}
		return secured, nil
	}, nil
}

// Config reads the files. A client certificate is read anew for each connection.
func (t TLS) Config() (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reading the CA file: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("no certificate in the CA file %s", t.CAFile)
		}
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return nil, errors.New("a client certificate needs both its certificate file and its key file")
	}
	if t.CertFile == "" {
		return conf, nil
	}
	// A wrong file is an error at start, not at the first connection.
	if _, err := t.clientCertificate(); err != nil {
		return nil, err
	}
	conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return t.clientCertificate() }
	return conf, nil
}

// clientCertificate reads the files. One that has expired is not shown: all that its broker would say is that it hangs up.
func (t TLS) clientCertificate() (*tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("loading the client certificate %s: %w", t.CertFile, err)
	}
	if end := cert.Leaf.NotAfter; time.Now().After(end) {
		return nil, fmt.Errorf("the client certificate %s expired on %s; a new file is used from the next connection on",
			t.CertFile, end.UTC().Format(time.RFC3339))
	}
	return &cert, nil
}

// ClientExpiry is until when the client's certificate is valid, as its file says now; zero where there is none. The error
// is also that it has expired.
func (t TLS) ClientExpiry() (time.Time, error) {
	if t.CertFile == "" {
		return time.Time{}, nil
	}
	cert, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return time.Time{}, fmt.Errorf("loading the client certificate %s: %w", t.CertFile, err)
	}
	_, err = t.clientCertificate()
	return cert.Leaf.NotAfter, err
}

// brokerCertificates are until when those of the brokers are valid, as last seen, by address: a few. (Where many brokers come
// and go under new addresses, the map is begun anew.)
type brokerCertificates struct {
	mu  sync.Mutex
	end map[string]time.Time
}

const maxBrokerCertificates = 1000

func (b *brokerCertificates) saw(addr string, end time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end == nil || len(b.end) >= maxBrokerCertificates {
		b.end = map[string]time.Time{}
	}
	b.end[addr] = end
}

// BrokerExpiry is until when the brokers' certificates are valid, of those seen the first to end; zero if none was seen.
func (c *Cluster) BrokerExpiry() (first time.Time) {
	c.certificates.mu.Lock()
	defer c.certificates.mu.Unlock()
	for _, end := range c.certificates.end {
		if first.IsZero() || end.Before(first) {
			first = end
		}
	}
	return first
}

// expired says of a broker's certificate that is refused for its time when that was: Go's words have no address.
func expired(addr string, err error) error {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return fmt.Errorf("the certificate of the broker at %s is valid from %s to %s, and not now: %w", addr,
			invalid.Cert.NotBefore.UTC().Format(time.RFC3339), invalid.Cert.NotAfter.UTC().Format(time.RFC3339), err)
	}
	return err
}
