package feed

import (
	"net/http/httptest"
	"slices"
	"testing"
)

// nowhere is a wire that is not written to.
type nowhere struct{}

func (nowhere) waits() bool                  { return true }
func (nowhere) write([]*frame) (bool, error) { return true, nil }
func (nowhere) finish() error                { return nil }
func (nowhere) leave(*goodbye)               {}
func (nowhere) drop()                        {}

// A cursor says that all events before it were sent, also that of a document that changes while others are being written: a
// client that is cut there, and comes back with it, would miss an event that came in between.
func TestNoCursorOvertakesAnEvent(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(moneyMeter("show/S1", 1))
		who, err := r.server.c.Guard.Admit(r.server.who(httptest.NewRequest("GET", "/v1/feed", nil)))
		if err != nil {
			t.Fatal(err)
		}
		c := newConn(nowhere{}, r.server, who, "a", 10)
		c.writing = true // by this test, step by step
		if !r.server.hub.attach(c, &r.server.ending) {
			t.Fatal("not attached")
		}
		if !c.obey([]byte(`{"t":"sub","topic":"show/S1"}`)) {
			t.Fatal("refused")
		}
		var wrote []*frame
		write := func(meanwhile func()) {
			var b batch
			now := r.server.hub.now()
			c.take(&b, now)
			meanwhile()
			c.framesOf(&b, now)
			wrote = append(wrote, b.frames...)
		}
		write(func() {})
		r.apply(moneyMeter("show/S1", 2))
		write(func() {
			r.alert(7, exampleMoment(7))
			r.apply(moneyMeter("show/S1", 3))
		})
		write(func() {})
		var kinds []string
		seen, passed := false, r.server.hub.at.cursor()
		for _, f := range wrote {
			kinds = append(kinds, f.kind)
			seen = seen || f.kind == "event"
			if f.cursor == passed && !seen {
				t.Errorf("the %s says %s before the event that lies there was sent", f.kind, f.cursor)
			}
		}
		if want := []string{"ack", "snap", "delta", "event", "delta"}; !slices.Equal(kinds, want) {
			t.Errorf("frames %v, want %v", kinds, want)
		}
		r.server.hub.detach(c)
		r.server.ending.Done() // the goroutine that this connection does without
	})
}
