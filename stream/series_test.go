package stream_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/sim"
)

// seriesPage is what the test reads of GET /v1/series.
type seriesPage struct {
	Rows [][]any
	Gaps []any
	Next *string
}

// series asks until there are no more pages; rows by time.
func series(base string, q url.Values) (map[string][]any, error) {
	out := map[string][]any{}
	for {
		resp, err := http.Get(base + "v1/series?" + q.Encode())
		if err != nil {
			return nil, err
		}
		var p seriesPage
		err = json.NewDecoder(resp.Body).Decode(&p)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%v: %s %w", q, resp.Status, err)
		}
		if len(p.Gaps) > 0 {
			return nil, fmt.Errorf("%v: gaps %v of a log that was read from its start", q, p.Gaps)
		}
		for _, r := range p.Rows {
			out[r[0].(string)] = r
		}
		if p.Next == nil {
			return out, nil
		}
		q.Set("from", *p.Next)
	}
}

// TestSeriesAreTheMeters: through the whole program, the second by second series of every show is every final room that
// its log of meters holds, no more and no less, and stays so when the program is stopped and started.
func TestSeriesAreTheMeters(t *testing.T) {
	seed := seedOf(t)
	sc := play(t, seed, time.Minute, 1, sim.Wire{Disorder: 3 * time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := t.TempDir()
	for _, first := range []bool{true, false} {
		p, err := stream.Open(ctx, stream.Settings{DataDir: dir, Key: testKey, Listen: "127.0.0.1:0"})
		if err != nil {
			t.Fatal(err)
		}
		running, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- p.Run(running) }()
		if first {
			if err := produce(ctx, p.Cluster(), p.Topics(), sc.records, 1000); err != nil {
				t.Fatal(err)
			}
			settled(ctx, t, p.Cluster(), p.Topics(), sc.shows, 2*time.Second)
		}
		compareSeries(ctx, t, p, sc.shows)
		stop()
		if err := <-done; err != nil {
			t.Error("stopping:", err)
		}
		if err := p.Close(); err != nil {
			t.Error("closing:", err)
		}
		if t.Failed() {
			t.Fatalf("run again with NETSU_TEST_SEED=%d", seed)
		}
	}
}

func compareSeries(ctx context.Context, t *testing.T, p *stream.Program, shows []string) {
	t.Helper()
	finals := map[string]map[string]*eventpb.RoomView{}
	net := map[string]string{} // scope → of the last money
	if err := readTopic(ctx, p.Cluster(), p.Topics().Meters, func(r *kgo.Record) {
		m := &eventpb.Meter{}
		if r.Value == nil || m.UnmarshalVT(r.Value) != nil {
			return
		}
		if v := m.GetRoom().GetFinal(); v != nil {
			if finals[m.Scope] == nil {
				finals[m.Scope] = map[string]*eventpb.RoomView{}
			}
			finals[m.Scope][time.Unix(v.Pane, 0).UTC().Format("2006-01-02T15:04:05.000Z")] = v
		}
		for _, g := range m.GetMoney().GetGmv() {
			net[m.Scope+" "+g.Currency] = strconv.FormatInt(g.NetMinor, 10)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if len(finals) != len(shows) || len(net) == 0 {
		t.Fatalf("%d of %d shows have rooms, %d scopes money", len(finals), len(shows), len(net))
	}
	panes := 0
	for _, of := range finals {
		panes += len(of)
	}
	if panes < 50 {
		t.Fatalf("only %d final panes were said: there is nothing to compare", panes)
	}
	t.Logf("%d final panes of %d shows, %d nets", panes, len(finals), len(net))
	from := time.Now().Add(-5 * time.Hour).Format(time.RFC3339)
	eventually(ctx, t, func() error {
		for scope, want := range finals {
			got, err := series(p.URL(), url.Values{"scope": {scope}, "step": {"1s"}, "from": {from},
				"name": {"heat.gauge", "heat.active_heads", "room.people_total"}})
			if err != nil {
				return err
			}
			if len(got) != len(want) {
				return fmt.Errorf("%s: %d rows, %d final panes", scope, len(got), len(want))
			}
			for at, v := range want {
				r := got[at]
				if r == nil {
					return fmt.Errorf("%s: no row at %s", scope, at)
				}
				var gauge any
				if v.Heat.Insufficient == "" {
					gauge = math.Round(v.Heat.Gauge*1e4) / 1e4
				}
				if r[1] != 0. || r[2] != gauge || r[3] != float64(v.Heat.ActiveHeads) || r[4] != float64(v.PeopleTotal) {
					return fmt.Errorf("%s at %s: %v, want gauge %v, %d, %d", scope, at, r, gauge, v.Heat.ActiveHeads, v.PeopleTotal)
				}
			}
		}
		return nil
	})
	eventually(ctx, t, func() error {
		for of, want := range net {
			scope, currency, _ := strings.Cut(of, " ")
			got, err := series(p.URL(), url.Values{"scope": {scope}, "step": {"5m"}, "from": {from}, "name": {"gmv." + currency + ".net"}})
			if err != nil {
				return err
			}
			if len(got) == 0 {
				return fmt.Errorf("%s: no rows", of)
			}
			if last := got[slices.Max(slices.Collect(maps.Keys(got)))][2]; last != want {
				return fmt.Errorf("%s: the last net is %v, the meter says %s", of, last, want)
			}
		}
		return nil
	})
}

// eventually waits until what is read was committed.
func eventually(ctx context.Context, t *testing.T, check func() error) {
	t.Helper()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-time.After(250 * time.Millisecond):
		}
	}
}
