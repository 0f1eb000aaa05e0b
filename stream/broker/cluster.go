package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kslog"
)

// Settings say where the cluster is and how to speak to it.
type Settings struct {
	Seeds    []string     // host:port of some brokers; at least one
	ClientID string       // as brokers log it; zero means "netsu"
	TLS      TLS          // zero means plain text
	SASL     SASL         // zero means no authentication
	Logger   *slog.Logger // nil means slog.Default(); the Kafka client's warnings and errors go to it
	Hooks    []kgo.Hook   // for every client, as *Metrics

	// Dialer opens connections; nil means the network, with a time limit of 10 s. TLS is laid over it.
	Dialer func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Cluster is a Kafka cluster that clients can be made for. It holds no connection itself and may be shared.
type Cluster struct {
	opts         []kgo.Opt
	embedded     bool   // topics get bounds by size when created
	user         string // who the brokers take us for; "" where that is not by SASL's user
	seed         string // one of the brokers
	certificates *brokerCertificates
}

// New checks the settings, files included, and returns the cluster. It does not connect.
func New(s Settings) (*Cluster, error) {
	if len(s.Seeds) == 0 {
		return nil, errors.New("no brokers given")
	}
	logger := s.Logger
	if logger == nil {
		logger = slog.Default()
	}
	clientID := s.ClientID
	if clientID == "" {
		clientID = "netsu"
	}
	seen := &brokerCertificates{}
	dial, err := s.TLS.dialer(s.Dialer, seen.saw)
	if err != nil {
		return nil, err
	}
	opts := []kgo.Opt{
		kgo.SeedBrokers(s.Seeds...),
		kgo.ClientID(clientID),
		kgo.Dialer(dial),
		// A moved leader is found in 1.5 s instead of 15 s (three refusals at the default of 5 s each).
		kgo.MetadataMinAge(500 * time.Millisecond),
		kgo.WithLogger(warnings{kslog.New(logger)}),
		kgo.WithHooks(s.Hooks...),
	}
	mechanism, err := s.SASL.mechanism()
	if err != nil {
		return nil, err
	}
	if mechanism != nil {
		opts = append(opts, kgo.SASL(mechanism))
	}
	return &Cluster{opts: opts, user: s.SASL.User, seed: s.Seeds[0], certificates: seen}, nil
}

// Client makes a client for the cluster: the cluster's options, then those given, which win. It connects on first use.
// The caller closes it.
func (c *Cluster) Client(opts ...kgo.Opt) (*kgo.Client, error) {
	all := make([]kgo.Opt, 0, len(c.opts)+len(opts))
	cl, err := kgo.NewClient(append(append(all, c.opts...), opts...)...)
	if err != nil {
		return nil, fmt.Errorf("making a Kafka client: %w", err)
	}
	return cl, nil
}

// LogWriter are the options of a client that writes internal logs, meters or changelogs: batches up to MaxLogBytes,
// which the user's own topics need not accept.
func LogWriter() []kgo.Opt { return []kgo.Opt{kgo.ProducerBatchMaxBytes(MaxLogBytes)} }

// warnings drops what the Kafka client says when all is well: a healthy hour logs almost nothing.
type warnings struct{ kgo.Logger }

func (warnings) Level() kgo.LogLevel { return kgo.LogLevelWarn }
