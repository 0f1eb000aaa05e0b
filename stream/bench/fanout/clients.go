package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netsu/netsu/stream/feed/livemeter"
)

// client is one connection, read when epoll says so.
type client struct {
	fd       int
	buf      []byte // what has come and is no whole frame yet
	frames   int64  // deliveries
	stalled  bool
	follower *livemeter.Follower // of one in a thousand
}

// crowd is all clients of a server.
type crowd struct {
	kind    string
	epoll   int
	all     map[int32]*client
	list    []*client
	delays  []int32 // ms, while measuring
	bytes   int64
	counted int64
	from    time.Time // deliveries are counted from then on
}

func newCrowd(kind string) (*crowd, error) {
	fd, err := unix.EpollCreate1(0)
	if err != nil {
		return nil, fmt.Errorf("making an epoll: %w", err)
	}
	return &crowd{kind: kind, epoll: fd, all: map[int32]*client{}}, nil
}

// join connects one more, which subscribes.
func (c *crowd) join(addr string, stalled bool) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	path, hello := "/v1/feed", `{"t":"sub","id":1,"topic":"show/`+show+`"}`
	switch c.kind {
	case "raw":
		hello = ""
	case "centrifuge":
		hello = `{"id":1,"connect":{}}`
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", path, addr)
	rest, err := upgraded(conn)
	if err != nil {
		return err
	}
	if hello != "" {
		if _, err := conn.Write(masked(hello)); err != nil {
			return fmt.Errorf("subscribing: %w", err)
		}
	}
	file, err := conn.(*net.TCPConn).File() // its own copy of the descriptor, which the runtime does not poll
	if err != nil {
		return fmt.Errorf("taking a socket: %w", err)
	}
	conn.Close()
	fd, err := unix.Dup(int(file.Fd()))
	file.Close()
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return fmt.Errorf("taking a socket: %w", err)
	}
	one := &client{fd: fd, buf: rest, stalled: stalled}
	if c.kind == "netsu" && len(c.list)%1000 == 0 {
		one.follower = &livemeter.Follower{}
	}
	c.list = append(c.list, one)
	if stalled {
		return nil
	}
	c.all[int32(fd)] = one
	return unix.EpollCtl(c.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// upgraded reads the answer's header, and returns what came after it.
func upgraded(conn net.Conn) ([]byte, error) {
	var b []byte
	part := make([]byte, 4096)
	for {
		n, err := conn.Read(part)
		if err != nil {
			return nil, fmt.Errorf("reading the handshake: %w", err)
		}
		b = append(b, part[:n]...)
		if end := bytes.Index(b, []byte("\r\n\r\n")); end >= 0 {
			if !bytes.HasPrefix(b, []byte("HTTP/1.1 101")) {
				return nil, fmt.Errorf("no websocket: %.80q", b)
			}
			return b[end+4:], nil
		}
	}
}

// pong answers a ping: who is silent for longer than a server waits is closed.
func (c *client) pong(text []byte) error {
	b := masked(string(text))
	b[0] = 0x8a
	if _, err := unix.Write(c.fd, b); err != nil {
		return fmt.Errorf("answering a ping: %w", err)
	}
	return nil
}

// masked is a short frame of a client, with a key of zeros.
func masked(text string) []byte {
	b := []byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}
	if len(text) > 125 {
		panic("cannot happen: a subscription longer than a short frame")
	}
	return append(b, text...)
}

// listen reads until the time given.
func (c *crowd) listen(until time.Time) error {
	events := make([]unix.EpollEvent, 512)
	part := make([]byte, 64<<10)
	for time.Now().Before(until) {
		n, err := unix.EpollWait(c.epoll, events, 50)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("waiting for sockets: %w", err)
		}
		for i := range max(n, 0) {
			one := c.all[events[i].Fd]
			if err := c.read(one, part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *crowd) read(one *client, part []byte) error {
	for {
		n, err := unix.Read(one.fd, part)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case err != nil:
			return fmt.Errorf("reading a socket: %w", err)
		case n == 0:
			return fmt.Errorf("a connection was closed: %w", io.ErrUnexpectedEOF)
		}
		one.buf = append(one.buf, part[:n]...)
		if err := c.frames(one, time.Now()); err != nil {
			return err
		}
		if n < len(part) {
			return nil
		}
	}
}

// frames takes the whole frames that have come.
func (c *crowd) frames(one *client, now time.Time) error {
	at := 0
	for {
		op, text, size := frame(one.buf[at:])
		if size == 0 {
			break
		}
		at += size
		switch op {
		case 8:
			return fmt.Errorf("a connection was closed: %.100q", text)
		case 9:
			if err := one.pong(text); err != nil {
				return err
			}
		case 1:
			if err := c.take(one, text, now); err != nil {
				return err
			}
		}
	}
	one.buf = append(one.buf[:0], one.buf[at:]...)
	return nil
}

// frame is the first frame of a buffer; size 0: there is no whole one.
func frame(b []byte) (op byte, text []byte, size int) {
	if len(b) < 2 {
		return 0, nil, 0
	}
	n, head := int(b[1]&0x7f), 2
	switch {
	case n == 126 && len(b) >= 4:
		n, head = int(binary.BigEndian.Uint16(b[2:])), 4
	case n == 127 && len(b) >= 10:
		n, head = int(binary.BigEndian.Uint64(b[2:])), 10
	case n >= 126:
		return 0, nil, 0
	}
	if len(b) < head+n {
		return 0, nil, 0
	}
	return b[0] & 0xf, b[head : head+n], head + n
}

func (c *crowd) take(one *client, text []byte, now time.Time) error {
	if one.follower != nil {
		if _, err := one.follower.Take(text); err != nil {
			return fmt.Errorf("following a document: %w", err)
		}
	}
	said, ok := c.saidAt(text)
	if !ok || c.from.IsZero() || now.Before(c.from) {
		return nil
	}
	one.frames++
	c.counted++
	c.bytes += int64(len(text))
	c.delays = append(c.delays, int32(now.UnixMilli()-said))
	return nil
}

// saidAt is when a delivery was said, in ms; false for other frames.
func (c *crowd) saidAt(text []byte) (int64, bool) {
	if c.kind == "netsu" {
		if !bytes.HasPrefix(text, []byte(`{"t":"delta"`)) {
			return 0, false
		}
		const field = `"as_of":"`
		i := bytes.Index(text, []byte(field))
		if i < 0 {
			return 0, false
		}
		i += len(field)
		at, err := time.Parse("2006-01-02T15:04:05.000Z", string(text[i:i+24]))
		return at.UnixMilli(), err == nil
	}
	i := bytes.Index(text, []byte(`{"at":`))
	if i < 0 {
		return 0, false
	}
	number, _, _ := strings.Cut(string(text[i+6:min(len(text), i+30)]), ",")
	at, err := strconv.ParseInt(number, 10, 64)
	return at, err == nil
}

func (c *crowd) close() {
	for _, one := range c.list {
		unix.Close(one.fd)
	}
	unix.Close(c.epoll)
}

func (c *crowd) quantile(q float64) int32 {
	if len(c.delays) == 0 {
		return 0
	}
	slices.Sort(c.delays)
	return c.delays[min(len(c.delays)-1, int(q*float64(len(c.delays))))]
}
