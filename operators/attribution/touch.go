package attribution

import (
	"github.com/netsu/netsu/stream/event"
)

// Surface is where a touch happened; each has a window of its own.
type Surface uint8

// The surfaces. A coupon or affiliate code is one of its own, wherever it was used.
const (
	Live Surface = iota
	App
	Web
	Messaging
	Email
	Code
	surfaces
)

var surfaceNames = [surfaces]string{"live", "app", "web", "messaging", "email", "code"}

func (s Surface) String() string { return surfaceNames[s] }

// ParseSurface is the inverse of String.
func ParseSurface(name string) (Surface, bool) {
	for s, n := range surfaceNames {
		if n == name {
			return Surface(s), true
		}
	}
	return 0, false
}

// SurfaceOf reads an event's channel; where that is none of the surfaces a code decides, then a show, else it is the
// web.
func SurfaceOf(channel, code, show string) Surface {
	if s, ok := ParseSurface(channel); ok {
		return s
	}
	switch {
	case code != "" || channel == "affiliate" || channel == "coupon":
		return Code
	case show != "":
		return Live
	}
	return Web
}

// Touch is an act of a person that an ESOL may be credited for.
type Touch struct {
	TimeMS  int64
	ID      event.ID // of its event; zero: the order itself, which named an ESOL, a show or a code
	Surface Surface

	Esol           string // "": organic
	Show           string
	ShowEndMS      int64 // when its show ended; 0: not known
	Product, Brand string
}

// before orders touches by time, then by id.
func before(a, b Touch) int {
	switch {
	case a.TimeMS != b.TimeMS:
		return compare(a.TimeMS < b.TimeMS)
	case a.ID == b.ID:
		return 0
	}
	return compare(a.ID.Less(b.ID))
}

func compare(less bool) int {
	if less {
		return -1
	}
	return 1
}

// Windows says, for each surface, how long before an order a touch still counts, in milliseconds.
type Windows [surfaces]int64

const (
	day = 24 * 3600 * 1000

	// MaxWindowMS bounds every window. [JUDG] 30 days, the longest that DOMAIN §3 has for a click on the web.
	MaxWindowMS = 30 * day
	// openShowMS is how long after a touch its show is taken to be on air where nobody says when it ended. [JUDG] 4 h.
	openShowMS = 4 * 3600 * 1000
)

// DefaultWindows are the windows where a contract says nothing. [JUDG] Seven days (MODEL §5, DOMAIN §2: after-live), 30
// on the web and for codes (DOMAIN §3: 30 days web, 7 days app).
func DefaultWindows() Windows {
	return Windows{Live: 7 * day, App: 7 * day, Web: 30 * day, Messaging: 7 * day, Email: 7 * day, Code: 30 * day}
}

// Capped is w with no window longer than mostMS (0: no such cap) or MaxWindowMS.
func (w Windows) Capped(mostMS int64) Windows {
	if mostMS <= 0 || mostMS > MaxWindowMS {
		mostMS = MaxWindowMS
	}
	for s := range w {
		w[s] = min(w[s], mostMS)
	}
	return w
}

// inLive tells whether the order was placed while the touch's show was on air.
func (t *Touch) inLive(orderedMS int64) bool {
	if t.Show == "" {
		return false
	}
	if t.ShowEndMS == 0 {
		return orderedMS-t.TimeMS <= openShowMS
	}
	return orderedMS <= t.ShowEndMS
}
