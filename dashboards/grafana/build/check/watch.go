package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// watch is a subscriber of the board, as often as it takes, until ctx ends. It does not answer pings, so it is sent away
// now and then; that is fine here, and spares a websocket library.
func watch(ctx context.Context, base string) {
	u, err := url.Parse(base)
	for err == nil && ctx.Err() == nil {
		subscribe(ctx, u.Host)
		pause(ctx)
	}
}

func subscribe(ctx context.Context, host string) {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", host)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	fmt.Fprintf(conn, "GET /v1/feed HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", host)
	r := bufio.NewReader(conn)
	if resp, err := http.ReadResponse(r, nil); err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		return
	}
	conn.Write(text(`{"t":"sub","id":1,"topic":"shows"}`))
	io.Copy(io.Discard, r)
}

// text is a short frame of a client: final, text, masked with a key of zeros.
func text(s string) []byte {
	frame := append([]byte{0x81, 0x80 | byte(len(s))}, binary.BigEndian.AppendUint32(nil, 0)...)
	return append(frame, s...)
}
