package sim_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/sim/oracle"
	"github.com/netsu/netsu/stream/source"
)

var start = time.Date(2025, 11, 24, 12, 0, 0, 0, time.UTC)

// shortRun is two shows of the demo's cast for a few minutes, with every fault.
func shortRun(seed uint64, minutes int) sim.Config {
	c := sim.Demo(seed, start.Add(sim.DemoHistory))
	c.Shows = []sim.Spec{c.Shows[0], c.Shows[2], c.Shows[5]}
	for i := range c.Shows {
		c.Shows[i].Lasts = time.Duration(minutes) * time.Minute
		c.Shows[i].Rate *= .4
	}
	c.Wire = sim.Wire{Disorder: 5 * time.Second, DuplicateRate: .05, LateRate: .01, BadRate: .003}
	return c
}

// forSeeds runs a property on n seeds, new ones each time; a failure prints its seed as the name of the sub-test. A run
// is too long for the hundred draws of rapid, and a smaller seed is no simpler case.
func forSeeds(t *testing.T, n int, property func(*testing.T, uint64)) {
	for range n {
		seed := rand.Uint64()
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { property(t, seed) })
	}
}

func run(t testing.TB, c sim.Config) ([]source.Record, sim.Truth) {
	s, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var all []source.Record
	for r := range s.All() {
		all = append(all, r)
	}
	return all, s.Truth()
}

func digest(records []source.Record) [32]byte {
	h := sha256.New()
	for _, r := range records {
		fmt.Fprintf(h, "%s %q %d %d %d\n", r.Topic, r.Key, len(r.Value), r.TimeMS, r.ArriveMS)
		h.Write(r.Value)
	}
	return [32]byte(h.Sum(nil))
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	forSeeds(t, 3, func(rt *testing.T, seed uint64) {
		c := shortRun(seed, 2)
		a, _ := run(t, c)
		b, _ := run(t, c)
		if digest(a) != digest(b) {
			rt.Fatal("two runs of one seed differ")
		}
		c.Seed++
		if other, _ := run(t, c); digest(other) == digest(a) {
			rt.Fatal("two seeds give the same run")
		}
	})
}

// A show must not change because another one is on the air, nor events because the wire is bad.
func TestAShowIsTheSameWithoutNeighboursAndFaults(t *testing.T) {
	c := shortRun(3, 3)
	values := func(c sim.Config) (of []string) {
		records, _ := run(t, c)
		for _, r := range records {
			if bytes.Contains(r.Value, []byte(`"event_id":"mika-desk-`)) {
				of = append(of, string(r.Value))
			}
		}
		slices.Sort(of)
		return slices.Compact(of)
	}
	all := values(c)
	c.Shows = c.Shows[1:2]
	c.Wire = sim.Wire{}
	if alone := values(c); !slices.Equal(all, alone) {
		t.Errorf("alone and without faults the show has %d distinct events, else %d", len(alone), len(all))
	}
	if len(all) < 1000 {
		t.Errorf("only %d events: the test compares next to nothing", len(all))
	}
}

func TestRecordsArriveInOrderAndNotBeforeTheyHappen(t *testing.T) {
	c := shortRun(5, 3)
	c.Wire.LateRate = 0
	records, _ := run(t, c)
	last := int64(0)
	for _, r := range records {
		if r.ArriveMS < last {
			t.Fatalf("a record arrives at %d after one at %d", r.ArriveMS, last)
		}
		last = r.ArriveMS
		if r.TimeMS != 0 && (r.ArriveMS < r.TimeMS || r.ArriveMS > r.TimeMS+c.Wire.Disorder.Milliseconds()+1) {
			t.Fatalf("a record of %d arrives at %d, the bound of disorder is %v", r.TimeMS, r.ArriveMS, c.Wire.Disorder)
		}
	}
}

// Truth is checked against a reader who knows nothing of the simulation but its bytes.
func TestTruthIsWhatANaiveReaderCounts(t *testing.T) {
	forSeeds(t, 5, func(rt *testing.T, seed uint64) {
		c := shortRun(seed, 4)
		records, truth := run(t, c)
		kinds, bad, topics := map[string]int64{}, map[string]int64{}, map[string]int64{}
		seen, orders := map[string]bool{}, map[string]bool{}
		var duplicates, tests, late int64
		for i, r := range records {
			topics[r.Topic]++
			e, reason := oracle.Decode(r, fmt.Sprintf("place/%d", i), start.Add(time.Hour).UnixMilli(), 1)
			switch {
			case reason != "":
				bad[reason]++
				continue
			case e.Kind == "catalog":
				continue
			case seen[e.ID]:
				duplicates++
				continue
			}
			seen[e.ID] = true
			kinds[e.Kind]++
			if r.ArriveMS-r.TimeMS > 2*c.Wire.Disorder.Milliseconds() {
				late++
			}
			if e.Order == nil || orders[e.Order.OrderID] {
				continue
			}
			orders[e.Order.OrderID] = true
			if e.Order.Test {
				tests++
			}
		}
		if !maps.Equal(kinds, truth.Kinds) || !maps.Equal(bad, truth.Bad) || !maps.Equal(topics, truth.Records) {
			rt.Fatalf("counted %v %v %v\ntruth   %v %v %v", kinds, bad, topics, truth.Kinds, truth.Bad, truth.Records)
		}
		if duplicates != truth.Duplicates || late != truth.Late || tests != truth.TestOrders ||
			int64(len(orders))-tests != truth.Orders {
			rt.Fatalf("counted %d duplicates, %d late, %d orders, %d tests; truth %+v", duplicates, late, len(orders),
				tests, truth)
		}
	})
}

func TestEveryReasonOfADeadLetterOccurs(t *testing.T) {
	c := shortRun(8, 3)
	c.Wire.BadRate = .05
	_, truth := run(t, c)
	for _, reason := range sim.Reasons {
		if truth.Bad[reason] == 0 {
			t.Errorf("no bad record for %s", reason)
		}
	}
}

// What the simulated shops did must be what the oracle's reading of the versions comes to.
func TestMoneyOfTheOracleIsThatOfTheTruth(t *testing.T) {
	forSeeds(t, 5, func(rt *testing.T, seed uint64) {
		records, truth := run(t, shortRun(seed, 6))
		o := oracle.New(oracle.Default())
		for i, r := range records {
			o.AddRaw(r, fmt.Sprint(i), start.Add(time.Hour).UnixMilli(), 1)
		}
		var orders int64
		for key, want := range truth.Money {
			m := o.Money("show/"+key.ShowID, 0)
			orders += m.OrdersTotal
			if len(m.Gmv) != 1 || m.Gmv[0].Currency != key.Currency {
				rt.Fatalf("show %s: %v", key.ShowID, m)
			}
			g := m.Gmv[0]
			got := sim.Money{Created: g.CreatedMinor, Paid: g.PaidMinor, Refunded: g.RefundedMinor,
				Cancelled: g.CancelledMinor}
			if got != want || g.NetMinor != want.Net() {
				rt.Fatalf("show %s: want %+v, got %+v", key.ShowID, want, got)
			}
		}
		// Some orders are created without an amount and never paid.
		if orders > truth.Orders || orders < truth.Orders*8/10 {
			rt.Fatalf("%d orders were made, %d count", truth.Orders, orders)
		}
	})
}

// A call must be followed by an uplift of likes, a raid by joins: else the acts do nothing.
func TestActsChangeTheRoom(t *testing.T) {
	s := sim.Spec{ID: "s", EsolID: "hana", Platform: "x", Lang: "ja", Currency: "JPY", Products: []string{"dew-balm"},
		Rate: 10, People: 500, Lasts: 10 * time.Minute, Acts: []sim.Act{
			{Kind: sim.Call, At: 2 * time.Minute}, {Kind: sim.Raid, At: 5 * time.Minute, Size: 100},
			{Kind: sim.Quiet, At: 7 * time.Minute}, {Kind: sim.Pin, At: 9 * time.Minute}}}
	records, _ := run(t, sim.Config{Seed: 1, Start: start, Cast: sim.Demo(1, start).Cast, Shows: []sim.Spec{s}})
	count := func(what string, from, to time.Duration) (n int) {
		for _, r := range records {
			at := time.UnixMilli(r.TimeMS).Sub(start)
			if at >= from && at < to && bytes.Contains(r.Value, []byte(what)) {
				n++
			}
		}
		return n
	}
	sec := time.Second
	more := func(name, what string, after, before [2]time.Duration, by int) {
		if a, b := count(what, after[0], after[1]), count(what, before[0], before[1]); a < by*b || a == 0 {
			t.Errorf("%s: %d of %s, and %d in a usual time as long; want %d times as many", name, a, what, b, by)
		}
	}
	more("call", `"kind":"like"`, [2]time.Duration{120 * sec, 140 * sec}, [2]time.Duration{90 * sec, 110 * sec}, 3)
	more("raid", `"kind":"join"`, [2]time.Duration{300 * sec, 308 * sec}, [2]time.Duration{280 * sec, 288 * sec}, 5)
	more("quiet", `"kind":"like"`, [2]time.Duration{180 * sec, 230 * sec}, [2]time.Duration{425 * sec, 475 * sec}, 4)
	more("pin", `"kind":"product_click"`, [2]time.Duration{540 * sec, 595 * sec}, [2]time.Duration{180 * sec,
		235 * sec}, 2)
}

func TestDemo(t *testing.T) {
	now := start.Add(sim.DemoHistory)
	s, err := sim.New(sim.Demo(1, now))
	if err != nil {
		t.Fatal(err)
	}
	esols, texts, comments, n := map[string]bool{}, map[string]bool{}, 0, 0
	for r := range s.All() {
		if r.ArriveMS > now.Add(10*time.Minute).UnixMilli() {
			break
		}
		n++
		var v struct {
			Esol string `json:"esol_id"`
			Text string
		}
		if json.Unmarshal(r.Value, &v) != nil {
			continue
		}
		esols[v.Esol] = true
		if r.Topic == source.Comments {
			comments++
			texts[v.Text] = true
		}
	}
	if rate := float64(n) / (22 * 60); rate < 60 || rate > 150 {
		t.Errorf("the demo makes %.0f records/s", rate)
	}
	if len(esols) < 6 { // five at least, and catalog records without one
		t.Errorf("ESOLs: %v", esols)
	}
	if len(texts) < 3000 {
		t.Errorf("%d comments say only %d different things", comments, len(texts))
	}
}

func TestNewRefuses(t *testing.T) {
	good := shortRun(1, 1)
	for name, spoil := range map[string]func(*sim.Spec){
		"an empty id":               func(s *sim.Spec) { s.ID = "" },
		"a chat that never ends":    func(s *sim.Spec) { s.Branching = 1 },
		"an unknown language":       func(s *sim.Spec) { s.Lang = "tlh" },
		"an unknown product":        func(s *sim.Spec) { s.Products = []string{"?"} },
		"a price in other currency": func(s *sim.Spec) { s.Currency = "USD" },
	} {
		c := good
		c.Shows = slices.Clone(good.Shows)
		spoil(&c.Shows[0])
		if _, err := sim.New(c); err == nil {
			t.Errorf("a show with %s is taken", name)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	s, err := sim.New(sim.Demo(1, start))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Next()
	}
}
