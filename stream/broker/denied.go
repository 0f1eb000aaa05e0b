package broker

import (
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Use is what was being done when a broker answered: with what right, and on which of its resources.
type Use struct {
	Operation string // Read, Write or Describe, as Kafka names it
	Topic     string
	Group     string
	TxnID     string // transactional id
}

// Denied adds to a broker's answer that something is not permitted what is missing, and the command that grants it. Other
// errors, and nil, come back as they are.
func (c *Cluster) Denied(err error, u Use) error {
	var kind, name string
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		kind, name = "topic", u.Topic
	case errors.Is(err, kerr.GroupAuthorizationFailed):
		kind, name, u.Operation = "group", u.Group, "Read"
	case errors.Is(err, kerr.TransactionalIDAuthorizationFailed):
		kind, name, u.Operation = "transactional-id", u.TxnID, "Write"
	}
	if name == "" {
		return err
	}
	principal := "User:" + c.user
	if c.user == "" {
		principal = "the principal of this program"
	}
	grant := principal
	if c.user == "" {
		grant = "User:…"
	}
	return fmt.Errorf("%w: %s lacks %s on %s %s. Grant it: kafka-acls.sh --bootstrap-server %s --add "+
		"--allow-principal %s --operation %s --%s %s", err, principal, u.Operation, kind, name, c.seed, grant, u.Operation, kind, name)
}

// Unauthorized tells whether a broker does not permit something. It may come to permit it at any time, and then what was
// refused goes on.
func Unauthorized(err error) bool {
	for _, e := range []error{kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed,
		kerr.TransactionalIDAuthorizationFailed, kerr.ClusterAuthorizationFailed} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

const (
	// BarredFor is how long a topic or partition that cannot be read is left alone: a fetch that names it is answered at once, and
	// the client would ask again at once, as fast as the network is.
	BarredFor = time.Second
	// MendedAfter is how long nothing may be heard of it, while it is read again, before it counts as mended: the client hands on
	// what has records, and a topic may be quiet for days.
	MendedAfter = 10 * time.Second
)

// Lasting tells whether an error of reading lasts until somebody does something.
func Lasting(err error) bool {
	return Unauthorized(err) || errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID)
}
