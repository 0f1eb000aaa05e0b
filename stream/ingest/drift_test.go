package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/broker/brokertest"
)

// backlog is what a raw partition is given: events of one show at even steps, and a pause amid them.
type backlog struct {
	begin, step, pause time.Duration
	count              int
}

func drawBacklog(t *rapid.T) backlog {
	return backlog{
		begin: rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, 5 * time.Minute}).Draw(t, "begin"),
		step:  rapid.SampledFrom([]time.Duration{0, 100 * time.Millisecond, time.Second, 7 * time.Second}).Draw(t, "step"),
		pause: rapid.SampledFrom([]time.Duration{0, 15 * time.Second, time.Minute, time.Hour}).Draw(t, "pause"),
		count: rapid.SampledFrom([]int{0, 1, 10, 100, 300}).Draw(t, "count"),
	}
}

// happening is an event before it is written.
type happening struct {
	at        time.Duration
	partition int32
	n         int
}

func (b backlog) happenings(partition int32) (out []happening) {
	at := b.begin
	for n := range b.count {
		if n == b.count/2 {
			at += b.pause
		}
		out = append(out, happening{at, partition, n})
		at += b.step
	}
	return out
}

// visit is one member: when it comes, when it goes (zero: at the end), whether it is dead for a while before the group knows, and
// how long it takes for 20 records.
type visit struct {
	from, to time.Duration
	dies     bool
	pass     time.Duration
}

func drawVisits(t *rapid.T) []visit {
	pass := rapid.SampledFrom([]time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond})
	visits := []visit{{pass: pass.Draw(t, "pass of who stays")}}
	for range rapid.IntRange(1, 2).Draw(t, "others") {
		v := visit{from: time.Duration(rapid.IntRange(0, 50).Draw(t, "from")) * 100 * time.Millisecond, pass: pass.Draw(t, "pass")}
		if rapid.Bool().Draw(t, "goes") {
			v.to = v.from + time.Duration(rapid.IntRange(1, 100).Draw(t, "after"))*100*time.Millisecond
			v.dies = rapid.Bool().Draw(t, "dies")
		}
		visits = append(visits, v)
	}
	return visits
}

// attend runs a member for its visit. One that dies does nothing for as long as a session lasts, then has not committed.
func (v visit) attend(r *rig, end <-chan struct{}) error {
	time.Sleep(v.from)
	c, dead := r.config, make(chan struct{})
	c.hooks.budget = 20
	c.hooks.everyPass = func() error {
		select {
		case <-dead:
			time.Sleep(defaultSession)
			return errDead
		default:
			time.Sleep(v.pass)
			return nil
		}
	}
	stop := r.start(c)
	if v.to == 0 {
		<-end
		return stop()
	}
	time.Sleep(v.to - v.from)
	if !v.dies {
		return stop()
	}
	close(dead)
	time.Sleep(defaultSession + time.Second)
	if err := stop(); !errors.Is(err, errDead) {
		return fmt.Errorf("dead, but: %w", err)
	}
	return nil
}

// uncommitted tells that a member could not commit at its end, as the group waited for a dead one: the next reads that again.
func uncommitted(err error) bool {
	var refused *kerr.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &refused)
}

// epoch is when a bubble's clock begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

var errDead = errors.New("dead")

// TestMembersCatchUpAbreast has several members, who come, go and die, catch up with whatever lies in their partitions or is
// written meanwhile, faster than it happened: all of it gets into the log, soon, and nothing so late that a fold would say so.
func TestMembersCatchUpAbreast(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		backlogs := rapid.SliceOfN(rapid.Custom(drawBacklog), 4, 4).Draw(rt, "backlogs")
		visits := drawVisits(rt)
		lies := rapid.SampledFrom([]float64{0, .3, 1}).Draw(rt, "lies there at the beginning")
		var failed string
		synctest.Test(t, func(t *testing.T) { failed = catchUp(t, backlogs, visits, lies) })
		if failed != "" {
			rt.Fatal(failed)
		}
	})
}

// write puts what happens into the raw partitions, as of a day ago.
func write(r *rig, from time.Time, hs []happening) {
	var records []*kgo.Record
	for _, h := range hs {
		records = append(records, &kgo.Record{Topic: r.config.Topics.Comments, Partition: h.partition,
			Value: fmt.Appendf(nil, `{"event_id":"%d-%d","time":%d,"show_id":"S","text":"x"}`, h.partition, h.n, from.Add(h.at).UnixMilli())})
	}
	if err := r.client.ProduceSync(r.t.Context(), records...).FirstErr(); err != nil {
		r.t.Fatal(err)
	}
}

// play writes it at five times the speed at which it happened.
func play(r *rig, from time.Time, hs []happening) {
	for next := 0; next < len(hs); {
		first, upTo := next, hs[next].at+5*50*time.Millisecond
		for next < len(hs) && hs[next].at <= upTo {
			next++
		}
		write(r, from, hs[first:next])
		if next < len(hs) {
			time.Sleep(50*time.Millisecond + (hs[next].at-upTo)/5)
		}
	}
}

func catchUp(t *testing.T, backlogs []backlog, visits []visit, lies float64) string {
	r := newRig(t, brokertest.Bubble(t), 4)
	var all []happening
	for p, b := range backlogs {
		if lies < 1 {
			b.pause = min(b.pause, time.Minute) // who plays it has to wait
		}
		all = append(all, b.happenings(int32(p))...)
	}
	slices.SortStableFunc(all, func(a, b happening) int { return cmp.Compare(a.at, b.at) })
	from, lie := time.Now().Add(-24*time.Hour), int(lies*float64(len(all)))
	write(r, from, all[:lie])
	end, ended := make(chan struct{}), make(chan error, len(visits))
	for _, v := range visits {
		go func() { ended <- v.attend(r, end) }()
	}
	play(r, from, all[lie:])
	began := time.Now()
	enough := 2 * time.Minute
	if n := len(all); n > 0 {
		enough += all[n-1].at / 20 // what a survey a second would let through
	}
	for len(r.events(r.config.Topics.Journal, true)) < len(all) && time.Since(began) < enough {
		time.Sleep(5 * time.Second)
	}
	took := time.Since(began)
	close(end)
	for range visits {
		if err := <-ended; err != nil && !uncommitted(err) {
			t.Fatal(err)
		}
	}
	got := r.events(r.config.Topics.Journal, true)
	var latest, late, before seen // late comes furthest behind what was the latest before it
	var worst int64
	for _, e := range got {
		if latest.Event == nil || e.TimeMs > latest.TimeMs {
			latest = e
		}
		if behind := latest.TimeMs - e.TimeMs; behind > worst {
			worst, late, before = behind, e, latest
		}
	}
	allowed := maxDrift
	if lies < 1 {
		allowed = 34 * time.Second // more by what is written between surveys; 35 s are late
	}
	switch {
	case len(got) != len(all):
		return fmt.Sprintf("%d events of %d, %v after the last was written", len(got), len(all), took)
	case worst > allowed.Milliseconds():
		return fmt.Sprintf("an event comes %d ms behind a later one: %s, written at %v, after %s, written at %v", worst,
			late.from, late.record.Timestamp.Sub(epoch), before.from, before.record.Timestamp.Sub(epoch))
	}
	return ""
}
