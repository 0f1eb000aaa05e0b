package stream_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/sim"
)

// smallDisk is a file system of its own, which a test can fill, and make read-only.
type smallDisk struct{ dir string }

func newSmallDisk(t *testing.T) smallDisk {
	t.Helper()
	d := smallDisk{t.TempDir()}
	err := syscall.Mount("netsu-test", d.dir, "tmpfs", 0, "size=448m")
	if errors.Is(err, syscall.EPERM) {
		t.Skip("needs the right to mount a file system, which root has (CI fails where this is skipped):", err)
	}
	if err != nil {
		t.Fatal("mounting a small file system:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.dir, syscall.MNT_DETACH); err != nil {
			t.Error("unmounting:", err)
		}
	})
	return d
}

func (d smallDisk) data() string { return filepath.Join(d.dir, "data") }

// fill leaves so many bytes, and gives the room back when undone.
func (d smallDisk) fill(t *testing.T, leave int64) (undo func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(d.dir, fmt.Sprint("ballast", leave)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 64<<10)
	for {
		var s syscall.Statfs_t
		if err := syscall.Statfs(d.dir, &s); err != nil {
			t.Fatal(err)
		}
		if int64(s.Bavail)*s.Bsize <= leave {
			break
		}
		if _, err := f.Write(page); errors.Is(err, syscall.ENOSPC) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(f.Name()); err != nil {
			t.Error(err)
		}
	}
}

// readOnly lays a read-only view over the data directory. What is open goes on being written, as the pages of a file system
// that has turned read-only do for a while; nothing new can be made there.
func (d smallDisk) readOnly(t *testing.T) (undo func()) {
	t.Helper()
	if err := syscall.Mount(d.data(), d.data(), "", syscall.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", d.data(), "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Unmount(d.data(), syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	}
}

// spoil cuts or changes one of the files below the data directory, as a broken disk does.
func (d smallDisk) spoil(t *testing.T, rng *rand.Rand) string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"state/*.mem", "state/*.sst", "state/MANIFEST", "history/*.mem", "history/MANIFEST", "tape/*/*.zst"} {
		all, err := filepath.Glob(filepath.Join(d.data(), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			if s, err := os.Stat(f); err == nil && s.Size() > 0 {
				files = append(files, f)
			}
		}
	}
	file := files[rng.IntN(len(files))]
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := len(strings.TrimRight(string(b), "\x00"))
	if n == 0 {
		return file + " is empty"
	}
	at := rng.IntN(n)
	if rng.IntN(2) == 0 {
		if err := os.Truncate(file, int64(at)); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s cut to %d of %d", file, at, n)
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{b[at] ^ 0x55}, int64(at)); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s changed at %d of %d", file, at, n)
}

// ask is what a process answers, "" while it does not.
func ask(ctx context.Context, listen, path string) (status int, body string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+path, nil)
	if err != nil {
		return 0, ""
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body) // what came is compared
	return resp.StatusCode, string(b)
}

// TestKilledAndOnAFaultyDisk runs one process on a disk that fills up, turns read-only, and damages files while the
// process is down. It goes on by itself, the feed serves what it has, each fault is said where people look, and in the end
// every final number is that of an undisturbed run.
func TestKilledAndOnAFaultyDisk(t *testing.T) {
	disk := newSmallDisk(t)
	seed := seedOf(t)
	rng := rand.New(rand.NewPCG(seed, 2))
	sc := play(t, seed, time.Minute, 1.5, sim.Wire{Disorder: 3 * time.Second, DuplicateRate: .01, BadRate: .002})
	want := sc.undisturbed(t)
	e, err := broker.StartEmbedded(broker.EmbeddedSettings{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	topics := broker.DefaultTopics()
	if _, err := broker.Create(ctx, e.Cluster(), topics, 2, 1); err != nil {
		t.Fatal(err)
	}
	c := child{DataDir: disk.data(), Brokers: []string{e.Addr()}, Prefix: broker.DefaultPrefix,
		Listen: fmt.Sprint("127.0.0.1:", freePort(t))}
	p := start(t, c)
	await := func(what string, fn func() bool) {
		t.Helper()
		p.await(ctx, t, c.Listen, what, fn)
	}
	served := func() bool {
		status, _ := ask(ctx, c.Listen, "/v1/meters/show/"+sc.shows[0])
		return status == http.StatusOK
	}
	ready := func() bool { status, _ := ask(ctx, c.Listen, "/readyz"); return status == http.StatusOK }
	says := func(words ...string) func() bool {
		return func() bool {
			_, body := ask(ctx, c.Listen, "/readyz")
			return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(body, w) })
		}
	}
	refuses := func(words ...string) {
		t.Helper()
		p = start(t, c)
		<-p.done
		for _, w := range append(words, disk.dir) {
			if !strings.Contains(p.out.String(), w) {
				t.Errorf("what a start says has no %q: %s", w, tail(p.out.String()))
			}
		}
	}
	produced := make(chan error, 1)
	go func() { produced <- produce(ctx, e.Cluster(), topics, sc.records, max(100, len(sc.records)/20)) }()
	await("meters", served)

	nearly := disk.fill(t, 32<<20)
	await("readiness to say that there is no room", says("no room", "make room", disk.dir))
	full := disk.fill(t, 0)
	if !served() {
		t.Error("the feed does not serve what it has")
	}
	p.kill()
	refuses("no room", "make room")
	nearly()
	full()
	p = start(t, c)
	await("meters", served)
	nearly = disk.fill(t, 32<<20)
	await("readiness to say that there is no room", says("no room"))
	nearly()
	await("readiness with room", ready)

	writable := disk.readOnly(t)
	await("readiness to say that it is read-only", says("read-only", disk.dir))
	if !served() {
		t.Error("the feed does not serve what it has")
	}
	p.kill()
	refuses("read-only", "--data-dir")
	writable()

	for range 4 {
		what := disk.spoil(t, rng)
		t.Log(what)
		p = start(t, c)
		await("readiness after "+what, ready)
		p.kill()
	}
	p = start(t, c)
	if err := <-produced; err != nil {
		t.Fatal("producing:", err)
	}
	got := settled(ctx, t, e.Cluster(), topics, sc.shows, 3*time.Second)
	if d := diff(finals(want), finals(got)); d != "" {
		t.Errorf("NETSU_TEST_SEED=%d: final meters differ:\n%s", seed, d)
	}
	if how, over := p.ended(); over {
		t.Errorf("the last process ended by itself: %s", how)
	}
}
