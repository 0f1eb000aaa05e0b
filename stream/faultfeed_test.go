package stream_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed"
)

// window is a feed beside the program, without a port: a bubble has none.
type window struct {
	*feed.Server
	mu   sync.Mutex
	says map[string]string // its troubles, by topic
	stop func()
}

func (w *world) feed(user string) *window {
	w.t.Helper()
	k := w.as(user, w.net.DialContext)
	layout, err := broker.Load(w.ctx, k.Cluster, k.Topics)
	if err != nil {
		w.t.Fatal(err)
	}
	f := &window{says: map[string]string{}}
	f.Server = feed.New(feed.Config{Cluster: k.Cluster, Topics: k.Topics, Layout: layout, Logger: quiet,
		Trouble: func(topic string, err error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if delete(f.says, topic); err != nil {
				f.says[topic] = err.Error()
			}
		}})
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() {
		err := f.Run(ctx)
		if err != nil || ctx.Err() == nil {
			w.t.Error("the feed has ended:", err)
		}
		done <- err
	}()
	f.stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	w.t.Cleanup(f.stop)
	return f
}

// trouble is what it says of a topic.
func (f *window) trouble(topic string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.says[topic]
}

// get is an answer over HTTP.
func (f *window) get(path string) (string, error) {
	r := httptest.NewRecorder()
	f.Handler().ServeHTTP(r, httptest.NewRequest("GET", path, nil))
	if r.Code != 200 {
		return "", errors.New(path + ": " + r.Body.String())
	}
	return r.Body.String(), nil
}

// pages are the documents of all of the scenario's shows.
func (f *window) pages(w *world) string {
	w.t.Helper()
	var all strings.Builder
	for _, path := range append([]string{"/v1/alerts"}, w.sc.shows...) {
		if !strings.HasPrefix(path, "/") {
			path = "/v1/meters/show/" + path
		}
		page, err := f.get(path)
		if err != nil {
			w.t.Fatal(err)
		}
		all.WriteString(page + "\n")
	}
	return all.String()
}

// TestFaultFeedMayNotRead: meters and alerts may not be read for a while. The feed says what it lacks, its page goes on with what it
// has, and afterwards it shows what a feed shows that was never kept from them.
func TestFaultFeedMayNotRead(t *testing.T) {
	seed, want := undisturbed(t)
	hurt(t, seed, want, 1, func(w *world) {
		m := w.start(w.as("root", w.net.DialContext), t.TempDir())
		w.until("running", time.Minute, func() bool { return m.running(12) })
		kept, free := w.feed("netsu"), w.feed("root")
		wait := w.begin()
		time.Sleep(30 * time.Second)
		topics := []string{"netsu.meters", "netsu.alerts"}
		var grants []func()
		for _, topic := range topics {
			grants = append(grants, w.deny(kmsg.ACLResourceTypeTopic, topic, kmsg.ACLOperationRead))
		}
		lacks := func(f *window) bool {
			for _, topic := range topics {
				if !strings.Contains(f.trouble(topic), "User:netsu lacks Read on topic "+topic+". Grant it: kafka-acls.sh") {
					return false
				}
			}
			return true
		}
		noticed := w.until("naming the rights", 10*time.Second, func() bool { return lacks(kept) })
		before := kept.pages(w)
		late := w.feed("netsu") // one that starts without them has nothing to show
		time.Sleep(20 * time.Second)
		if d := cmp.Diff(before, kept.pages(w)); d != "" {
			t.Errorf("the page has changed without meters:\n%s", d)
		}
		if before == free.pages(w) {
			t.Error("nothing has happened meanwhile: the test has lost its teeth")
		}
		if !lacks(kept) || !lacks(late) {
			t.Error("the rights are not named for as long as they lack")
		}
		if r := late.Ready(); r.Restored {
			t.Error("a feed that has read nothing says that it is ready")
		}
		for _, grant := range grants {
			grant()
		}
		back := w.until("showing what the other shows", time.Minute, func() bool {
			return kept.pages(w) == free.pages(w) && kept.trouble(topics[0])+kept.trouble(topics[1]) == ""
		})
		t.Logf("noticed after %v, mended %v after they were granted", noticed, back)
		wait()
		settled(w.ctx, t, w.root.Cluster, w.root.Topics, w.sc.shows, 5*time.Second)
		time.Sleep(5 * time.Second)
		for _, f := range []*window{kept, late} {
			if d := cmp.Diff(free.pages(w), f.pages(w)); d != "" {
				t.Errorf("what it shows in the end is not what a feed shows that could always read:\n%s", d)
			}
			f.stop()
		}
		free.stop()
	})
}
