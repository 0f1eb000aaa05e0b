package contract_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

func campaign(k *eventpb.Contract, commissionPPM, marginPPM uint32) *eventpb.Campaign {
	return &eventpb.Campaign{Currency: "JPY", CommissionPpm: commissionPPM, MarginPpm: marginPPM, Contract: k}
}

func order(net int64, lines ...contract.Line) *contract.Order {
	return &contract.Order{Currency: "JPY", NetMinor: net, Units: 1, Lines: lines}
}

func line(product string, units, net int64) contract.Line { return contract.Line{product, units, net} }

// The worked cases: each rule alone, with numbers that a person can check.
func TestRate(t *testing.T) {
	brackets := []*eventpb.Tier{{FromMinor: 1000, Ppm: 200_000}, {FromMinor: 2000, Ppm: 300_000}}
	for _, c := range []struct {
		name     string
		campaign *eventpb.Campaign
		tier     string
		order    *contract.Order
		before   contract.Place
		want     contract.Share
	}{
		{"the default rate, no contract", campaign(nil, 100_000, 0), "", order(1234), contract.Place{},
			contract.Share{GMVMinor: 1234, BaseMinor: 1234, FullMinor: 123, Minor: 123}},
		{"half goes to even, down", campaign(nil, 100_000, 0), "", order(25), contract.Place{},
			contract.Share{GMVMinor: 25, BaseMinor: 25, FullMinor: 2, Minor: 2}},
		{"half goes to even, up", campaign(nil, 100_000, 0), "", order(35), contract.Place{},
			contract.Share{GMVMinor: 35, BaseMinor: 35, FullMinor: 4, Minor: 4}},
		{"each line is rounded alone", campaign(nil, 100_000, 0), "",
			order(30, line("a", 1, 14), line("b", 1, 16)), contract.Place{},
			contract.Share{GMVMinor: 30, BaseMinor: 30, FullMinor: 3, Minor: 3}},
		{"all went back", campaign(nil, 100_000, 0), "", order(0, line("a", 0, 0)), contract.Place{}, contract.Share{}},
		{"more than all went back", campaign(nil, 100_000, 0), "", order(-5), contract.Place{}, contract.Share{}},
		{"product and ESOL tier before product before ESOL tier",
			campaign(&eventpb.Contract{Rates: []*eventpb.Rate{
				{EsolTier: "gold", Ppm: 200_000}, {ProductId: "a", Ppm: 300_000}, {ProductId: "a", EsolTier: "gold", Ppm: 10_000},
			}}, 100_000, 0), "gold",
			order(300, line("a", 1, 100), line("b", 1, 200)), contract.Place{},
			contract.Share{GMVMinor: 300, BaseMinor: 300, FullMinor: 41, Minor: 41}},
		{"a product's rate, whatever the ESOL",
			campaign(&eventpb.Contract{Rates: []*eventpb.Rate{{EsolTier: "gold", Ppm: 200_000}, {ProductId: "a", Ppm: 300_000}}},
				100_000, 0), "silver",
			order(300, line("a", 1, 100), line("b", 1, 200)), contract.Place{},
			contract.Share{GMVMinor: 300, BaseMinor: 300, FullMinor: 50, Minor: 50}},
		{"brackets are marginal", campaign(&eventpb.Contract{Tiers: brackets}, 100_000, 0), "", order(2000),
			contract.Place{GMVMinor: 500}, // 500 at 10 %, 1000 at 20 %, 500 at 30 %
			contract.Share{GMVMinor: 2000, BaseMinor: 2000, FullMinor: 400, Minor: 400}},
		{"a line with its own rate takes room in the brackets",
			campaign(&eventpb.Contract{Tiers: brackets, Rates: []*eventpb.Rate{{ProductId: "a", Ppm: 500_000}}}, 100_000, 0), "",
			order(1500, line("a", 1, 1000), line("b", 1, 500)), contract.Place{},
			contract.Share{GMVMinor: 1500, BaseMinor: 1500, FullMinor: 600, Minor: 600}},
		{"margin and rate are rounded once", campaign(&eventpb.Contract{Base: "margin"}, 500_000, 500_000), "", order(3),
			contract.Place{}, // 0.75; the base of 1.5 is shown as 2
			contract.Share{GMVMinor: 3, BaseMinor: 2, FullMinor: 1, Minor: 1}},
		{"the cap of an item is per unit", campaign(&eventpb.Contract{CapItemMinor: 30}, 500_000, 0), "",
			order(1100, line("a", 3, 1000), line("b", 1, 100)), contract.Place{},
			contract.Share{GMVMinor: 1100, BaseMinor: 1100, FullMinor: 120, Minor: 120, Capped: true}},
		{"the cap of an order", campaign(&eventpb.Contract{CapOrderMinor: 100}, 500_000, 0), "", order(1000),
			contract.Place{},
			contract.Share{GMVMinor: 1000, BaseMinor: 1000, FullMinor: 100, Minor: 100, Capped: true}},
		{"the month's cap leaves the rest", campaign(&eventpb.Contract{CapMonthMinor: 300}, 500_000, 0), "", order(1000),
			contract.Place{GMVMinor: 450, FullMinor: 225},
			contract.Share{GMVMinor: 1000, BaseMinor: 1000, FullMinor: 500, Minor: 75, Capped: true}},
		{"legs are the rate", campaign(&eventpb.Contract{Legs: []*eventpb.Leg{
			{Party: "brand", Ppm: 600_000}, {Party: "agency", Ppm: 100_000}, {Party: "esol", Ppm: 300_000}}}, 0, 0), "",
			order(1001), contract.Place{}, contract.Share{GMVMinor: 1001, BaseMinor: 1001, FullMinor: 400, Minor: 400}},
		{"another currency knows no caps and no brackets", campaign(&eventpb.Contract{Tiers: brackets,
			CapOrderMinor: 1}, 100_000, 0),
			"", &contract.Order{Currency: "USD", NetMinor: 5000}, contract.Place{GMVMinor: 5000},
			contract.Share{GMVMinor: 5000, BaseMinor: 5000, FullMinor: 500, Minor: 500}},
		{"the greatest order there is", campaign(nil, 1_000_000, 0), "", order(math.MaxInt64), contract.Place{},
			contract.Share{GMVMinor: math.MaxInt64, BaseMinor: math.MaxInt64, FullMinor: math.MaxInt64, Minor: math.MaxInt64}},
		{"amounts that end beyond all brackets there can be", campaign(&eventpb.Contract{Tiers: brackets}, 1_000_000, 0), "",
			order(8e18), contract.Place{GMVMinor: 8e18},
			contract.Share{GMVMinor: 8e18, BaseMinor: 8e18, FullMinor: 24e17, Minor: 24e17}},
	} {
		if got := contract.New(c.campaign).Rate(c.order, c.tier, []int{0}, c.before); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// A raise is in force at once, a cut after its notice, and for who has sold under the better version after the lock.
func TestVersions(t *testing.T) {
	c := campaign(&eventpb.Contract{
		LockMs: 100, NoticeMs: 10,
		Versions: []*eventpb.RateVersion{{ValidFromMs: 1000, CommissionPpm: 200_000}, {ValidFromMs: 2000,
			CommissionPpm: 50_000}},
	}, 100_000, 0)
	for _, x := range []struct {
		name   string
		ms     int64
		soldMS int64
		want   int64
	}{
		{"before any version", 999, -1, 100},
		{"a raise at once", 1000, -1, 200},
		{"a cut, within the notice", 2009, -1, 200},
		{"after the notice", 2010, -1, 50},
		{"within the lock of an ESOL that has sold", 2050, 1960, 200},
		{"not if it sold before the lock", 2050, 1949, 50},
		{"nor under the new version only", 2050, 2020, 50},
		{"after the lock", 2101, 2000, 50},
	} {
		terms := contract.New(c)
		versions, err := terms.InForce(x.ms, func(s contract.Span) (bool, error) {
			return s.FromMS <= x.soldMS && x.soldMS < s.ToMS, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := terms.Rate(order(1000), "", versions, contract.Place{}).Minor; got != x.want {
			t.Errorf("%s: %d, want %d", x.name, got, x.want)
		}
		// Whatever an order at soldMS may change lies where Locks says.
		if s := terms.Locks(x.soldMS); x.want == 200 && x.ms >= 2010 && (x.ms < s.FromMS || x.ms >= s.ToMS) {
			t.Errorf("%s: the lock of an order at %d is %v", x.name, x.soldMS, s)
		}
	}
}

func drawTerms(t *rapid.T) (*contract.Terms, *eventpb.Contract) {
	ppm := rapid.Uint32Range(0, 1_000_000)
	tiers := rapid.Custom(func(t *rapid.T) []*eventpb.Tier {
		var out []*eventpb.Tier
		at := int64(0)
		for range rapid.IntRange(0, 3).Draw(t, "tiers") {
			at += rapid.Int64Range(1, 500).Draw(t, "further")
			out = append(out, &eventpb.Tier{FromMinor: at, Ppm: ppm.Draw(t, "tier")})
		}
		return out
	})
	k := &eventpb.Contract{
		Tiers: tiers.Draw(t, "tiers"), Base: rapid.SampledFrom([]string{"net", "margin"}).Draw(t, "base"),
		CapOrderMinor: rapid.SampledFrom([]int64{0, 40}).Draw(t, "cap order"),
		CapItemMinor:  rapid.SampledFrom([]int64{0, 0, 7}).Draw(t, "cap item"),
		CapMonthMinor: rapid.SampledFrom([]int64{0, 100, 300}).Draw(t, "cap month"),
		Versions: []*eventpb.RateVersion{{ValidFromMs: 50, CommissionPpm: ppm.Draw(t, "later"),
			Tiers: tiers.Draw(t, "later tiers")}},
	}
	if rapid.Bool().Draw(t, "product") {
		k.Rates = []*eventpb.Rate{{ProductId: "a", Ppm: ppm.Draw(t, "rate")}}
	}
	c := campaign(k, ppm.Draw(t, "default"), ppm.Draw(t, "margin"))
	if rapid.IntRange(0, 3).Draw(t, "legs") == 0 {
		k.Tiers, k.Rates, k.Versions, c.CommissionPpm = nil, nil, nil, 0
		k.Legs = []*eventpb.Leg{{Party: "esol", Ppm: ppm.Draw(t, "leg") / 2}, {Party: "agency", Ppm: ppm.Draw(t, "leg") / 2}}
	}
	if err := contract.Check(c); err != nil && k.Base == "net" {
		t.Fatal("drawn a contract that Check refuses: ", err)
	}
	return contract.New(c), k
}

func drawOrder(t *rapid.T) *contract.Order {
	o := order(0)
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		net := rapid.Int64Range(-20, 200).Draw(t, "line net")
		o.Lines = append(o.Lines, line(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "product"), rapid.Int64Range(-1,
			3).Draw(t, "units"), net))
		o.NetMinor += net
	}
	o.NetMinor += rapid.SampledFrom([]int64{0, 0, 0, 10, -500}).Draw(t, "shipping")
	return o
}

// What is divided is never more than there is, the caps hold, the legs sum to it, and a full refund leaves nothing.
func TestShareIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, k := drawTerms(t)
		var before contract.Place
		var month int64
		for _, o := range rapid.SliceOfN(rapid.Custom(drawOrder), 1, 12).Draw(t, "orders") {
			s := terms.Rate(o, "", []int{0}, before)
			if s.Minor < 0 || s.Minor > s.FullMinor || s.FullMinor > s.BaseMinor || s.BaseMinor > max(0, o.NetMinor) {
				t.Fatalf("%+v of %+v", s, o)
			}
			if o.NetMinor <= 0 && s != (contract.Share{}) {
				t.Fatalf("%+v of an order that went back", s)
			}
			sum := int64(0)
			for _, p := range terms.Divide(s.Minor) {
				if p.Minor < 0 {
					t.Fatal("a party owes: ", p)
				}
				sum += p.Minor
			}
			if sum != s.Minor {
				t.Fatalf("parties get %d of %d", sum, s.Minor)
			}
			month += s.Minor
			var err error
			if before, err = before.Then(s); err != nil {
				t.Fatal(err)
			}
		}
		if limit := k.CapMonthMinor; limit > 0 && month > limit {
			t.Fatalf("the month paid %d, its cap is %d", month, limit)
		}
	})
}

// Each of these leaves a share no smaller: more net, another version whose rates count too, fewer used-up caps.
func TestShareIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, k := drawTerms(t)
		at := contract.Place{GMVMinor: rapid.Int64Range(0, 1500).Draw(t, "gmv"), FullMinor: rapid.Int64Range(0,
			300).Draw(t, "full")}
		net := rapid.Int64Range(0, 2000).Draw(t, "net")
		less := terms.Rate(order(net), "", []int{0}, at)
		if more := terms.Rate(order(net+rapid.Int64Range(0, 300).Draw(t, "more")), "", []int{0},
			at); more.Minor < less.Minor {
			t.Fatalf("%d, but %d of more", less.Minor, more.Minor)
		}
		if len(k.Versions) > 0 {
			if both := terms.Rate(order(net), "", []int{1, 0}, at); both.FullMinor < less.FullMinor {
				t.Fatalf("%d under one version, %d under two", less.FullMinor, both.FullMinor)
			}
		}
		used := at
		used.FullMinor += rapid.Int64Range(0, 100).Draw(t, "used")
		if left := terms.Rate(order(net), "", []int{0}, used); left.Minor > less.Minor {
			t.Fatalf("%d with less of the cap left, %d with more", left.Minor, less.Minor)
		}
	})
}

// A line is worth what exact arithmetic says, rounded half to even once: brackets, versions and margin together.
func TestLineIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := &eventpb.Contract{Base: "margin"}
		c := campaign(k, rapid.Uint32Range(0, 1_000_000).Draw(t, "default"), rapid.Uint32Range(1, 1_000_000).Draw(t,
			"margin"))
		draw := func(label string) (out []*eventpb.Tier) {
			for _, from := range rapid.SliceOfNDistinct(rapid.Int64Range(0, 1<<40), 0, 4, rapid.ID[int64]).Draw(t, label) {
				out = append(out, &eventpb.Tier{FromMinor: from, Ppm: rapid.Uint32Range(0, 1_000_000).Draw(t, "ppm")})
			}
			slices.SortFunc(out, func(a, b *eventpb.Tier) int { return int(a.FromMinor - b.FromMinor) })
			return out
		}
		k.Tiers = draw("tiers")
		k.Versions = []*eventpb.RateVersion{{ValidFromMs: 1, Tiers: draw("later tiers")}}
		from, net := rapid.Int64Range(0, 1<<40).Draw(t, "from"), rapid.Int64Range(1, 1<<40).Draw(t, "net")

		at := func(std uint32, tiers []*eventpb.Tier, x int64) uint32 {
			for _, b := range tiers {
				if b.FromMinor <= x {
					std = b.Ppm
				}
			}
			return std
		}
		points := []int64{from, from + net}
		for _, b := range slices.Concat(k.Tiers, k.Versions[0].Tiers) {
			if from < b.FromMinor && b.FromMinor < from+net {
				points = append(points, b.FromMinor)
			}
		}
		slices.Sort(points)
		sum := new(big.Rat)
		for i, p := range points[:len(points)-1] {
			ppm := max(at(c.CommissionPpm, k.Tiers, p), at(0, k.Versions[0].Tiers, p))
			sum.Add(sum, big.NewRat(points[i+1]-p, 1).Mul(big.NewRat(points[i+1]-p, 1), big.NewRat(int64(ppm), 1_000_000)))
		}
		sum.Mul(sum, big.NewRat(int64(c.MarginPpm), 1_000_000))
		got := contract.New(c).Rate(order(net), "", []int{0, 1}, contract.Place{GMVMinor: from})
		want := min(halfEven(sum), got.BaseMinor)
		if got.FullMinor != want {
			t.Fatalf("%d, want %d (%v)", got.FullMinor, want, sum)
		}
	})
}

func halfEven(r *big.Rat) int64 {
	q, rest := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(r.Denom()); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

// Where Alike says so, moving orders within their month leaves each of their shares as it was.
func TestAlike(t *testing.T) {
	alike := 0
	rapid.Check(t, func(t *rapid.T) {
		terms, _ := drawTerms(t)
		orders := rapid.SliceOfN(rapid.Custom(drawOrder), 1, 4).Draw(t, "orders")
		place := rapid.Custom(func(t *rapid.T) contract.Place {
			return contract.Place{GMVMinor: rapid.Int64Range(0, 1500).Draw(t, "gmv"), FullMinor: rapid.Int64Range(0,
				400).Draw(t, "full")}
		})
		was, is := place.Draw(t, "was"), place.Draw(t, "is")
		var shares []contract.Share
		at := was
		for _, o := range orders {
			s := terms.Rate(o, "", []int{0}, at)
			shares = append(shares, s)
			at, _ = at.Then(s)
		}
		if !terms.Alike(was, is, at.GMVMinor-was.GMVMinor, at.FullMinor-was.FullMinor) {
			return
		}
		alike++
		at = is
		for i, o := range orders {
			s := terms.Rate(o, "", []int{0}, at)
			if s != shares[i] {
				t.Fatalf("order %d: %+v after %+v, %+v after %+v", i, shares[i], was, s, is)
			}
			at, _ = at.Then(s)
		}
	})
	if alike == 0 {
		t.Error("never alike")
	}
}

// The edges of it: what begins in a bracket and ends in the next is not alike, what ends where it ends is.
func TestAlikeAtEdges(t *testing.T) {
	terms := contract.New(campaign(&eventpb.Contract{
		Tiers: []*eventpb.Tier{{FromMinor: 1000, Ppm: 1}}, CapMonthMinor: 500,
	}, 0, 0))
	at := func(gmv, full int64) contract.Place { return contract.Place{GMVMinor: gmv, FullMinor: full} }
	for _, c := range []struct {
		was, is   contract.Place
		gmv, full int64
		want      bool
	}{
		{at(0, 0), at(900, 0), 100, 0, true},
		{at(0, 0), at(901, 0), 100, 0, false},
		{at(901, 0), at(0, 0), 100, 0, false},
		{at(901, 0), at(902, 0), 100, 0, false},
		{at(1000, 0), at(5000, 0), 100, 0, true},
		{at(999, 0), at(1000, 0), 1, 0, false},
		{at(0, 0), at(0, 400), 0, 100, true},
		{at(0, 0), at(0, 401), 0, 100, false},
		{at(0, 401), at(0, 0), 0, 100, false},
		{at(0, 500), at(0, 900), 0, 100, true},
		{at(0, 499), at(0, 500), 0, 100, false},
		{at(950, 450), at(950, 450), 100, 100, true},
	} {
		if got := terms.Alike(c.was, c.is, c.gmv, c.full); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
