package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// How the embedded broker's disk stays bounded. kfake's own cleaner is not used: it forgets to run after a restart,
// takes no heed of open transactions, and a process killed while it rewrites a partition has lost that partition.
//
//	what                          when                                    how
//	retention.ms, retention.bytes every tick                              kfake's ApplyRetention
//	records all readers committed beyond an eighth of retention.bytes     DeleteRecords, up to the slowest reader
//	compaction                    compacted topics have doubled (+16 MiB) kfake's Compact, see compact
//
// A topic without readers that commit is bounded by its retention alone. Everything runs in the broker's one goroutine
// and holds up all clients meanwhile; hence compaction by growth, which costs a constant share of what is written. On
// two busy cores, compaction took 5 µs a record (0.2 s for 40 000, 0.9 s for 200 000), protecting its files 1 to 20
// ms, and retention 0.1 ms. Hard links are needed: on a file system without them compaction is given up, with a
// warning.
type tidier struct {
	fake   *kfake.Cluster
	dir    string // "" in memory: nothing to protect from a crash
	log    *slog.Logger
	growth int64 // bytes
	cancel context.CancelFunc
	done   sync.WaitGroup
	client *kgo.Client

	mu      sync.Mutex // held while compacting, so that close waits for it
	closed  bool
	waiting bool  // compact is to run with the next request
	compact int64 // bytes of compacted topics after the last compaction
}

const (
	defaultTidyEvery = 10 * time.Second
	compactionGrowth = 16 << 20
	committedShare   = 8 // of retention.bytes
)

func startTidier(e *Embedded, s EmbeddedSettings) (*tidier, error) {
	client, err := e.cluster.Client()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	t := &tidier{fake: e.fake, dir: s.Dir, log: s.Logger, growth: compactionGrowth, cancel: cancel, client: client}
	interval := s.TidyEvery
	if interval == 0 {
		interval = defaultTidyEvery
	}
	if interval > 0 {
		t.done.Go(func() { t.run(ctx, interval) })
	}
	return t, nil
}

func (t *tidier) run(ctx context.Context, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := t.tidy(ctx); err != nil && ctx.Err() == nil {
			t.log.Warn("embedded broker: tidying up", "err", err)
		}
	}
}

// close waits for what is under way. The broker must still run.
func (t *tidier) close() {
	t.cancel()
	t.done.Wait()
	t.client.Close()
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
}

func (t *tidier) tidy(ctx context.Context) error {
	t.fake.ApplyRetention()
	adm := kadm.NewClient(t.client)
	listed, err := adm.ListTopics(ctx)
	if err != nil {
		return fmt.Errorf("listing topics: %w", err)
	}
	var compacted []string
	limits := map[string]int64{}
	for name := range listed {
		switch info := t.fake.TopicInfo(name); {
		case info == nil: // deleted meanwhile
		case strings.Contains(config(info, "cleanup.policy"), "compact"):
			compacted = append(compacted, name)
		default:
			if n, err := strconv.ParseInt(config(info, "retention.bytes"), 10, 64); err == nil && n > 0 {
				limits[name] = n / committedShare
			}
		}
	}
	t.compactIfGrown(compacted)
	return t.dropCommitted(ctx, adm, limits)
}

func config(info *kfake.TopicInfo, key string) string {
	if v := info.Configs[key]; v != nil {
		return *v
	}
	return ""
}

// dropCommitted deletes what lies beyond each topic's limit and has been committed by every group that reads it.
func (t *tidier) dropCommitted(ctx context.Context, adm *kadm.Client, limits map[string]int64) error {
	type partition struct {
		topic string
		n     int32
	}
	over := map[partition]int64{} // → where it would have to begin
	for topic, limit := range limits {
		for _, p := range t.fake.PartitionInfos(topic) {
			if p.NumBytes > limit {
				// Records are taken to be of one size; where they are not, the next ticks come nearer.
				excess := float64(p.NumBytes-limit) / float64(p.NumBytes)
				begin := p.LogStartOffset + int64(excess*float64(p.HighWatermark-p.LogStartOffset))
				over[partition{topic, p.Partition}] = begin
			}
		}
	}
	if len(over) == 0 {
		return nil
	}
	groups, err := adm.ListGroups(ctx)
	if err != nil {
		return fmt.Errorf("listing groups: %w", err)
	}
	slowest := map[partition]int64{}
	for _, r := range adm.FetchManyOffsets(ctx, groups.Groups()...) {
		if r.Err != nil {
			return fmt.Errorf("reading what group %s has committed: %w", r.Group, r.Err)
		}
		for _, o := range r.Fetched.Sorted() {
			at := partition{o.Topic, o.Partition}
			if least, ok := slowest[at]; o.At >= 0 && (!ok || o.At < least) {
				slowest[at] = o.At
			}
		}
	}
	for at, begin := range over {
		if committed, ok := slowest[at]; ok {
			t.fake.DeleteRecords(at.topic, at.n, min(begin, committed))
		}
	}
	return nil
}

// compactIfGrown has the compacted topics compacted if they are worth it, together with the next request from anyone:
// only there, between two requests, does the broker stand still.
func (t *tidier) compactIfGrown(topics []string) {
	if len(topics) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if size, _ := t.measure(topics); t.waiting || size < 2*t.compact+t.growth {
		return
	}
	t.waiting = true
	t.fake.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
		t.fake.DropControl() // once: if it does not suit now, the next tick asks again
		if err := t.compactNow(topics); err != nil {
			t.log.Warn("embedded broker: compacting", "err", err)
		}
		return nil, nil, false // the request itself is served as usual
	})
}

// compactNow runs while the broker waits, and compacts unless a transaction is open on a compacted topic: kfake would
// drop a value because of one that overwrites it but may yet be aborted. (Apache Kafka cleans up to the last stable
// offset.)
func (t *tidier) compactNow(topics []string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = false
	if t.closed {
		return nil
	}
	if _, open := t.measure(topics); open {
		return nil
	}
	if t.dir != "" {
		if err := protect(t.dir); err != nil {
			return errors.Join(err, unprotect(t.dir))
		}
	}
	t.fake.Compact()
	t.compact, _ = t.measure(topics)
	if t.dir == "" {
		return nil
	}
	return unprotect(t.dir)
}

// measure sums the topics' bytes and tells whether a transaction is open on one.
func (t *tidier) measure(topics []string) (bytes int64, open bool) {
	for _, topic := range topics {
		for _, p := range t.fake.PartitionInfos(topic) {
			bytes += p.NumBytes
			open = open || p.LastStableOffset < p.HighWatermark
		}
	}
	return bytes, open
}
