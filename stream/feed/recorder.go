package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/state/retain"
	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/feed/tape"
)

// Taping says what is kept of what the feed said of shows, to be rehearsed and exported. The zero value keeps nothing.
type Taping struct {
	Dir      string
	Keep     time.Duration // how long; zero: until bytes run out
	MaxBytes int64         // of all files; zero: any number
}

const (
	tapeEvery    = time.Second      // at most one document of a show in it, as a sub with max_hz 1 would have
	tapeLinger   = time.Minute      // how long after the air a show is still recorded
	tapeFile     = time.Hour        // what one file holds at most
	tapeSweep    = 10 * time.Minute // how often old files are looked for
	maxTapeShows = 1000             // recorded at a time; more are not, and counted
)

// recorder is a client of the feed that subscribes to every show on the air, once a second, and writes what it gets to tape:
// so what is on tape is what a client would have had.
type recorder struct {
	hub   *hub
	c     Taping
	log   *slog.Logger
	shows map[string]*recording // by topic
	swept time.Time
	age   *retain.Clock // of files; nil before the first sweep
}

// everything is whom nothing is kept from: what is on tape is kept from readers when they ask for it.
var everything = &access.Principal{Scopes: []string{"*"}, Fields: access.All}

// recording is the recorder's connection for one show.
type recording struct {
	conn  *conn
	end   context.CancelFunc
	since time.Time
	onAir time.Time // when it was last seen there
}

// record runs the recorder until ctx ends.
func (s *Server) record(ctx context.Context) error {
	if s.c.Tape.Dir == "" {
		<-ctx.Done()
		return nil
	}
	r := &recorder{hub: s.hub, c: s.c.Tape, log: s.c.Logger, shows: map[string]*recording{}}
	ticker := time.NewTicker(tapeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			for topic, one := range r.shows {
				r.stop(topic, one)
			}
			return nil
		case now := <-ticker.C:
			r.look(s, now)
		}
	}
}

// look begins and ends recordings.
func (r *recorder) look(s *Server, now time.Time) {
	left, why := 0, error(nil)
	for _, topic := range r.hub.onAir() {
		if one := r.shows[topic]; one != nil {
			one.onAir = now
		} else if err := r.start(s, topic, now); err != nil {
			left, why = left+1, err
		}
	}
	s.metrics.untaped.Set(float64(left))
	if why != nil {
		why = fmt.Errorf("%d shows on the air are not recorded, and their tapes have a gap until they are: %w", left, why)
	}
	s.c.TapeTrouble(why)
	for topic, one := range r.shows {
		ended := false
		select {
		case <-one.conn.wrote: // a disk that is full, a client that was too slow: begin anew
			ended = true
		default:
		}
		if ended || now.Sub(one.onAir) > tapeLinger || now.Sub(one.since) > tapeFile {
			r.stop(topic, one)
		}
	}
	if now.Sub(r.swept) >= tapeSweep {
		r.swept = now
		r.sweep(s)
	}
}

func (r *recorder) sweep(s *Server) {
	kept, err := r.old()
	if err != nil {
		r.log.Warn("sweeping tapes; it is tried again", "err", err)
		return
	}
	s.metrics.tapeBytes.Set(float64(kept.Bytes))
}

// old takes away files that are too old or too many.
func (r *recorder) old() (tape.Kept, error) {
	if r.age == nil {
		kept, err := tape.Sweep(r.c.Dir, 0, 0) // takes nothing
		if err != nil {
			return kept, err
		}
		r.age = retain.New(nil, kept.Latest)
	}
	before := int64(0)
	if r.c.Keep > 0 {
		before = r.age.Now().Add(-r.c.Keep).UnixMilli()
	}
	return tape.Sweep(r.c.Dir, before, r.c.MaxBytes)
}

// start begins a show's file.
func (r *recorder) start(s *Server, topic string, now time.Time) error {
	if len(r.shows) >= maxTapeShows {
		return fmt.Errorf("%d are, which is the most", maxTapeShows)
	}
	w, err := tape.Create(r.c.Dir, topic, now.UnixMilli())
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(context.Background())
	c := newConn(&reel{w: w, end: end}, s, &access.Session{Principal: everything}, name(), 1)
	c.own = true
	if !r.hub.attach(c, &s.ending) { // closed since
		end()
		_ = w.Close() // nothing was written to it
		return nil
	}
	r.shows[topic] = &recording{conn: c, end: end, since: now, onAir: now}
	c.follow(ctx, []*request{{kind: "sub", topic: topic, every: tapeEvery}})
	s.ending.Add(1)
	go func() {
		defer s.ending.Done()
		<-c.wrote
		if err := w.Close(); err != nil && !errors.Is(err, disk.ErrNoRoom) { // of that the next start speaks, for all shows
			r.log.Warn("a recording ended early", "topic", topic, "err", err)
		}
		end()
	}()
	go func() {
		defer s.ending.Done()
		<-ctx.Done()
		c.fail(closeGone)
		r.hub.detach(c)
		close(c.done)
	}()
	return nil
}

func (r *recorder) stop(topic string, one *recording) {
	one.end()
	delete(r.shows, topic)
}

// onAir are the topics of the shows that are on the air.
func (h *hub) onAir() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var topics []string
	for name, s := range h.meters.scopes {
		if s.kind == event.ScopeShow && s.room.OnAir() {
			topics = append(topics, name)
		}
	}
	return topics
}

// reel is a wire to a tape.
type reel struct {
	w   *tape.Writer
	end context.CancelFunc
}

// onTape are the kinds of frames that are kept: what a rehearsal is to say again.
var onTape = map[string]bool{"ack": true, "snap": true, "delta": true, "event": true, "restate": true}

func (r *reel) waits() bool { return true }

func (r *reel) finish() error { return nil }

func (r *reel) write(frames []*frame) (bool, error) {
	for _, f := range frames {
		if !onTape[f.kind] {
			continue
		}
		if err := r.w.Write(time.Now().UnixMilli(), f.body); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (r *reel) leave(*goodbye) {}

func (r *reel) drop() { r.end() }
