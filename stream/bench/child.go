package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/netsu/netsu/stream"
)

// ChildCommand is the hidden command with which the program starts itself; it must call Child.
const ChildCommand = "bench-child"

// part is what a child does.
type part string

const (
	partBroker  part = "broker"  // until told to stop; each line asks what it has used
	partConsume part = "consume" // read
	partDecode  part = "decode"  // read and decode
	partPath    part = "path"    // the program, over a backlog to its end
	partServe   part = "serve"   // the program, until told to stop
)

// order is the first line that a child is told. All that follows is empty lines; the end of its input ends the child.
type order struct {
	Part    part          `json:"part"`
	Addr    string        `json:"addr,omitempty"` // of the broker
	Prefix  string        `json:"prefix,omitempty"`
	Dir     string        `json:"dir,omitempty"`
	Records int64         `json:"records,omitempty"` // how many there are to read
	Roles   []stream.Role `json:"roles,omitempty"`
	Profile string        `json:"profile,omitempty"` // file for a CPU profile
	// CacheBytes is the setting; 0: the usual.
	CacheBytes int64 `json:"cache_bytes,omitempty"`
}

// answer is one line that a child says.
type answer struct {
	Addr   string `json:"addr,omitempty"` // broker: where it listens
	URL    string `json:"url,omitempty"`  // serve: where the page is
	Usage  usage  `json:"usage"`
	Events int64  `json:"events,omitempty"`
	Wall   int64  `json:"wall_ns,omitempty"`
	CPU    int64  `json:"cpu_ns,omitempty"`
	resources
}

// Child does what the first line of in orders and answers on out.
func Child(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	if !lines.Scan() {
		return errors.New("this command is for netsu bench itself")
	}
	var o order
	if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
		return fmt.Errorf("reading the order: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	asks := make(chan struct{})
	go func() {
		defer cancel()
		for lines.Scan() {
			select {
			case asks <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	if o.Profile != "" {
		f, err := os.Create(o.Profile)
		if err != nil {
			return fmt.Errorf("profiling: %w", err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return fmt.Errorf("profiling: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	say := json.NewEncoder(out)
	switch o.Part {
	case partBroker:
		return o.broker(ctx, asks, say)
	case partConsume, partDecode:
		return o.read(ctx, say)
	case partPath:
		return o.path(ctx, say)
	case partServe:
		return o.serve(ctx, asks, say)
	}
	return fmt.Errorf("unknown part %q", o.Part)
}

// child is a running one, as its parent sees it.
type child struct {
	part part
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *json.Decoder
	end  func() error // stop, once
}

func startChild(ctx context.Context, o order) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program's file: %w", err)
	}
	c := &child{part: o.Part, cmd: exec.CommandContext(ctx, self, ChildCommand)}
	c.end = sync.OnceValue(c.wait)
	c.cmd.Stderr = os.Stderr
	c.cmd.WaitDelay = 5 * time.Second
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = json.NewDecoder(out)
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the %s process: %w", o.Part, err)
	}
	if err := json.NewEncoder(c.in).Encode(o); err != nil {
		return nil, errors.Join(fmt.Errorf("telling the %s process what to do: %w", o.Part, err), c.stop())
	}
	return c, nil
}

// hear waits for the next answer.
func (c *child) hear() (a answer, err error) {
	if err := c.out.Decode(&a); err != nil {
		return a, errors.Join(fmt.Errorf("the %s process ended without an answer: %w", c.part, err), c.stop())
	}
	return a, nil
}

// ask has a broker or a server say what it has used.
func (c *child) ask() (usage, error) {
	a, err := c.asked()
	return a.Usage, err
}

// asked is ask with all that it says.
func (c *child) asked() (answer, error) {
	if _, err := io.WriteString(c.in, "\n"); err != nil {
		return answer{}, fmt.Errorf("asking the %s process: %w", c.part, err)
	}
	return c.hear()
}

// stop ends it in good order. It may be called again, and says the same.
func (c *child) stop() error { return c.end() }

func (c *child) wait() error {
	c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("the %s process: %w", c.part, err)
	}
	return nil
}
