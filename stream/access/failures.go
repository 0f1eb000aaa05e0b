package access

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What an address may get wrong: a burst, and then one a second. So a token cannot be guessed fast, nor a processor kept busy
// with signatures; who shares an address with such a client waits with it, for a few seconds at a time.
const (
	failuresAtOnce   = 60
	failuresPerS     = 1
	maxFailedRemotes = 4096 // addresses remembered; one more forgets the one that failed longest ago
)

// failures remembers the addresses whose tokens were refused.
type failures struct {
	mu     sync.Mutex
	of     map[string]*list.Element // of *failed
	latest *list.List
}

type failed struct {
	remote string
	left   *rate.Limiter
}

func newFailures() *failures { return &failures{of: map[string]*list.Element{}, latest: list.New()} }

// may tells whether an address may try again.
func (f *failures) may(remote string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.of[remote]
	return e == nil || e.Value.(*failed).left.TokensAt(time.Now()) >= 1
}

func (f *failures) count(remote string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.of[remote]
	if e == nil {
		e = f.latest.PushFront(&failed{remote, rate.NewLimiter(failuresPerS, failuresAtOnce)})
		f.of[remote] = e
		if f.latest.Len() > maxFailedRemotes {
			delete(f.of, f.latest.Remove(f.latest.Back()).(*failed).remote)
		}
	}
	f.latest.MoveToFront(e)
	e.Value.(*failed).left.AllowN(time.Now(), 1)
}

// AddressOf is what one client can be told by: its IPv4 address, or the /64 that an IPv6 one has to itself.
func AddressOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap(); ip.Is6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}
