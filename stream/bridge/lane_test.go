package bridge

import (
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A partition waits, to those who are alerted by it, while a schema of it cannot be had, and neither when it is behind for
// another reason nor when the registry has answered.
func TestALaneWaitsOnlyForASchema(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBridge(Config{Logger: slog.New(slog.DiscardHandler)})
		registry := says(503, "busy")
		b.schemas = asking(t, func(r *http.Request) (*http.Response, error) { return registry(r) })
		l := newLane(place{"shop.orders", 0}, &Input{Topic: "shop.orders"})
		b.order = []*lane{l}
		waiting := func(when string, want int64) {
			t.Helper()
			if b.probed(nil); b.metrics.waiting.Load() != want {
				t.Errorf("%s, %d partitions wait, want %d", when, b.metrics.waiting.Load(), want)
			}
		}
		answered := func() { // as the loop does
			b.schemas.answered(<-b.schemas.answers, time.Now())
			l.again = time.Time{}
			b.decode(l, time.Now())
		}
		waiting("with nothing to read", 0)
		l.push([]*kgo.Record{{Value: []byte{0, 0, 0, 0, 7, 1}}, {Value: []byte("no schema")}})
		waiting("as long as nobody has looked", 0)
		b.decode(l, time.Now())
		waiting("while the registry is asked", 1)
		answered()
		waiting("while the registry is away", 1)
		registry = says(200, `{"schema": "no schema"}`)
		time.Sleep(askAgainFirst)
		b.decode(l, time.Now())
		answered()
		waiting("once the answer is there", 0)
		l.take()
		waiting("behind what was taken", 0)
	})
}
