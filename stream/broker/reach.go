package broker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Step is one step on the way to a broker, and what came of it.
type Step struct {
	Name   string // "connect", "TLS", "log in"
	Detail string // what is worth knowing where Err is nil
	Err    error
}

// Reach tries one of the seeds step by step, so that a failure says which step it was: the network, TLS, or the login.
// The last step is the only one that can have failed. Each step has the patience given.
func Reach(ctx context.Context, s Settings, seed string, patience time.Duration) []Step {
	steps := []Step{reachTCP(ctx, s, seed, patience)}
	if steps[0].Err != nil {
		return steps
	}
	if s.TLS != (TLS{}) {
		steps = append(steps, reachTLS(ctx, s, seed, patience))
		if steps[1].Err != nil {
			return steps
		}
	}
	step := Step{Name: "log in", Detail: s.SASL.Mechanism}
	if s.SASL.Mechanism == "" {
		step.Detail = "no SASL"
	}
	s.Seeds = []string{seed}
	step.Err = within(ctx, patience, func(ctx context.Context) error {
		c, err := New(s)
		if err != nil {
			return err
		}
		cl, err := c.Client()
		if err != nil {
			return err
		}
		defer cl.Close()
		if err = cl.Ping(ctx); errors.Is(err, io.EOF) {
			return fmt.Errorf("the broker hung up: %w", err)
		}
		return err
	})
	return append(steps, step)
}

// within gives f so long, and says so in words where it was not enough.
func within(ctx context.Context, patience time.Duration, f func(context.Context) error) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := f(soon)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("no answer within %v", patience)
	}
	return err
}

func reachTCP(ctx context.Context, s Settings, seed string, patience time.Duration) Step {
	step := Step{Name: "connect"}
	step.Err = within(ctx, patience, func(ctx context.Context) error {
		dial, err := TLS{}.dialer(s.Dialer, nil)
		if err != nil {
			return err
		}
		conn, err := dial(ctx, "tcp", seed)
		if err != nil {
			return err
		}
		step.Detail = conn.RemoteAddr().String()
		return conn.Close()
	})
	return step
}

// reachTLS shakes hands and says until when the broker's certificate is valid.
func reachTLS(ctx context.Context, s Settings, seed string, patience time.Duration) Step {
	step := Step{Name: "TLS"}
	step.Err = within(ctx, patience, func(ctx context.Context) error {
		dial, err := s.TLS.dialer(s.Dialer, nil)
		if err != nil {
			return err
		}
		conn, err := dial(ctx, "tcp", seed)
		if err != nil {
			return err
		}
		defer conn.Close()
		if secured, ok := conn.(*tls.Conn); ok {
			state := secured.ConnectionState()
			step.Detail = fmt.Sprintf("%s, the broker's certificate is valid until %s", tls.VersionName(state.Version),
				state.PeerCertificates[0].NotAfter.UTC().Format(time.DateOnly))
		}
		return nil
	})
	return step
}

// Advertised is a broker as the cluster names it to its clients.
type Advertised struct {
	Addr string
	Err  error // it does not answer there
}

// Brokers asks the cluster which brokers it has, and each of them for an answer at the address that the cluster gives:
// seeds that answer are not enough where the advertised names cannot be reached from here.
func Brokers(ctx context.Context, c *Cluster, patience time.Duration) ([]Advertised, error) {
	cl, err := c.Client()
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	var listed kadm.BrokerDetails
	err = within(ctx, patience, func(ctx context.Context) error {
		listed, err = kadm.NewClient(cl).ListBrokers(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("asking for the cluster's brokers: %w", err)
	}
	all := make([]Advertised, len(listed))
	for i, b := range listed {
		all[i].Addr = net.JoinHostPort(b.Host, fmt.Sprint(b.Port))
		all[i].Err = within(ctx, patience, func(ctx context.Context) error {
			request := kmsg.NewPtrMetadataRequest()
			request.Topics = []kmsg.MetadataRequestTopic{} // none: only whether it answers
			_, err := cl.Broker(int(b.NodeID)).Request(ctx, request)
			return err
		})
	}
	return all, nil
}
