package changelog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/broker"
)

// Keys that are not state. State keys begin with a table's name, which begins with a letter.
const (
	markerKey = "!marker"
	fenceKey  = "!fence"
)

// MaxEntryBytes bounds a key and its value together: a Kafka batch of broker.MaxLogBytes holds it even uncompressed,
// and so does Badger's tree.
const MaxEntryBytes = 1<<20 - 4096

// transactionTimeout is after how long the broker ends a transaction whose owner has died and that nobody takes over.
const transactionTimeout = 30 * time.Second

var (
	// ErrFenced says that another process has taken the partition over. What this one holds is worth nothing any more.
	ErrFenced = errors.New("fenced: another process has taken this partition over")
	// ErrStalled: a restore waits for records that are there and do not come. Opening again ends a transaction of this
	// changelog's own that was left open, and with it this.
	ErrStalled = errors.New("nothing comes; either the broker is gone, or a transaction is open")
	// ErrTooLarge says that an entry is above MaxEntryBytes.
	ErrTooLarge = errors.New("an entry of state is too large for the changelog")
	// ErrForeign says that the state on this disk does not belong to this changelog.
	ErrForeign = errors.New("the state on this disk belongs to another changelog")
)

// Settings name a task's changelog.
type Settings struct {
	Cluster         *broker.Cluster
	Topic           string
	TopicID         string // Kafka's id of it
	Partition       int32
	TransactionalID string
	Logger          *slog.Logger // nil means slog.Default()
}

// Log is the changelog of a task that this process owns, until another opens it.
type Log struct {
	s     Settings
	cl    *kgo.Client
	fence int64 // offset of our fence record
	open  *transaction
}

// Open takes the partition over: it raises the epoch and commits a fence.
func Open(ctx context.Context, s Settings) (*Log, error) {
	if s.Logger == nil {
		s.Logger = slog.Default()
	}
	opts := append(broker.LogWriter(),
		kgo.TransactionalID(s.TransactionalID),
		kgo.TransactionTimeout(transactionTimeout),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(0),
	)
	cl, err := s.Cluster.Client(opts...)
	if err != nil {
		return nil, err
	}
	l := &Log{s: s, cl: cl}
	if _, _, err := cl.ProducerID(ctx); err != nil {
		cl.Close()
		return nil, fmt.Errorf("raising the epoch of %s: %w", s.TransactionalID, l.denied(fenced(err)))
	}
	host, _ := os.Hostname() // for people; "" is as good
	who, err := json.Marshal(map[string]any{"host": host, "pid": os.Getpid(), "time": time.Now().UTC()})
	if err != nil {
		panic("cannot happen: a fence does not encode: " + err.Error())
	}
	if err = l.begin(); err == nil {
		l.send(fenceKey, who)
		if err = l.sent(ctx); err == nil {
			l.fence, err = l.Commit(ctx)
		}
	}
	if err != nil {
		cl.Close()
		return nil, fmt.Errorf("fencing %s/%d: %w", s.Topic, s.Partition, l.denied(err))
	}
	return l, nil
}

// Close gives up the client. A transaction that is open is left to the next owner, or the broker's timeout.
func (l *Log) Close() { l.cl.Close() }

// Append sends a cut and its marker in a transaction and waits until the broker has them. They count only after Commit.
func (l *Log) Append(ctx context.Context, entries []state.Entry, m state.Marker) error {
	for _, e := range entries {
		if err := check(e); err != nil {
			return err
		}
	}
	if err := l.begin(); err != nil {
		return err
	}
	for _, e := range entries {
		l.send(e.Key, e.Value)
	}
	l.send(markerKey, m.Encode())
	return l.sent(ctx)
}

func check(e state.Entry) error {
	if len(e.Key)+len(e.Value) > MaxEntryBytes {
		return fmt.Errorf("%w: %q has %d bytes, at most %d may be", ErrTooLarge, e.Key, len(e.Key)+len(e.Value), MaxEntryBytes)
	}
	if e.Key == "" || e.Key[0] == '!' {
		return fmt.Errorf("a key of state must not be empty or begin with '!': %q", e.Key)
	}
	return nil
}

// Commit ends the transaction. It returns the offset of its last record.
func (l *Log) Commit(ctx context.Context) (last int64, err error) {
	if l.open == nil {
		panic("cannot happen: a commit without an append")
	}
	last = l.open.last
	l.open = nil
	if err := l.learned(ctx); err != nil {
		return 0, err
	}
	if err := l.cl.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return 0, fmt.Errorf("committing to %s/%d: %w", l.s.Topic, l.s.Partition, l.denied(fenced(err)))
	}
	return last, nil
}

// learned waits until the client has noted the partition that it has written to. It learns of a topic by the first record
// that it is given, and can have that record written, and its promise kept, an instant before it notes the partition. Ended
// in that instant, a transaction has no partitions for the client, which aborts it and reports success (kgo v1.22.2; one
// time in some hundreds under the race detector): a checkpoint would be lost that was believed written.
func (l *Log) learned(ctx context.Context) error {
	for {
		// -1: not noted yet.
		if leader, _, err := l.cl.PartitionLeader(l.s.Topic, l.s.Partition); err == nil && leader >= 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// transaction gathers what became of the records of the one that is open.
type transaction struct {
	wait sync.WaitGroup
	mu   sync.Mutex
	err  error // of the first record that failed
	last int64 // greatest offset
}

func (l *Log) begin() error {
	if l.open != nil {
		panic("cannot happen: two transactions at a time")
	}
	if err := l.cl.BeginTransaction(); err != nil {
		return fmt.Errorf("beginning a transaction on %s/%d: %w", l.s.Topic, l.s.Partition, fenced(err))
	}
	l.open = &transaction{}
	return nil
}

// send blocks while the client's buffer is full. Its records have no context of their own: a cancelled one in the
// middle must not be left out of a transaction that is then committed, and sent sees to that.
func (l *Log) send(key string, value []byte) {
	t := l.open
	t.wait.Add(1)
	r := &kgo.Record{Topic: l.s.Topic, Partition: l.s.Partition, Key: []byte(key), Value: value}
	l.cl.Produce(context.Background(), r, func(r *kgo.Record, err error) {
		defer t.wait.Done()
		t.mu.Lock()
		defer t.mu.Unlock()
		if err != nil && t.err == nil {
			t.err = err
		}
		t.last = max(t.last, r.Offset)
	})
}

// sent waits for all that was sent. If ctx ends first, the client is closed: the transaction cannot be ended well.
func (l *Log) sent(ctx context.Context) error {
	t := l.open
	done := make(chan struct{})
	go func() { t.wait.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		l.cl.Close()
		<-done
		return ctx.Err()
	}
	if t.err != nil {
		return fmt.Errorf("writing to %s/%d: %w", l.s.Topic, l.s.Partition, l.denied(fenced(t.err)))
	}
	return nil
}

// denied says what is not permitted, if that is it.
func (l *Log) denied(err error) error {
	return l.s.Cluster.Denied(err, broker.Use{Operation: "Write", Topic: l.s.Topic, TxnID: l.s.TransactionalID})
}

// fenced marks the errors by which a broker says that our epoch is over.
func fenced(err error) error {
	for _, e := range []error{kerr.ProducerFenced, kerr.InvalidProducerEpoch, kerr.FencedInstanceID} {
		if errors.Is(err, e) {
			return fmt.Errorf("%w (%w)", ErrFenced, err)
		}
	}
	return err
}
