package stream_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed/tape"
	"github.com/netsu/netsu/stream/sim"
)

// TestFaultDiskForWhatIsKeptBeside fills the disk of a feed so far that tape and then history stop. It says so, once in the log and
// at /readyz, and is ready all the same; it goes on by itself. Afterwards its history is that of a feed whose disk was never
// full, and its tapes are whole but for the time in between.
func TestFaultDiskForWhatIsKeptBeside(t *testing.T) {
	disk := newSmallDisk(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	e, err := broker.StartEmbedded(broker.EmbeddedSettings{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	topics := broker.DefaultTopics()
	if _, err := broker.Create(ctx, e.Cluster(), topics, 2, 1); err != nil {
		t.Fatal(err)
	}
	feed := func(dir string, roles ...stream.Role) (child, *process) {
		c := child{DataDir: dir, Brokers: []string{e.Addr()}, Prefix: broker.DefaultPrefix, Roles: roles,
			Listen: fmt.Sprint("127.0.0.1:", freePort(t))}
		return c, start(t, c)
	}
	full, p := feed(disk.data(), stream.RoleFeed)
	calm, _ := feed(t.TempDir(), stream.AllRoles...)
	await := func(what string, fn func() bool) {
		t.Helper()
		p.await(ctx, t, full.Listen, what, fn)
	}
	// notes are what it says while it is ready, and must be all of it.
	notes := func(parts ...string) func() bool {
		return func() bool {
			status, body := ask(ctx, full.Listen, "/readyz")
			for _, part := range []string{"history", "tape"} {
				said := strings.Contains(body, part+": ")
				if said != strings.Contains(strings.Join(parts, " "), part) {
					return false
				}
			}
			return status == http.StatusOK && (len(parts) == 0) != strings.Contains(body, "make room")
		}
	}
	sc := play(t, seedOf(t), time.Minute, 1.5, sim.Wire{Disorder: 3 * time.Second})
	produced := make(chan error, 1)
	go func() { produced <- produce(ctx, e.Cluster(), topics, sc.records, max(100, len(sc.records)/25)) }()
	show := sc.shows[0]
	await("meters", func() bool {
		status, _ := ask(ctx, full.Listen, "/v1/meters/show/"+show)
		return status == http.StatusOK
	})
	await("a tape", func() bool { return len(tapes(t, disk)) > 0 })

	little := func() {}
	if *long {
		little = disk.fill(t, 208<<20)
		await("the tape's note", notes("tape"))
	}
	less := disk.fill(t, 160<<20)
	await("both notes", notes("tape", "history"))
	before := len(tapes(t, disk))
	less()
	little()
	await("no notes", notes())
	await("tapes after it", func() bool { return len(tapes(t, disk)) > before })
	for _, part := range []string{"tape", "history"} {
		if n := strings.Count(p.out.String(), "stands still; it is tried again\" part="+part); n != 1 {
			t.Errorf("of the %s it is said %d times that it stands still:\n%s", part, n, tail(p.out.String()))
		}
	}
	if err := <-produced; err != nil {
		t.Fatal("producing:", err)
	}
	ingested(ctx, t, e.Cluster(), topics)
	for _, id := range sc.shows {
		q := url.Values{"scope": {"show/" + id}, "name": {"heat.gauge", "room.orders_total"}, "step": {"1s"}, "revisions": {"all"},
			"from": {time.UnixMilli(sc.records[0].ArriveMS).Add(-time.Hour).UTC().Format(time.RFC3339)}}
		var of [2]string
		await("the same history of "+id, func() bool {
			for i, c := range []child{full, calm} {
				status, body := ask(ctx, c.Listen, "/v1/series?"+q.Encode())
				if status != http.StatusOK {
					t.Fatalf("%d %s", status, body)
				}
				of[i], _, _ = strings.Cut(body, `"gaps"`)
			}
			return of[0] == of[1] && strings.Contains(of[0], `"rows":[[`)
		})
		if d := cmp.Diff(of[1], of[0]); d != "" {
			t.Error(d)
		}
		if err := tape.Read(filepath.Join(disk.data(), "tape"), "show/"+id, 0, 0, func(tape.Line) error { return nil }); err != nil &&
			!errors.Is(err, tape.ErrNothing) {
			t.Error(err)
		}
	}
}

// tapes are the files of tapes.
func tapes(t *testing.T, d smallDisk) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(d.data(), "tape", "*", "*.zst"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}
