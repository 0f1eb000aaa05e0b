package feed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// pollRecords bounds a batch, and with it how long the hub is held.
const pollRecords = 5000

// quietPolls of a second each without a record end the catching up even short of the end that was read at the start:
// the tail of the log then holds nothing that a reader gets (control records, or a tombstone that was cleaned away).
const quietPolls = 5

// consume reads all partitions of the meters from the start and of the alerts from near their end, without a group:
// every feed server has all meters.
func (s *Server) consume(ctx context.Context) error {
	meters, alerts := s.c.Topics.Meters, s.c.Topics.Alerts
	start, near := map[int32]kgo.Offset{}, map[int32]kgo.Offset{}
	for p := range s.c.Layout.Partitions[meters] {
		start[p] = kgo.NewOffset().AtStart()
	}
	for p := range s.c.Layout.Partitions[alerts] {
		near[p] = kgo.NewOffset().AtEnd().Relative(-s.c.AlertsBack)
	}
	cl, err := s.c.Cluster.Client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{meters: start, alerts: near}),
		kgo.FetchMinBytes(1), kgo.FetchMaxWait(500*time.Millisecond), kgo.FetchMaxBytes(16<<20),
		kgo.KeepRetryableFetchErrors(), kgo.DisableFetchSessions(), // see barred
	)
	if err != nil {
		return err
	}
	defer cl.Close()
	behind, err := ends(ctx, cl, meters, alerts)
	if err != nil {
		return err
	}
	quiet, barred := 0, barred{}
	for {
		if len(behind) == 0 && !s.hub.isLive() {
			s.hub.goLive()
		}
		n, err := s.poll(ctx, cl, behind, barred)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case n > 0, len(barred) > 0: // what may not be read is not quiet
			quiet = 0
		case len(behind) > 0:
			if quiet++; quiet >= quietPolls && s.reachable(ctx, cl) {
				s.c.Logger.Warn("topics end short of their end offset; taking what there is", "partitions", len(behind))
				clear(behind)
			}
		}
	}
}

type topicPartition struct {
	topic     string
	partition int32
}

// ends reads how far the topics reach: what must have been read before the feed is live. Empty partitions are left out.
func ends(ctx context.Context, cl *kgo.Client, topics ...string) (map[topicPartition]int64, error) {
	adm := kadm.NewClient(cl)
	first, err := adm.ListStartOffsets(ctx, topics...)
	if err == nil {
		err = first.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("reading where the topics start: %w", err)
	}
	last, err := adm.ListEndOffsets(ctx, topics...)
	if err == nil {
		err = last.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("reading where the topics end: %w", err)
	}
	behind := map[topicPartition]int64{}
	last.Each(func(o kadm.ListedOffset) {
		if f, ok := first.Lookup(o.Topic, o.Partition); !ok || f.Offset < o.Offset {
			behind[topicPartition{o.Topic, o.Partition}] = o.Offset
		}
	})
	return behind, nil
}

// reachable tells a quiet log from a broker that is away.
func (s *Server) reachable(ctx context.Context, cl *kgo.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := ends(ctx, cl, s.c.Topics.Meters)
	return err == nil
}

// poll takes one batch in and takes from behind the partitions whose end it reached.
func (s *Server) poll(ctx context.Context, cl *kgo.Client, behind map[topicPartition]int64, barred barred) (n int, err error) {
	wait := ctx
	if len(behind) > 0 || len(barred) > 0 {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
	}
	fetches := cl.PollRecords(wait, pollRecords)
	for _, e := range fetches.Errors() {
		var lost *kgo.ErrDataLoss
		switch {
		case errors.Is(e.Err, context.DeadlineExceeded), errors.Is(e.Err, context.Canceled):
		case errors.As(e.Err, &lost):
			s.c.Logger.Warn("records were deleted before they were read",
				"topic", e.Topic, "partition", e.Partition, "err", e.Err)
		case broker.Lasting(e.Err):
			s.bar(cl, barred, e)
		case kerr.IsRetriable(e.Err): // the client does
		default:
			return 0, fmt.Errorf("reading %s/%d: %w", e.Topic, e.Partition, e.Err)
		}
	}
	s.unbar(cl, barred, fetches)
	var batch []change
	reached := map[int32]int64{}
	fetches.EachRecord(func(r *kgo.Record) {
		n++
		if tp := (topicPartition{r.Topic, r.Partition}); r.Offset+1 >= behind[tp] {
			delete(behind, tp)
		}
		if r.Topic == s.c.Topics.Alerts {
			s.takeAlert(r)
			return
		}
		reached[r.Partition] = r.Offset + 1
		c, err := decodeMeter(r.Key, r.Value, header(r))
		switch {
		case errors.Is(err, errPart): // a later version's: nothing is wrong with it, and nothing here shows it
			s.metrics.recordsDropped.WithLabelValues("unknown_part").Inc()
		case err != nil:
			s.malformed(r, err)
		default:
			batch = append(batch, c)
		}
	})
	if n > 0 {
		s.hub.apply(batch, reached)
	}
	return n, nil
}

func header(r *kgo.Record) string {
	for _, h := range r.Headers {
		if h.Key == sourceHeader {
			return string(h.Value)
		}
	}
	return ""
}

// malformed counts a record that cannot be shown. Only the first of a process is logged, since all come from one cause:
// a program of ours of another version, or someone else's.
func (s *Server) malformed(r *kgo.Record, err error) {
	s.metrics.recordsDropped.WithLabelValues("malformed").Inc()
	s.firstMalformed.Do(func() {
		s.c.Logger.Warn("a record cannot be shown; further ones are only counted",
			"topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "err", err)
	})
}

func (s *Server) takeAlert(r *kgo.Record) {
	p, a, err := decodeAlert(r.Value, header(r))
	if err != nil {
		s.malformed(r, err)
		return
	}
	if a.Restatement != nil {
		s.hub.restate(p, a, r.Partition, r.Offset)
		return
	}
	s.hub.alert(p, a, r.Partition, r.Offset)
}

// maxAlertNumbers bounds what one alert can hold in memory.
const maxAlertNumbers = 64

func decodeAlert(value []byte, source string) (place, AlertView, error) {
	p, err := parsePlace(source)
	if err != nil {
		return p, AlertView{}, err
	}
	a := &eventpb.Alert{}
	if err := a.UnmarshalVT(value); err != nil {
		return p, AlertView{}, fmt.Errorf("decoding alert: %w", err)
	}
	r := a.Restatement
	if a.Id == "" || a.Kind == "" || len(a.Numbers) > maxAlertNumbers || (a.Kind == operators.Restate) != (r != nil) ||
		len(r.GetAmounts()) > maxRestated || len(r.GetOrderIds()) > maxOrderIDs {
		return p, AlertView{}, errAlert
	}
	return p, alertDocument(a), nil
}

var errAlert = fmt.Errorf("not an alert this program can show: it needs id, kind and at most %d numbers; or a restatement "+
	"with at most %d amounts and %d orders", maxAlertNumbers, maxRestated, maxOrderIDs)
