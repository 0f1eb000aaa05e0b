package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/gateway"
)

// TestSlowSendersHoldUpNobody: many more strangers than there are places, from several addresses, that of the honest sender
// among them, begin bodies and go on a byte at a time, half of them after as much as fills the bytes. All the while, every
// honest delivery is taken in, small and large.
func TestSlowSendersHoldUpNobody(t *testing.T) {
	inBubble(t, map[string]string{"events": token, "shopify": "k"}, func(b bench) {
		registry := prometheus.NewRegistry()
		p := b.serve(gateway.Config{MaxReading: 8, MaxReadingPerAddress: 4, MaxBytes: 1 << 20, MaxConcurrent: 2, Registerer: registry})
		ctx, stop := context.WithCancel(b.Context())
		var all sync.WaitGroup
		var cut atomic.Int64
		for i := range 16 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 97 * time.Millisecond)
				for ctx.Err() == nil {
					p.dribble(ctx, fmt.Sprintf("10.0.0.%d:%d", i%4, i), 200_000*(i%2))
					cut.Add(1)
					sleep(ctx, 3*time.Second+time.Duration(i)*13*time.Millisecond)
				}
			})
		}
		var large strings.Builder
		for i := range 40 {
			fmt.Fprintln(&large, strings.Replace(chatLine(fmt.Sprint("large", i)), `"hi"`, `"`+strings.Repeat("x", 8000)+`"`, 1))
		}
		sleep(ctx, 2*time.Second)
		for i := range 40 {
			body := chatLine(fmt.Sprint("small", i))
			if i%4 == 0 {
				body = large.String()
			}
			if status, said := p.post("10.0.0.1:9", "events", body); status != 202 {
				b.Errorf("honest delivery %d of %d bytes: %d %s", i, len(body), status, said)
			}
			sleep(ctx, 500*time.Millisecond)
		}
		stop()
		all.Wait()
		p.close()
		if cut.Load() < 40 {
			b.Errorf("strangers were sent away %d times: they have filled nothing", cut.Load())
		}
		if n := b.counted(registry, "shopify", "gave_way"); n < 40 {
			b.Errorf("strangers gave way %v times", n)
		}
	})
}

// A body that stops coming is waited for 10 s, and not longer, where nobody needs its place.
func TestABodyHasTenSeconds(t *testing.T) {
	inBubble(t, map[string]string{"shopify": "k"}, func(b bench) {
		p := b.serve(gateway.Config{})
		defer p.close()
		began := time.Now()
		if status := p.dribble(b.Context(), "10.0.0.1:1", 0); status != 408 || time.Since(began).Truncate(time.Second) != 10*time.Second {
			b.Errorf("%d after %v, want 408 after 10 s", status, time.Since(began))
		}
	})
}

// A token that is wrong is refused by the head alone.
func TestAWrongTokenIsNotReadOn(t *testing.T) {
	inBubble(t, map[string]string{"events": token}, func(b bench) {
		p := b.serve(gateway.Config{})
		defer p.close()
		c := p.dial("10.0.0.1:1")
		defer c.Close()
		began := time.Now()
		fmt.Fprintf(c, "POST /v1/ingest/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nAuthorization: Bearer wrong\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || resp.StatusCode != 401 || !resp.Close || time.Since(began) > time.Second {
			b.Errorf("%+v, %v after %v: want 401 at once, and the end", resp, err, time.Since(began))
		}
	})
}

// port is a gateway behind an HTTP server whose connections are pipes, each with an address.
type port struct {
	bench
	conns chan net.Conn
	done  chan struct{}
	srv   *http.Server
	end   func()
}

// serve is a gateway with that configuration, at a port.
func (b bench) serve(c gateway.Config) *port {
	b.Helper()
	c.Cluster, c.Topics, c.SecretsDir = b.Cluster, b.Topics, b.secrets
	s, err := gateway.New(c)
	if err != nil {
		b.Fatal(err)
	}
	p := &port{bench: b, conns: make(chan net.Conn), done: make(chan struct{}),
		srv: &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}}
	served := make(chan error)
	go func() { served <- p.srv.Serve(p) }()
	p.end = func() {
		p.srv.Close()
		<-served
		time.Sleep(time.Second) // connections whose bodies were not read out linger before they close
		s.Close()
	}
	return p
}

func (p *port) close() { p.end() }

func (p *port) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *port) Close() error   { close(p.done); return nil }
func (p *port) Addr() net.Addr { return where("10.0.0.9:80") }

func (p *port) dial(from string) net.Conn {
	client, server := net.Pipe()
	p.conns <- &addressed{server, from}
	return client
}

type addressed struct {
	net.Conn
	from string
}

func (a *addressed) RemoteAddr() net.Addr { return where(a.from) }

type where string

func (where) Network() string  { return "tcp" }
func (w where) String() string { return string(w) }

// post delivers by a connection of its own.
func (p *port) post(from, to, body string) (status int, said string) {
	c := p.dial(from)
	defer c.Close()
	go fmt.Fprintf(c, "POST /v1/ingest/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\nAuthorization: %s\r\n\r\n%s",
		to, len(body), bearer, body)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err.Error()
	}
	text, _ := io.ReadAll(resp.Body) // whatever came of it is in the message
	return resp.StatusCode, string(text)
}

// dribble sends the beginning of a body, and then a byte at a time, until it is answered or ctx ends.
func (p *port) dribble(ctx context.Context, from string, atOnce int) (status int) {
	c := p.dial(from)
	var writing sync.WaitGroup
	defer writing.Wait()
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	writing.Go(func() {
		fmt.Fprintf(c, "POST /v1/ingest/shopify HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n%s", strings.Repeat(" ", atOnce))
		for {
			if _, err := io.WriteString(c, " "); err != nil {
				return
			}
			time.Sleep(300 * time.Millisecond)
		}
	})
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	return resp.StatusCode
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// counted are the refusals of a source for a cause.
func (b bench) counted(g prometheus.Gatherer, source, cause string) (n float64) {
	b.Helper()
	families, err := g.Gather()
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			if l := m.Label; f.GetName() == "netsu_gateway_refused_total" && l[0].GetValue() == cause && l[1].GetValue() == source {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}
