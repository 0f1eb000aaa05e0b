package broker

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// LeastInSync is the min.insync.replicas that topics of so many copies get: with three and more, a record is acknowledged
// once two have it, so that the death of any one broker neither loses it nor keeps the next from being written. Fewer copies
// cannot have both.
func LeastInSync(copies int16) int {
	if copies >= 3 {
		return 2
	}
	return 1
}

// kafkasOwn are the topics by which Kafka knows what groups have committed and what has become of transactions: checkpoints
// are as safe as these. They are made at their first use.
var kafkasOwn = []string{"__consumer_offsets", "__transaction_state"}

// Copies looks at how many copies the cluster keeps of the topics, Kafka's own two included, and says in words what is less
// than asked, one topic each. No more copies are asked for than there are brokers. What cannot be seen is not spoken of: that
// is for Load.
func Copies(ctx context.Context, c *Cluster, t Topics, asked int16) (less []string, err error) {
	cl, err := c.reached(ctx)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	listed, err := adm.ListBrokers(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking for the cluster's brokers: %w", err)
	}
	asked = min(asked, int16(len(listed)))
	names := append(t.All(), kafkasOwn...)
	topics, err := describe(ctx, cl, names)
	if err != nil {
		return nil, err
	}
	configs, err := adm.DescribeTopicConfigs(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("reading topic configurations: %w", err)
	}
	for _, name := range names {
		if conf, err := configs.On(name, nil); err == nil && conf.Err == nil && topics[name].ErrorCode == 0 {
			less = append(less, lessThan(asked, name, topics[name].Partitions, conf)...)
		}
	}
	return less, nil
}

// lessThan says what a topic has less than asked, in one text or none.
func lessThan(asked int16, topic string, partitions []kmsg.MetadataResponseTopicPartition, conf kadm.ResourceConfig) []string {
	fewest := math.MaxInt
	for _, p := range partitions {
		fewest = min(fewest, len(p.Replicas))
	}
	least, unclean := 0, false
	for _, kv := range conf.Configs {
		switch kv.Key {
		case "min.insync.replicas":
			least, _ = strconv.Atoi(kv.MaybeValue()) // what is no number is too few
		case "unclean.leader.election.enable":
			unclean = kv.MaybeValue() == "true"
		}
	}
	switch {
	case fewest < int(asked):
		return []string{fmt.Sprintf("%s: copies of a partition: %d, asked for: %d", topic, fewest, asked)}
	case least < LeastInSync(asked):
		return []string{fmt.Sprintf("%s: min.insync.replicas is %d, must be at least %d", topic, least, LeastInSync(asked))}
	case least >= fewest && fewest > 1:
		return []string{fmt.Sprintf("%s: min.insync.replicas is %d of %d copies: nothing can be written while one broker is away",
			topic, least, fewest)}
	case unclean && fewest > 1:
		return []string{topic + `: unclean.leader.election.enable is "true": a copy that lacks acknowledged records may lead`}
	}
	return nil
}
