package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/netsu/netsu/stream/source"
)

// Config says what to play, how fast and where to.
type Config struct {
	// Files are paths of NDJSON, plain, .gz or .zst; "-" is Stdin. They are merged by event time.
	Files []string
	// Seqs are further sources, merged with the files: converters of stream/source, or a simulation.
	Seqs []source.Seq
	// Topic is set where lines are bare events: all of them go to this topic.
	Topic string
	// Format is set where files hold the payloads of a platform: one of source.Formats. Payloads says how to read them;
	// its Name and PassBad are the file's and this Config's.
	Format   string
	Payloads source.Payloads
	// Speed is event seconds per second; 0 means as fast as Out takes them.
	Speed float64
	// Shift moves every time field by this. Whole milliseconds count.
	Shift time.Duration
	// ToNow chooses Shift so that the first event happens when the replay begins.
	ToNow bool
	// PassBad hands bad lines on as they are, to Topic or else to comments, instead of ending with an error.
	PassBad bool
	// Out takes the records one by one. While it blocks, nothing is read; a paced replay that fell behind catches up.
	Out func(context.Context, source.Record) error
	// Progress, if set, is called between records and while waiting, about every ProgressEvery (0 means a second) and
	// once at the end.
	Progress      func(Progress)
	ProgressEvery time.Duration
	// Stdin is read for "-".
	Stdin io.Reader
}

// Progress is how far a replay has come.
type Progress struct {
	Records int64
	Bytes   int64         // of keys and values
	EventMS int64         // greatest event time so far, after shifting; 0: none yet
	Rate    float64       // records a second since the last call
	Behind  time.Duration // how late the replay was at most since the last call, against its own pace
	Done    bool
}

// Run plays everything and says how far it came. It ends early with ctx's error, Out's, or that of a bad line, which
// names file and line.
func Run(ctx context.Context, c Config) (Progress, error) {
	if c.Out == nil {
		return Progress{}, errors.New("replay: nowhere to put the records (Out is nil)")
	}
	if c.Speed < 0 {
		return Progress{}, fmt.Errorf("replay: speed %v is below zero", c.Speed)
	}
	seqs := make([]source.Seq, 0, len(c.Files)+len(c.Seqs))
	for _, name := range c.Files {
		if c.Format != "" {
			seqs = append(seqs, readPayloads(name, c))
			continue
		}
		seqs = append(seqs, Read(name, c))
	}
	seqs = append(seqs, c.Seqs...)
	p := player{Config: c, pace: pace{speed: c.Speed}}
	return p.run(ctx, Merge(seqs...))
}

type player struct {
	Config
	pace    pace
	at      Progress
	shift   int64 // ms
	shifted bool  // shift is decided
	begun   time.Time
	said    time.Time
	saidN   int64
}

func (p *player) run(ctx context.Context, records source.Seq) (Progress, error) {
	p.begun = time.Now()
	p.said = p.begun
	p.shift, p.shifted = p.Shift.Milliseconds(), !p.ToNow
	if p.ProgressEvery <= 0 {
		p.ProgressEvery = time.Second
	}
	for r, err := range records {
		if err == nil {
			err = p.play(ctx, r)
		}
		if err != nil {
			return p.at, fmt.Errorf("replaying: %w", err)
		}
	}
	p.at.Done = true
	p.say(time.Now())
	return p.at, nil
}

// play moves, waits for and hands on one record.
func (p *player) play(ctx context.Context, r source.Record) error {
	if !p.shifted && r.TimeMS != 0 {
		p.shift, p.shifted = p.begun.UnixMilli()-r.TimeMS, true
	}
	if p.shift != 0 {
		r = Shift(r, p.shift)
	}
	if r.TimeMS != 0 {
		p.at.EventMS = max(p.at.EventMS, r.TimeMS)
	}
	if err := p.wait(ctx); err != nil {
		return err
	}
	if err := p.Out(ctx, r); err != nil {
		return err
	}
	p.at.Records++
	p.at.Bytes += int64(len(r.Key) + len(r.Value))
	if now := time.Now(); now.Sub(p.said) >= p.ProgressEvery {
		p.say(now)
	}
	return nil
}

// wait sleeps until the greatest event time so far is due, reporting on the way.
func (p *player) wait(ctx context.Context) error {
	due := p.pace.due(p.at.EventMS)
	for {
		now := time.Now()
		left := due.Sub(now)
		if due.IsZero() {
			return ctx.Err()
		}
		if left <= 0 {
			p.at.Behind = max(p.at.Behind, -left)
			return ctx.Err()
		}
		t := time.NewTimer(min(left, p.said.Add(p.ProgressEvery).Sub(now)))
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case now = <-t.C:
			if now.Sub(p.said) >= p.ProgressEvery {
				p.say(now)
			}
		}
	}
}

func (p *player) say(now time.Time) {
	if d := now.Sub(p.said).Seconds(); d > 0 {
		p.at.Rate = float64(p.at.Records-p.saidN) / d
	}
	p.said, p.saidN = now, p.at.Records
	if p.Progress != nil {
		p.Progress(p.at)
	}
	p.at.Behind = 0
}

// pace maps event time to the wall clock: the first event is due when it is seen, the others as far after it as their
// times are, divided by speed. An event that goes back in time is due at once: it comes as late as it was recorded.
type pace struct {
	speed   float64 // 0: no pace
	firstMS int64
	began   time.Time
}

// due is when event time ms (a running maximum) may go out; zero: at once.
func (p *pace) due(ms int64) time.Time {
	if p.speed == 0 || ms == 0 {
		return time.Time{}
	}
	if p.began.IsZero() {
		p.firstMS, p.began = ms, time.Now()
	}
	return p.began.Add(time.Duration(float64(ms-p.firstMS) / p.speed * float64(time.Millisecond)))
}

// Merge interleaves sources by event time: the one whose next record is the earliest goes on. Within a source the order
// is kept, so what goes back in time follows at once, as it was recorded, and so do records without a time. Ties go to
// the source named first. It holds one record per source.
func Merge(seqs ...source.Seq) source.Seq {
	if len(seqs) == 1 {
		return seqs[0]
	}
	return func(yield func(source.Record, error) bool) {
		heads := make([]head, len(seqs))
		for i, s := range seqs {
			next, stop := iter.Pull2(s)
			defer stop()
			heads[i] = head{next: next}
			heads[i].advance()
		}
		for {
			first := -1
			for i := range heads {
				if heads[i].ok && (first < 0 || heads[i].rec.TimeMS < heads[first].rec.TimeMS) {
					first = i
				}
			}
			if first < 0 {
				return
			}
			h := &heads[first]
			if !yield(h.rec, h.err) || h.err != nil {
				return
			}
			h.advance()
		}
	}
}

type head struct {
	next func() (source.Record, error, bool)
	rec  source.Record
	err  error
	ok   bool
}

func (h *head) advance() {
	h.rec, h.err, h.ok = h.next()
}
