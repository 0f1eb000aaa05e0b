package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/netsu/netsu/stream/replay"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/source"
)

// TestMain is the tests, or when called by the name netsu the program itself: scripts run it as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"netsu": func() { os.Exit(Main()) }})
}

// TestScripts runs testdata/*.txtar. Beyond testscript's own commands they have:
//
//	freeport NAME           sets $NAME to a loopback port that nobody has
//	http URL REGEXP         asks until the answer matches, at most 20 s
//	until REGEXP PROGRAM …  runs it until what it prints matches, at most 20 s
//	record FIRST SECOND     records a simulated show in two halves; sets $COMMENTS, $ORDERS, $NET, $BAD, $REASON
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"freeport": freeport, "http": awaitHTTP, "until": until, "record": record,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_PROXY", "*")
			return nil
		},
		RequireUniqueNames: true,
	})
}

func freeport(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	ts.Setenv(args[0], strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
}

// await asks ten times a second, at most 20 s, until the answer matches.
func await(ts *testscript.TestScript, pattern string, ask func() string) {
	want, err := regexp.Compile(pattern)
	ts.Check(err)
	end := time.After(20 * time.Second)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		got := ask()
		if want.MatchString(got) {
			return
		}
		select {
		case <-end:
			ts.Fatalf("nothing matched %q; the last answer was:\n%s", pattern, got)
		case <-again.C:
		}
	}
}

func awaitHTTP(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: http URL REGEXP")
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	await(ts, args[1], func() string {
		resp, err := client.Get(args[0])
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%s\n%s", resp.Status, b)
	})
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP PROGRAM …")
	}
	await(ts, args[0], func() string {
		c := exec.Command(args[1], args[2:]...)
		c.Dir, c.Env = ts.MkAbs("."), append(os.Environ(), "PATH="+ts.Getenv("PATH"))
		out, err := c.CombinedOutput()
		return fmt.Sprintf("%s%v", out, err)
	})
}

// record writes one minute of a small show that began an hour ago, in two halves, with duplicates and bad records, and
// says what is true of it.
func record(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: record FIRST SECOND")
	}
	conf := sim.Demo(5, time.Now().Add(-time.Hour))
	for _, s := range conf.Shows {
		if s.ID == "mika-desk" {
			s.Lasts, s.Rate = time.Minute, 12
			s.Acts = []sim.Act{{Kind: sim.Pin}, {Kind: sim.Call, At: 10 * time.Second, Size: 8}}
			conf.Shows = []sim.Spec{s}
			break
		}
	}
	conf.Wire = sim.Wire{Disorder: time.Second, DuplicateRate: .02, BadRate: .02}
	show, err := sim.New(conf)
	ts.Check(err)
	var records []source.Record
	for r, err := range show.All() {
		ts.Check(err)
		records = append(records, r)
	}
	for i, part := range [][]source.Record{records[:len(records)/2], records[len(records)/2:]} {
		var b strings.Builder
		for _, r := range part {
			ts.Check(replay.Write(&b, r))
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[i]), []byte(b.String()), 0o600))
	}
	truth := show.Truth()
	bad, reason := int64(0), ""
	for r, n := range truth.Bad {
		if bad += n; reason == "" || r < reason {
			reason = r
		}
	}
	money := truth.Money[sim.MoneyKey{ShowID: "mika-desk", Currency: "USD"}]
	if money.Net() <= 0 || truth.Kinds["comment"] == 0 || bad == 0 || truth.Duplicates == 0 {
		ts.Fatalf("the simulated show is too small to say anything: %+v", truth)
	}
	ts.Setenv("RECORDS", strconv.Itoa(len(records)))
	ts.Setenv("COMMENTS", strconv.FormatInt(truth.Kinds["comment"], 10))
	ts.Setenv("ORDERS", strconv.FormatInt(truth.Orders, 10))
	ts.Setenv("NET", strconv.FormatInt(money.Net(), 10))
	ts.Setenv("BAD", strconv.FormatInt(bad, 10))
	ts.Setenv("REASON", reason)
	ts.Setenv("OF_REASON", strconv.FormatInt(truth.Bad[reason], 10))
}
