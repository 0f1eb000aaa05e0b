package broker_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/netsu/netsu/stream/broker"
)

// Where reaching a broker fails, the last step says where.
func TestReach(t *testing.T) {
	a := newAuthority(t)
	server := a.issue("server", x509.ExtKeyUsageServerAuth)
	secured := fake(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{server}}), kfake.EnableSASL(),
		kfake.Superuser("PLAIN", "ana", "right"))
	must(t, os.WriteFile(a.file("right"), []byte("right\n"), 0o600))
	must(t, os.WriteFile(a.file("wrong"), []byte("hunter2\n"), 0o600))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	nobody := l.Addr().String()
	l.Close()
	trust := broker.TLS{CAFile: a.file("ca.pem")}
	login := func(file string) broker.SASL {
		return broker.SASL{Mechanism: "PLAIN", User: "ana", PasswordFile: a.file(file)}
	}
	for _, test := range []struct {
		name, seed string
		s          broker.Settings
		steps      string
		err        string // of the last step; "" = none
	}{
		{"nobody listens", nobody, broker.Settings{}, "connect", "refused"},
		{"a stranger's certificate", secured, broker.Settings{TLS: broker.TLS{Enabled: true}, SASL: login("right")},
			"connect,TLS", "unknown authority"},
		{"the wrong password", secured, broker.Settings{TLS: trust, SASL: login("wrong")}, "connect,TLS,log in",
			"hung up"}, // as kfake does; Kafka says SASL_AUTHENTICATION_FAILED
		{"all is well", secured, broker.Settings{TLS: trust, SASL: login("right")}, "connect,TLS,log in", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var names []string
			steps := broker.Reach(t.Context(), test.s, test.seed, 10*time.Second)
			for i, s := range steps {
				names = append(names, s.Name)
				if s.Err != nil && i < len(steps)-1 {
					t.Errorf("%s failed, and was gone on with: %v", s.Name, s.Err)
				}
				if s.Err != nil && strings.Contains(s.Err.Error(), "hunter2") {
					t.Errorf("a password is said: %v", s.Err)
				}
			}
			if got := strings.Join(names, ","); got != test.steps {
				t.Errorf("steps %s, want %s", got, test.steps)
			}
			err := steps[len(steps)-1].Err
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("%v, want %q", err, test.err)
			}
			if tlsStep := steps[min(1, len(steps)-1)]; tlsStep.Name == "TLS" && tlsStep.Err == nil &&
				!strings.Contains(tlsStep.Detail, "valid until "+time.Now().UTC().Add(time.Hour).Format("2006-")) {
				t.Errorf("the TLS step says %q", tlsStep.Detail)
			}
		})
	}
}

// A cluster that sends its clients where nobody listens is found out.
func TestBrokersAdvertised(t *testing.T) {
	addr := fake(t)
	for _, reachable := range []bool{true, false} {
		s := broker.Settings{Seeds: []string{"seed:9092"}}
		s.Dialer = func(ctx context.Context, network, host string) (net.Conn, error) {
			if host != "seed:9092" && !reachable {
				return nil, errors.New("nobody listens")
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}
		c, err := broker.New(s)
		must(t, err)
		all, err := broker.Brokers(t.Context(), c, 10*time.Second)
		must(t, err)
		if len(all) != 1 || all[0].Addr != addr || (all[0].Err == nil) != reachable {
			t.Errorf("reachable %t: %+v", reachable, all)
		}
	}
}
