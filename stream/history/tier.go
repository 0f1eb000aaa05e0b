package history

import (
	"time"

	"github.com/netsu/netsu/stream/event"
)

// tier is one resolution: rows of so many seconds, in blocks that span a fixed window.
type tier struct {
	name    string
	seconds int64 // of a row
	window  int64 // seconds of a block: at most 360 rows, but for revisions
}

const tierCount = 4

var tiers = [tierCount]tier{
	{"1s", 1, 300},
	{"10s", 10, 3600},
	{"1m", 60, 6 * 3600},
	{"5m", 300, 24 * 3600},
}

// bucket is the start of the row that t lies in; block the number of the window.
func (t tier) bucket(at int64) int64 { return event.FloorDiv(at, t.seconds) * t.seconds }
func (t tier) block(at int64) int64  { return event.FloorDiv(at, t.window) }

// Keep is how long rows of each tier are kept after their time; zero: the tier is not kept.
type Keep [tierCount]time.Duration

// DefaultKeep is six hours of seconds, a week of ten seconds, 400 days of minutes, five years of five minutes.
var DefaultKeep = Keep{6 * time.Hour, 7 * 24 * time.Hour, 400 * 24 * time.Hour, 5 * 365 * 24 * time.Hour}

// longest is that of the tier that is kept longest.
func (k Keep) longest() time.Duration { return max(k[0], k[1], k[2], k[3]) }
