package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/relay"
)

// bridge is one Run. All of its state belongs to the loop; the poll, the probe and the client's callbacks talk to it
// through channels.
type bridge struct {
	Config
	consumer *kgo.Client
	out      *producer
	metrics  *metrics
	schemas  *schemas

	lanes map[place]*lane
	order []*lane // in a fixed order, which decides between equal times
	open  *span
	done  *span // closed, not yet committed; nil: none

	fetches    chan kgo.Fetches
	rebalances *relay.Rebalances
	ends       chan map[place]int64
	probeNow   chan struct{}
	ended      chan struct{} // nobody answers any more
}

func newBridge(c Config) *bridge {
	b := &bridge{
		Config: c, metrics: newMetrics(c.Inputs), lanes: map[place]*lane{}, open: &span{},
		fetches: make(chan kgo.Fetches), ends: make(chan map[place]int64),
		probeNow: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	b.rebalances = relay.NewRebalances(b.ended)
	return b
}

func (b *bridge) run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.schemas = newSchemas(background, nil, b.metrics, b.Trouble)
	if NeedsRegistry(b.Inputs) {
		var err error
		if b.schemas.client, err = b.Registry.client(); err != nil {
			stop()
			return err
		}
	}
	var group sync.WaitGroup
	group.Go(func() { b.poll(background) })
	group.Go(func() { b.probe(background) })
	err := b.loop(ctx)
	if err == nil {
		if err = b.handOver(); err != nil {
			err = fmt.Errorf("finishing: %w", err)
		}
	}
	close(b.ended)
	stop()
	group.Wait()
	b.schemas.close()
	return err
}

// loop is Run's one thread: take while there is anything to take, else wait for what comes first.
func (b *bridge) loop(ctx context.Context) error {
	commits := time.NewTicker(commitEvery)
	defer commits.Stop()
	idle := time.NewTimer(time.Hour)
	defer idle.Stop()
	for {
		wait := b.work(time.Now())
		if err := b.out.Err(); err != nil {
			return err
		}
		idle.Reset(wait)
		select {
		case <-ctx.Done():
			return nil
		case f := <-b.fetches:
			if err := b.fetched(f); err != nil {
				return err
			}
		case r := <-b.rebalances.C:
			b.rebalance(r)
			r.Done()
		case ends := <-b.ends:
			b.probed(ends)
		case a := <-b.schemas.answers:
			b.schemas.answered(a, time.Now())
			for _, l := range b.order {
				l.again = time.Time{}
			}
		case <-commits.C:
			b.commit()
		case <-b.out.Wake:
		case <-idle.C:
		}
	}
}

// poll hands fetches to the loop, one at a time. A rebalance can happen only between the loop's taking one and the next
// poll: otherwise records of a partition that was given up and came back could be taken after a gap.
func (b *bridge) poll(ctx context.Context) {
	for ctx.Err() == nil {
		f := b.consumer.PollRecords(ctx, maxLaneRecords/2)
		if f.IsClientClosed() {
			return
		}
		select {
		case b.fetches <- f:
		case <-b.ended:
		}
		b.consumer.AllowRebalance()
	}
}

// probe asks once a second, and at each assignment, how far the topics reach.
func (b *bridge) probe(ctx context.Context) {
	adm := kadm.NewClient(b.out.letters)
	var topics []string
	for _, in := range b.Inputs {
		topics = append(topics, in.Topic)
	}
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		listed, err := adm.ListCommittedOffsets(ctx, topics...)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			b.Logger.Warn("bridge: how far its topics reach is not known", "err", err)
		default:
			ends := map[place]int64{}
			listed.Each(func(o kadm.ListedOffset) {
				if o.Err == nil {
					ends[place{o.Topic, o.Partition}] = o.Offset
				}
			})
			select {
			case b.ends <- ends:
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-ticker.C:
		case <-b.probeNow:
		case <-ctx.Done():
			return
		}
	}
}

func (b *bridge) probed(ends map[place]int64) {
	lag, waiting := int64(0), int64(0)
	for _, l := range b.order {
		if end, ok := ends[l.place]; ok {
			l.end = max(l.end, end)
		}
		if l.next != unknown {
			lag += max(0, l.end-l.next)
		}
		if l.waits() {
			waiting++
		}
	}
	b.metrics.lag.Store(lag)
	b.metrics.waiting.Store(waiting)
}

// workBudget is how many records are taken before the loop looks at its channels again.
const workBudget = 1000

// work takes records in the order of their events' times. It returns how long to wait if nothing happens.
func (b *bridge) work(now time.Time) time.Duration {
	soon := time.Hour
	for range workBudget {
		if b.out.Full() {
			return soon
		}
		for _, l := range b.order {
			soon = min(soon, b.decode(l, now))
		}
		l, wait := pick(b.order, b.Align, now)
		if l == nil {
			soon = min(soon, b.resume(now))
			if wait > 0 {
				soon = min(soon, wait)
			}
			return soon
		}
		b.take(l)
	}
	b.resume(now)
	return 0
}

// decode reads the head of a lane that has none. It returns how long until that is worth trying again.
func (b *bridge) decode(l *lane, now time.Time) time.Duration {
	if l.head != nil || len(l.records) == 0 {
		return time.Hour
	}
	if now.Before(l.again) {
		return l.again.Sub(now)
	}
	out, ok, wait := b.read(l.in, l.records[0], now)
	if ok {
		l.head = &out
		return time.Hour
	}
	if wait > 0 {
		l.again = now.Add(wait)
		return wait
	}
	l.again = now.Add(time.Hour) // an answer comes before, and takes this back
	return time.Hour
}

// take writes what the head of a lane amounts to.
func (b *bridge) take(l *lane) {
	r, out := l.take()
	if r.Attrs.IsControl() {
		return // the end of a transaction
	}
	b.metrics.records.WithLabelValues(l.topic).Inc()
	if out.refused != nil {
		b.metrics.buried(l.topic, out.refused.Reason)
		b.out.Produce(b.out.letters, letter(b.Topics, r, out.refused), &b.open.pending)
		return
	}
	for _, e := range out.events {
		b.out.Produce(b.out.raw, &kgo.Record{Topic: b.out.names[e.Topic], Key: e.Key, Value: e.Value}, &b.open.pending)
	}
	b.metrics.events.WithLabelValues(l.topic).Add(float64(len(out.events)))
}

// fetched buffers what a poll brought, pauses lanes that have enough, and asks for schemas that will be needed.
func (b *bridge) fetched(f kgo.Fetches) error {
	for _, e := range f.Errors() {
		if err := b.fetchError(e); err != nil {
			return err
		}
	}
	pause := map[string][]int32{}
	now := time.Now()
	f.EachPartition(func(p kgo.FetchTopicPartition) {
		l := b.lanes[place{p.Topic, p.Partition}]
		if l == nil {
			return // given up meanwhile
		}
		if broker.Lasting(p.Err) {
			// The client asks again at once, and would be told the same.
			l.barred = now.Add(broker.BarredFor)
			l.paused = true
			pause[p.Topic] = append(pause[p.Topic], p.Partition)
			return
		}
		b.mended(l)
		l.push(p.Records)
		if !l.in.Plain {
			b.schemas.expect(p.Records, now)
		}
		if !l.paused && l.overfull() {
			l.paused = true
			pause[p.Topic] = append(pause[p.Topic], p.Partition)
		}
	})
	if len(pause) > 0 {
		b.consumer.PauseFetchPartitions(pause)
	}
	return nil
}

// fetchError decides whether reading can go on: the client retries what is passing, and says what it skipped.
func (b *bridge) fetchError(e kgo.FetchError) error {
	var group *kgo.ErrGroupSession
	var loss *kgo.ErrDataLoss
	switch {
	case errors.Is(e.Err, context.Canceled), errors.Is(e.Err, context.DeadlineExceeded):
	case broker.Lasting(e.Err):
		if b.lanes[place{e.Topic, e.Partition}] != nil {
			err := b.Cluster.Denied(e.Err, broker.Use{Operation: "Read", Topic: e.Topic})
			b.Trouble(place{e.Topic, e.Partition}.String(), fmt.Errorf("reading %s: %w", e.Topic, err))
		}
	case errors.As(e.Err, &group):
		b.Trouble("group", b.Cluster.Denied(e.Err, broker.Use{Group: Group(b.Topics)}))
	case errors.As(e.Err, &loss):
		b.Logger.Warn("bridge: reading a topic", "topic", e.Topic, "partition", e.Partition, "err", e.Err)
	case kerr.IsRetriable(e.Err):
	default:
		return fmt.Errorf("reading %s/%d: %w", e.Topic, e.Partition, e.Err)
	}
	return nil
}

// mended takes note that a lane can be read again.
func (b *bridge) mended(l *lane) {
	if !l.barred.IsZero() {
		l.barred = time.Time{}
		b.Trouble(l.place.String(), nil)
	}
}

// resume lets paused lanes that have drained be fetched again, and tells how long until one that is barred may be.
func (b *bridge) resume(now time.Time) (soon time.Duration) {
	soon = time.Hour
	for _, l := range b.order {
		if l.paused && l.drained() && !now.Before(l.barred) {
			l.paused = false
			b.consumer.ResumeFetchPartitions(map[string][]int32{l.topic: {l.partition}})
		}
		switch {
		case l.barred.IsZero():
		case now.Before(l.barred):
			soon = min(soon, l.barred.Sub(now))
		case now.Sub(l.barred) >= broker.MendedAfter:
			b.mended(l)
		default:
			soon = min(soon, broker.MendedAfter-now.Sub(l.barred))
		}
	}
	return soon
}

// rebalance takes lanes up or gives them up. What was taken from a revoked lane is written and committed first, so that its
// next owner begins behind it; what was only buffered is the next owner's.
func (b *bridge) rebalance(r relay.Rebalance) {
	if r.Change == relay.Revoked {
		if err := b.handOver(); err != nil {
			// Not fatal: the next owner writes a little again, under the same ids.
			b.Logger.Warn("bridge: giving partitions up", "err", err)
		}
	}
	for topic, partitions := range r.Partitions {
		for _, p := range partitions {
			at := place{topic, p}
			if l := b.lanes[at]; l != nil {
				b.mended(l) // its next owner's trouble, if it lasts
			}
			delete(b.lanes, at)
			if b.done != nil {
				delete(b.done.at[topic], p) // its next owner may have committed more
			}
			if r.Change == relay.Assigned {
				b.lanes[at] = newLane(at, b.input(topic))
			}
		}
	}
	if r.Change == relay.Assigned {
		b.Trouble("group", nil)
		b.consumer.ResumeFetchPartitions(r.Partitions) // a pause outlives a revocation in the client
	}
	b.order = b.order[:0]
	for _, l := range b.lanes {
		b.order = append(b.order, l)
	}
	slices.SortFunc(b.order, func(x, y *lane) int {
		return cmp.Or(cmp.Compare(x.topic, y.topic), cmp.Compare(x.partition, y.partition))
	})
	if !slices.ContainsFunc(b.order, (*lane).waits) {
		b.schemas.unasked(time.Now())
	}
	select {
	case b.probeNow <- struct{}{}:
	default:
	}
}

func (b *bridge) input(topic string) *Input {
	for i := range b.Inputs {
		if b.Inputs[i].Topic == topic {
			return &b.Inputs[i]
		}
	}
	panic("cannot happen: a partition of a topic that was not asked for")
}
