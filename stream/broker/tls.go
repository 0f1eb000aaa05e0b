package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
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

// dialer lays TLS, if enabled, over base (nil: the network).
func (t TLS) dialer(base dialFunc) (dialFunc, error) {
	if base == nil {
		base = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	if t == (TLS{}) {
		return base, nil
	}
	conf, err := t.config()
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
			return nil, fmt.Errorf("TLS with %s: %w", addr, err)
		}
		return secured, nil
	}, nil
}

func (t TLS) config() (*tls.Config, error) {
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
	load := func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		cert, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("loading the client certificate %s: %w", t.CertFile, err)
		}
		return &cert, nil
	}
	if _, err := load(nil); err != nil { // a wrong file is an error at start, not at the first connection
		return nil, err
	}
	conf.GetClientCertificate = load
	return conf, nil
}
