package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed/livemeter"
	"github.com/netsu/netsu/stream/source"
)

const (
	probeShow  = "bench-probe"
	probeEvery = 20 * time.Millisecond // fifty delays a second: what the slowest hundredth is takes thousands
	warmUp     = 3 * time.Second       // of the probe, not counted
	maxRate    = 40_000                // events a second: what is generated before must fit in memory
)

// probe is the comments of one show and the frames that count them.
type probe struct {
	mu     sync.Mutex
	sent   []time.Time // of comment k, from 1
	seen   int         // comments that some frame has counted
	delays []time.Duration
	frames int
	first  time.Time // of the frames counted
	last   time.Time
}

// measureLatency has a running program under a load of rate events a second, and looks for how long a comment takes
// from the call that produces it to the websocket frame that counts it.
func measureLatency(ctx context.Context, c Config, cluster *broker.Cluster, topics broker.Topics, url string,
	rate float64, ready func()) (*Latency, error) {
	length := warmUp + time.Duration(c.LatencySeconds)*time.Second
	load, err := newLoad(ctx, c, rate, length)
	if err != nil {
		return nil, err
	}
	ws, err := subscribe(ctx, url)
	if err != nil {
		return nil, err
	}
	defer ws.Close()
	if err := sleepUntil(ctx, load.start); err != nil {
		return nil, err
	}
	ready()
	p := &probe{}
	ctx, stop := context.WithTimeout(ctx, length)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return load.play(ctx, cluster, topics) })
	group.Go(func() error { return p.speak(ctx, cluster, topics) })
	group.Go(func() error { return p.listen(ws) })
	group.Go(func() error {
		<-ctx.Done()
		time.Sleep(time.Second) // for the last frames
		return ws.Close()
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return p.summary(float64(load.sent) / length.Seconds())
}

// load is shows that are on the air now.
type load struct {
	start   time.Time
	records []source.Record
	sent    int
}

// newLoad generates all beforehand, so that doing it takes nothing from what is measured.
func newLoad(ctx context.Context, c Config, rate float64, length time.Duration) (*load, error) {
	speed := rate / float64(naturalRate*c.Shows)
	n := int64(rate * length.Seconds())
	began := time.Now()
	// A trial tells how fast these shows really are in their first seconds, and how long making them takes.
	trial, err := generate(ctx, shows(c.Seed, c.Shows, began, speed), n)
	if err != nil {
		return nil, err
	}
	span := time.Duration(trial[n-1].ArriveMS-began.UnixMilli()) * time.Millisecond
	speed *= span.Seconds() / length.Seconds()
	trial = nil
	start := time.Now().Add(2*time.Since(began) + time.Second)
	records, err := generate(ctx, shows(c.Seed, c.Shows, start, speed), n*5/4)
	return &load{start: start, records: records}, err
}

// play writes each record when it arrives.
func (l *load) play(ctx context.Context, cluster *broker.Cluster, topics broker.Topics) error {
	out, err := newProducer(cluster, topics, 5*time.Millisecond)
	if err != nil {
		return err
	}
	for _, r := range l.records {
		if at := time.UnixMilli(r.ArriveMS); time.Until(at) > 2*time.Millisecond && sleepUntil(ctx, at) != nil {
			break
		}
		out.write(context.WithoutCancel(ctx), r)
		l.sent++
		if l.sent%1000 == 0 && ctx.Err() != nil {
			break
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return out.close(last)
}

func sleepUntil(ctx context.Context, t time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(t)):
		return nil
	}
}

// speak says something in the probe's show every probeEvery.
func (p *probe) speak(ctx context.Context, cluster *broker.Cluster, topics broker.Topics) error {
	out, err := newProducer(cluster, topics, 0)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for k := 1; ; k++ {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			return out.close(last)
		case <-ticker.C:
		}
		now := time.Now()
		value := fmt.Sprintf(`{"event_id":"probe-%d","time":%d,"show_id":%q,"platform":"bench","person_id":"p%d","text":"probe %d"}`,
			k, now.UnixMilli(), probeShow, k, k)
		p.mu.Lock()
		p.sent = append(p.sent, now)
		p.mu.Unlock()
		out.write(context.WithoutCancel(ctx), source.Record{Topic: source.Comments, Key: []byte(probeShow), Value: []byte(value)})
	}
}

func subscribe(ctx context.Context, url string) (*websocket.Conn, error) {
	ws, _, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(url, "http")+"v1/feed", nil)
	if err != nil {
		return nil, fmt.Errorf("opening the feed: %w", err)
	}
	sub := fmt.Sprintf(`{"t":"sub","id":1,"topic":"show/%s","fields":["room.provisional.totals"]}`, probeShow)
	if err := ws.WriteMessage(websocket.TextMessage, []byte(sub)); err != nil {
		return nil, errors.Join(fmt.Errorf("subscribing: %w", err), ws.Close())
	}
	return ws, nil
}

// listen reads frames until the connection is closed.
func (p *probe) listen(ws *websocket.Conn) error {
	var f livemeter.Follower
	for {
		_, b, err := ws.ReadMessage()
		if err != nil {
			return nil // closed, by us: or summary says what was not seen
		}
		at := time.Now()
		n, ok, err := commentsIn(&f, b)
		if err != nil {
			return err
		}
		if ok {
			p.counted(n, at)
		}
	}
}

// counted notes a frame that counts n comments.
func (p *probe) counted(n int, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ; p.seen < min(n, len(p.sent)); p.seen++ {
		if sent := p.sent[p.seen]; sent.Sub(p.sent[0]) >= warmUp {
			p.delays = append(p.delays, at.Sub(sent))
		}
	}
	if len(p.delays) > 0 {
		if p.frames++; p.first.IsZero() {
			p.first = at
		}
		p.last = at
	}
}

// commentsIn follows a frame, and reads how many comments it counts provisionally; ok is false for frames that are about
// something else.
func commentsIn(follower *livemeter.Follower, frame []byte) (n int, ok bool, err error) {
	f, err := follower.Take(frame)
	switch {
	case err != nil:
		return 0, false, err
	case f.T == "err" || f.T == "bye":
		return 0, false, fmt.Errorf("the feed refused: %s", f.Message)
	case f.T != "snap" && f.T != "delta":
		return 0, false, nil
	}
	held := follower.Sub(f.Sub)
	if held == nil {
		return 0, false, nil
	}
	room, _ := held.Doc["room"].(map[string]any)
	view, _ := room["provisional"].(map[string]any)
	if view == nil {
		return 0, false, nil
	}
	totals, _ := view["totals"].([]any)
	for _, t := range totals {
		if t, _ := t.(map[string]any); t["kind"] == "comment" {
			events, _ := t["events"].(float64)
			return int(events), true, nil
		}
	}
	return 0, true, nil
}

// Latency is from the call that produces a comment to the websocket frame that counts it.
type Latency struct {
	Rate     float64       `json:"load_events_per_second"` // beside the probe
	Comments int           `json:"comments"`
	Unseen   int           `json:"unseen"` // comments that no frame counted until a second after the end
	P50      time.Duration `json:"p50_ns"`
	P99      time.Duration `json:"p99_ns"`
	P999     time.Duration `json:"p999_ns"`
	Max      time.Duration `json:"max_ns"`
	Frames   float64       `json:"frames_per_second"`
	CPU      float64       `json:"cpu_cores"` // of the program, while it lasted
	PeakRSS  int64         `json:"peak_rss_bytes"`
	Broker   float64       `json:"broker_cpu_cores"`
}

func (p *probe) summary(rate float64) (*Latency, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.delays) == 0 {
		return nil, fmt.Errorf("no frame counted any of %d comments", len(p.sent))
	}
	slices.Sort(p.delays)
	l := &Latency{Rate: rate, Comments: len(p.delays), Unseen: len(p.sent) - p.seen,
		P50: quantile(p.delays, .5), P99: quantile(p.delays, .99), P999: quantile(p.delays, .999),
		Max: p.delays[len(p.delays)-1]}
	if d := p.last.Sub(p.first).Seconds(); d > 0 {
		l.Frames = float64(p.frames-1) / d
	}
	return l, nil
}

// quantile is the least value that a share q of all does not exceed.
func quantile(sorted []time.Duration, q float64) time.Duration {
	i := int(q*float64(len(sorted))+.999999) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}
