package broker

import (
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netsu/netsu/state/disk"
)

// brokerReserve is what must stay free on the embedded broker's file system. It is the least of all reserves: the log is
// what everything else follows from.
const brokerReserve = 64 << 20

// roomEvery is how long an answer of the file system is taken for true.
const roomEvery = 100 * time.Millisecond

// refuseWithoutRoom answers requests that write, while there is no room, by hanging up: clients try again, for as long as it
// takes. kfake itself would go on. It forgets a batch that it could not write but remembers its sequence number, so that the
// next try is taken for a duplicate and acknowledged; and it ends a transaction whose end is not on disk.
func refuseWithoutRoom(fake *kfake.Cluster, dir string, log *slog.Logger) {
	g := &roomGuard{dir: dir, log: log}
	for _, key := range []kmsg.Key{
		kmsg.Produce, kmsg.InitProducerID, kmsg.AddPartitionsToTxn, kmsg.EndTxn, kmsg.OffsetCommit, kmsg.TxnOffsetCommit,
		kmsg.CreateTopics,
	} {
		fake.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
			fake.KeepControl()
			err := g.room()
			return nil, err, err != nil
		})
	}
}

// roomGuard asks the file system, and says when it begins and ends to be full. Only the broker's one goroutine uses it.
type roomGuard struct {
	dir   string
	log   *slog.Logger
	asked time.Time
	err   error
}

func (g *roomGuard) room() error {
	if now := time.Now(); now.Sub(g.asked) >= roomEvery || now.Before(g.asked) {
		before := g.err
		g.asked, g.err = now, disk.Room(g.dir, brokerReserve)
		switch {
		case before == nil && g.err != nil:
			g.log.Error("embedded broker: nothing is taken until there is room again", "err", g.err)
		case before != nil && g.err == nil:
			g.log.Warn("embedded broker: there is room again")
		}
	}
	return g.err
}
