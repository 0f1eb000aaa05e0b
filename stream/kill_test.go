package stream_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/fold"
)

// child is what a process of Netsu is told when a test starts one to kill it.
type child struct {
	DataDir    string
	Brokers    []string // none: embedded, on Port
	Port       int
	Prefix     string
	Partitions int32
	Roles      []stream.Role
	// KillAt is a step of the checkpoint at which the process kills itself, the KillNth time it comes by.
	KillAt  fold.Step
	KillNth int
}

const childEnv = "NETSU_TEST_CHILD"

// TestMain is the test binary, or with childEnv set one process of Netsu. A process is killed for real; a goroutine
// cannot be.
func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := runChild(spec); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runChild(spec string) error {
	var c child
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	// Half a second instead of five, so that many checkpoints are under way when the process dies.
	s := stream.Settings{DataDir: c.DataDir, EmbeddedPort: c.Port, Prefix: c.Prefix, Partitions: c.Partitions, Key: testKey,
		Roles: c.Roles, Listen: "127.0.0.1:0", CheckpointEvery: 500 * time.Millisecond, Logger: logger}
	s.Broker = broker.Settings{Seeds: c.Brokers, Logger: logger}
	if c.KillAt != "" {
		s.Hooks = fold.Hooks{Step: killer(c.KillAt, c.KillNth)}
	}
	ctx := context.Background()
	p, err := stream.Open(ctx, s)
	if err != nil {
		return err
	}
	defer p.Close()
	return p.Run(ctx)
}

// killer ends the process the nth time that any task comes by the step.
func killer(step fold.Step, nth int) func(int32, fold.Step) error {
	var mu sync.Mutex
	return func(_ int32, at fold.Step) error {
		mu.Lock()
		defer mu.Unlock()
		if at != step {
			return nil
		}
		if nth--; nth <= 0 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}
}

// process is a running child.
type process struct {
	cmd  *exec.Cmd
	out  *bytes.Buffer
	done chan struct{}
}

func start(t testing.TB, c child) *process {
	t.Helper()
	spec, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(exe), out: &bytes.Buffer{}, done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	p.cmd.Stderr = p.out
	// If the test dies, so do its processes.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(p.kill)
	return p
}

// kill is SIGKILL: nothing is flushed, closed or said goodbye to.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// ended tells whether the process has ended by itself, and how.
func (p *process) ended() (string, bool) {
	select {
	case <-p.done:
		return fmt.Sprintf("%v\n%s", p.cmd.ProcessState, tail(p.out.String())), true
	default:
		return "", false
	}
}

func tail(s string) string {
	if len(s) > 4000 {
		s = "…" + s[len(s)-4000:]
	}
	return s
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// stormOfKills starts the child again and again, each life ending by SIGKILL: at a random moment, or for every third at a
// step of a checkpoint. It returns the last life, which is left alone.
func stormOfKills(t *testing.T, c child, kills int, rng *rand.Rand) *process {
	inCheckpoint := 0
	for i := range kills {
		life := c
		if i%3 == 0 {
			steps := fold.Steps()
			life.KillAt, life.KillNth = steps[(i/3)%len(steps)], 1+rng.IntN(8)
		}
		p := start(t, life)
		select {
		case <-p.done: // it killed itself within a checkpoint
			if ws, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || ws.Signal() != syscall.SIGKILL {
				t.Fatalf("life %d ended by itself: %v\n%s", i, p.cmd.ProcessState, tail(p.out.String()))
			}
			inCheckpoint++
		case <-time.After(400*time.Millisecond + time.Duration(rng.IntN(1600))*time.Millisecond):
			p.kill()
		}
	}
	t.Logf("%d kills, %d of them at a step of a checkpoint", kills, inCheckpoint)
	if inCheckpoint == 0 {
		t.Error("no life ended within a checkpoint: the test has lost its teeth")
	}
	return start(t, c)
}

func brokersOf(s string) []string { return strings.Split(s, ",") }
