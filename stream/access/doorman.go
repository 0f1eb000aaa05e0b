package access

import (
	"net"
	"net/http"
	"sync"
)

// Doorman bounds the connections that are not yet, or not any more, those of somebody known: all that speak HTTP. A websocket
// leaves its count when it is one, and is then bounded by its principal's limits. Who holds many connections open and sends
// them slowly finds the next ones closed, and takes no place of others.
type Doorman struct {
	PerAddress, Total int // zero: 512, and 16,384

	mu  sync.Mutex
	all map[net.Conn]string
	of  map[string]int
}

// Watch is for http.Server.ConnState.
func (d *Doorman) Watch(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if !d.enter(c) {
			c.Close() // its first read fails, which is its end
		}
	case http.StateHijacked, http.StateClosed:
		d.leave(c)
	}
}

func (d *Doorman) enter(c net.Conn) bool {
	per, total := d.PerAddress, d.Total
	if per == 0 {
		per = 512
	}
	if total == 0 {
		total = 16_384
	}
	from := AddressOf(c.RemoteAddr().String())
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.all) >= total || d.of[from] >= per {
		return false
	}
	if d.all == nil {
		d.all, d.of = map[net.Conn]string{}, map[string]int{}
	}
	d.all[c] = from
	d.of[from]++
	return true
}

func (d *Doorman) leave(c net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	from, in := d.all[c]
	if !in {
		return
	}
	delete(d.all, c)
	if d.of[from]--; d.of[from] == 0 {
		delete(d.of, from)
	}
}
