package changelog

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
)

// tooOld tells whether tombstones after the mark may be gone already, by age or because the log begins after it. It
// refuses a mark that cannot be of this changelog. end is an offset that the changelog has come to for certain.
func (s Settings) tooOld(ctx context.Context, adm *kadm.Client, m state.Mark, end int64) (bool, error) {
	if m.ChangelogID != s.TopicID {
		return false, fmt.Errorf("%w: its topic id is %s, this topic's is %s; it was deleted and made anew, or the disk "+
			"is another installation's. Move the state directory away to start from what the topic holds",
			ErrForeign, m.ChangelogID, s.TopicID)
	}
	if m.ChangelogOffset > end {
		return false, fmt.Errorf("%w: it has read up to offset %d, the topic ends at %d; the topic has lost records. Move "+
			"the state directory away to start from what the topic holds", ErrForeign, m.ChangelogOffset, end)
	}
	starts, err := adm.ListStartOffsets(ctx, s.Topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return false, fmt.Errorf("asking where the changelog begins: %w", err)
	}
	if start, ok := starts.Lookup(s.Topic, s.Partition); ok && m.ChangelogOffset < start.Offset {
		return true, nil
	}
	age := disk.MarkAge(m, time.Now())
	if age < time.Hour {
		return false, nil // no cleaner is set to forget so soon; spares the usual restart a request
	}
	keeps, err := s.tombstonesKept(ctx, adm)
	// Half, since reading takes time too, and clocks differ.
	return age > keeps/2, err
}

// tombstonesKept is the topic's delete.retention.ms.
func (s Settings) tombstonesKept(ctx context.Context, adm *kadm.Client) (time.Duration, error) {
	configs, err := adm.DescribeTopicConfigs(ctx, s.Topic)
	if err != nil {
		return 0, fmt.Errorf("reading the changelog's configuration: %w", err)
	}
	conf, err := configs.On(s.Topic, nil)
	if err == nil {
		err = conf.Err
	}
	if err != nil {
		return 0, fmt.Errorf("reading the changelog's configuration: %w", err)
	}
	for _, kv := range conf.Configs {
		if kv.Key != "delete.retention.ms" || kv.Value == nil {
			continue
		}
		ms, err := strconv.ParseInt(*kv.Value, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("the changelog's delete.retention.ms is %q", *kv.Value)
		}
		return time.Duration(ms) * time.Millisecond, nil
	}
	return 24 * time.Hour, nil // Kafka's default, of a broker that does not list defaults
}
