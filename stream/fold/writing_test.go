package fold

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/broker"
)

// A partition's part of the disk has one writer at a time: a task begins nothing before the standby that was there has
// ended, nor a standby before the task.
func TestOneWriterAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		cluster, err := broker.New(broker.Settings{Seeds: []string{"nowhere:9092"},
			Dialer: func(context.Context, string, string) (net.Conn, error) {
				dials.Add(1)
				return nil, errors.New("nobody there")
			}})
		if err != nil {
			t.Fatal(err)
		}
		db, err := disk.Open("", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		r, err := New(Config{Cluster: cluster, DB: db, Standbys: 1,
			Layout: &broker.Layout{Partitions: map[string]int32{"in": 2, "log": 2}},
			Stage: Stage{Name: "show", Input: "in", Changelog: "log",
				New: func(*state.Store, int32) (operators.Fold, error) { return nil, errors.New("not called") }},
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.group, err = cluster.Client(); err != nil { // join's
			t.Fatal(err)
		}
		defer r.group.Close()
		// begins calls begin, which adds a writer to p, and ends the former one.
		begins := func(p int32, begin func()) {
			former := make(chan struct{})
			r.writing[p] = former
			dials.Store(0)
			begin()
			time.Sleep(time.Second)
			if dials.Load() != 0 {
				t.Errorf("partition %d: something began before the former writer had ended", p)
			}
			close(former)
			time.Sleep(time.Second)
			if dials.Load() == 0 {
				t.Errorf("partition %d: nothing began", p)
			}
		}
		begins(0, func() { r.assigned(t.Context(), nil, map[string][]int32{"in": {0}}) })
		r.lost(t.Context(), nil, map[string][]int32{"in": {0}})
		begins(1, func() { r.placed([]int32{1}) })
		r.placed(nil)
		<-r.writing[1]
	})
}
