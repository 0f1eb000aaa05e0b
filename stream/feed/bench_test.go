package feed

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// BenchmarkFanout changes one show and waits until all its subscribers have the delta, over loopback TCP. The clients
// are in this process, so CPU per delivery counts both ends: read it as a ratio between versions, not as a server's
// capacity. B/conn is the heap that connecting and subscribing took, both ends again.
func BenchmarkFanout(b *testing.B) {
	for _, n := range []int{10, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { fanout(b, n) })
	}
}

func fanout(b *testing.B, n int) {
	s := New(Config{Logger: slog.New(slog.DiscardHandler)})
	srv := httptest.NewServer(s.Handler())
	defer srv.Close()
	defer s.stop()
	r := &rig{server: s}
	s.hub.apply([]change{r.change(roomMeter("S1", "hanako", 40, 1))}, r.reached())
	before := heap()
	got := make(chan struct{}, 3*n)
	var readers sync.WaitGroup
	for range n {
		ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http")+"/v1/feed", nil)
		if err != nil {
			b.Fatal(err)
		}
		defer ws.Close()
		if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"t":"sub","id":1,"topic":"show/S1"}`)); err != nil {
			b.Fatal(err)
		}
		readers.Go(func() {
			for {
				if _, _, err := ws.ReadMessage(); err != nil {
					return
				}
				got <- struct{}{}
			}
		})
	}
	await(b, got, 3*n) // welcome, ack, snap
	perConn := (heap() - before) / float64(n)
	cpu := cpuTime()
	b.ResetTimer()
	for i := range b.N {
		s.hub.apply([]change{r.change(roomMeter("S1", "hanako", 41+int64(i), 1))}, r.reached())
		await(b, got, n)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N*n)/(cpuTime()-cpu).Seconds(), "deliveries/cpu-s")
	b.ReportMetric(perConn, "B/conn")
	s.stop()
	readers.Wait()
}

func await(b *testing.B, got <-chan struct{}, n int) {
	b.Helper()
	late := time.NewTimer(10 * time.Second)
	defer late.Stop()
	for i := range n {
		select {
		case <-got:
		case <-late.C:
			b.Fatalf("%d frames of %d", i, n)
		}
	}
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
