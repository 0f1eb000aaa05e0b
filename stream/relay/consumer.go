package relay

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// heartbeat is how late a member hears of a rebalance at most: a part of each pause.
const heartbeat = 300 * time.Millisecond

// Timeouts of a rebalance, and of what is finished within it.
const (
	RebalanceTimeout = 10 * time.Second
	SettleTimeout    = 8 * time.Second // with room for the commit
)

// Member is who reads what.
type Member struct {
	Group          string
	Topics         []string
	InstanceID     string        // static membership; empty: none
	SessionTimeout time.Duration // after which a dead member's partitions are given away
}

// Consumer is a client that reads all that was committed of the topics, from the group's offsets or the start: nothing is
// lost, and what is read twice is for those behind to drop. It commits nothing by itself, and lets no rebalance happen but
// between a poll and the next.
func (m Member) Consumer(c *broker.Cluster, rs *Rebalances) (*kgo.Client, error) {
	opts := []kgo.Opt{
		kgo.ConsumerGroup(m.Group),
		kgo.ConsumeTopics(m.Topics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // else a position would never pass the marker that ends a transaction
		kgo.DisableAutoCommit(),
		// A fetch that names a topic that is gone is answered at once, and the client, if it keeps the error to itself, asks
		// again at once: as fast as the network is, until the topic is back. See broker.BarredFor. In a session the embedded
		// broker goes on to answer for a deleted topic that the client has taken out of it.
		kgo.KeepRetryableFetchErrors(),
		kgo.DisableFetchSessions(),
		kgo.BlockRebalanceOnPoll(),
		kgo.RebalanceTimeout(RebalanceTimeout),
		kgo.SessionTimeout(m.SessionTimeout),
		kgo.HeartbeatInterval(min(m.SessionTimeout/5, heartbeat)),
		kgo.FetchMaxBytes(16 << 20),
		// Much less than a lane holds: what the client has of a partition when it is paused is thrown away and read again.
		kgo.FetchMaxPartitionBytes(256 << 10),
		kgo.FetchMaxWait(500 * time.Millisecond),
		kgo.OnPartitionsAssigned(rs.tell(Assigned)),
		kgo.OnPartitionsRevoked(rs.tell(Revoked)),
		kgo.OnPartitionsLost(rs.tell(Lost)),
	}
	if m.InstanceID != "" {
		opts = append(opts, kgo.InstanceID(m.InstanceID))
	}
	return c.Client(opts...)
}

// Leave closes the client and gives its partitions away.
func (m Member) Leave(c *broker.Cluster, cl *kgo.Client) error {
	cl.CloseAllowingRebalance()
	return broker.Leave(c, m.Group, m.InstanceID)
}
