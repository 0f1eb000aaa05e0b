package broker

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Leave takes a static member out of its group, so that others get its partitions now and not when its session times out.
// A static member does not leave by closing its client: that is what lets one that died come back to what it had without a
// rebalance. It is for an orderly stop, when the member's client is closed: one that is open still says that it lives, and logs an
// error where the group does not know it any more.
func Leave(c *Cluster, group, instanceID string) error {
	if instanceID == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	cl, err := c.Client()
	if err != nil {
		return fmt.Errorf("leaving group %s: %w", group, err)
	}
	defer cl.Close()
	left, err := kadm.NewClient(cl).LeaveGroup(ctx, kadm.LeaveGroup(group).InstanceIDs(instanceID))
	if err == nil {
		err = left.Error()
	}
	if err != nil {
		return fmt.Errorf("leaving group %s: %w", group, err)
	}
	return nil
}
