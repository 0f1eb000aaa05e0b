package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/gorilla/websocket"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed"
)

// serve is one server, in a process of its own. It says its address on stdout, and ends with its input.
func serve(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	kind := fs.String("kind", "", "netsu, raw or centrifuge")
	brokers := fs.String("brokers", "", "of the source")
	hz := fs.Float64("hz", 4, "changes a second, of raw and centrifuge")
	size := fs.Int("size", 900, "bytes of a frame, likewise")
	if err := fs.Parse(args); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("opening a port: %w", err)
	}
	fmt.Println(l.Addr())
	switch *kind {
	case "netsu":
		return serveNetsu(ctx, l, *brokers)
	case "raw":
		return serveRaw(ctx, l, *hz, *size)
	case "centrifuge":
		return serveCentrifuge(ctx, l, *hz, *size)
	}
	return fmt.Errorf("there is no kind %q", *kind)
}

func serveNetsu(ctx context.Context, l net.Listener, brokers string) error {
	debug.SetGCPercent(feed.GCPercent) // as netsu run --roles feed does
	cluster, err := broker.New(broker.Settings{Seeds: []string{brokers}})
	if err != nil {
		return err
	}
	topics := broker.TopicsWithPrefix("netsu.")
	layout, err := broker.Load(ctx, cluster, topics)
	if err != nil {
		return err
	}
	f := feed.New(feed.Config{Cluster: cluster, Topics: topics, Layout: layout, Logger: slog.Default(), MaxConnections: 20_000})
	srv := &http.Server{Handler: f.Handler()}
	go func() { _ = srv.Serve(l) }() // ends with Close
	defer srv.Close()
	return f.Run(ctx)
}

// payload is a frame's text with the time in it, in milliseconds: what a client reads its delay from.
func payload(size int) []byte {
	b := fmt.Appendf(nil, `{"at":%d,"x":"`, time.Now().UnixMilli())
	return append(append(b, strings.Repeat("x", max(0, size-len(b)-2))...), `"}`...)
}

// serveRaw upgrades by a library and then writes one frame, made once, to each socket by a system call: the least there can be.
func serveRaw(ctx context.Context, l net.Listener, hz float64, size int) error {
	var mu sync.Mutex
	var sockets []syscall.RawConn
	up := websocket.Upgrader{WriteBufferPool: &sync.Pool{}, ReadBufferSize: 512}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return // the upgrader has answered
		}
		raw, err := ws.NetConn().(*net.TCPConn).SyscallConn()
		if err != nil {
			ws.Close()
			return
		}
		mu.Lock()
		sockets = append(sockets, raw)
		mu.Unlock()
	})}
	go func() { _ = srv.Serve(l) }() // ends with Close
	defer srv.Close()
	return every(ctx, hz, func() {
		frame := wire(payload(size))
		mu.Lock()
		defer mu.Unlock()
		for _, s := range sockets {
			_ = s.Write(func(fd uintptr) bool {
				_, _ = syscall.Write(int(fd), frame) // a socket that is full loses it: there is no more than that
				return true
			})
		}
	})
}

// wire is an unmasked final text frame.
func wire(text []byte) []byte {
	if len(text) < 126 {
		return append([]byte{0x81, byte(len(text))}, text...)
	}
	return append([]byte{0x81, 126, byte(len(text) >> 8), byte(len(text))}, text...)
}

func serveCentrifuge(ctx context.Context, l net.Listener, hz float64, size int) error {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		return fmt.Errorf("making a node: %w", err)
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{},
			Subscriptions: map[string]centrifuge.SubscribeOptions{"show": {}},
		}, nil
	})
	node.OnConnect(func(*centrifuge.Client) {})
	if err := node.Run(); err != nil {
		return fmt.Errorf("running a node: %w", err)
	}
	handler := centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		CheckOrigin: func(*http.Request) bool { return true }, ReadBufferSize: 512, UseWriteBufferPool: true,
		PingPongConfig: centrifuge.PingPongConfig{PingInterval: 10 * time.Minute, PongTimeout: -1},
	})
	srv := &http.Server{Handler: handler}
	go func() { _ = srv.Serve(l) }() // ends with Close
	defer srv.Close()
	return every(ctx, hz, func() { _, _ = node.Publish("show", payload(size)) })
}

func every(ctx context.Context, hz float64, f func()) error {
	t := time.NewTicker(time.Duration(float64(time.Second) / hz))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			f()
		}
	}
}
