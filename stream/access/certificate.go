package access

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate serves a certificate and its key from files, and reads them again when they change: certificates that are
// renewed need no restart.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	held   *tls.Certificate
	stamp  [2]time.Time
	looked time.Time
}

// certificateEvery is how often the files are looked at, at a handshake.
const certificateEvery = time.Second

// OpenCertificate reads the files.
func OpenCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	if certFile == "" || keyFile == "" {
		return nil, errors.New("TLS needs both --listen-tls-cert-file and --listen-tls-key-file")
	}
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	return c, c.read()
}

// TLS is the configuration of a port. HTTP/2 is left out: the feed's websockets are of HTTP/1.1, and one protocol is less to
// get wrong than two.
func (c *Certificate) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: c.get}
}

func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew()
	return c.held, nil
}

// Expiry is until when the certificate in use is valid, having looked at its file as a handshake does. The error is that it
// has expired: it is served all the same, since a client that does not mind is better served than refused.
func (c *Certificate) Expiry() (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew()
	end := c.held.Leaf.NotAfter
	if time.Now().After(end) {
		return end, fmt.Errorf("the certificate of the HTTP port, %s, expired on %s: browsers refuse it; a new file is used "+
			"within a second", c.certFile, end.UTC().Format(time.RFC3339))
	}
	return end, nil
}

// renew reads the files again if they have changed. c.mu is held.
func (c *Certificate) renew() {
	if now := time.Now(); now.Sub(c.looked) >= certificateEvery {
		c.looked = now
		if stamp, err := c.stamps(); err != nil || stamp != c.stamp {
			if err = errors.Join(err, c.read()); err != nil {
				c.stamp = stamp // said once for each change
				c.log.Error("reading the certificate anew; the one before stays in use", "err", err)
			}
		}
	}
}

func (c *Certificate) stamps() (stamp [2]time.Time, err error) {
	for i, file := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return stamp, err
		}
		stamp[i] = info.ModTime()
	}
	return stamp, nil
}

func (c *Certificate) read() error {
	stamp, err := c.stamps()
	if err != nil {
		return fmt.Errorf("reading the certificate: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("reading the certificate: %w", err)
	}
	c.held, c.stamp = &pair, stamp
	return nil
}
