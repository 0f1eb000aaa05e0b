package budget_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/netsu/netsu/operators/budget"
	"pgregory.net/rapid"
)

// past is n orders that make up gmv, for a spend.
func past(spend, gmv, n int64) budget.Past {
	p := budget.Past{SpendMinor: spend}
	for i := range n {
		x := gmv / n
		if i == 0 {
			x = gmv - gmv/n*(n-1)
		}
		if err := p.Net.Add(x); err != nil {
			panic(err)
		}
	}
	return p
}

// on is the past of an ESOL whose curve is a·ln(1+x/s), at the spends, in orders of 1,000.
func on(a, s float64, spends ...int64) (of []budget.Past) {
	for _, x := range spends {
		gmv := a * math.Log(1+float64(x)/s)
		of = append(of, past(x, int64(gmv), int64(gmv)/1000))
	}
	return of
}

func share(t *testing.T, a budget.Advice, id string) budget.Share {
	t.Helper()
	for _, s := range a.Shares {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no share of %s in %+v", id, a)
	return budget.Share{}
}

func question(esols ...budget.ESOL) budget.Question {
	return budget.Question{Campaign: "c", Hour: 490_000, ESOLs: esols, BudgetMinor: 1_000_000, UnitMinor: 50_000,
		MarginPPM: 400_000}
}

// The marginal return of a curve that the data pin down: a/(s+x), times margin, less one.
func TestMarginalIsOfTheCurve(t *testing.T) {
	const a, s = 5e8, 1e6 // many orders: little is left to chance, s is on the grid around the median spend
	e := budget.ESOL{ID: "a", SpentMinor: 3_000_000, Past: on(a, s, 250_000, 500_000, 1_000_000, 4_000_000, 8_000_000)}
	got := share(t, budget.Advise(question(e)), "a")
	if want := .4*a/(s+3e6) - 1; math.Abs(got.Marginal/want-1) > .01 || got.Lo > want || got.Hi < want {
		t.Errorf("%+v, want a marginal ROIMS of %.3f", got, want)
	}
	if got.Best != 1 {
		t.Errorf("the only one must be the best: %+v", got)
	}
}

// "rich" has returned more per unit spent, and is saturated; "fresh" returns more for the next.
func TestMarginalAndNotAverageDecides(t *testing.T) {
	rich := budget.ESOL{ID: "rich", SpentMinor: 40_000_000, Past: on(9e7, 1e6, 500_000, 2_000_000, 40_000_000)}
	fresh := budget.ESOL{ID: "fresh", SpentMinor: 500_000, Past: on(4e7, 2e6, 250_000, 500_000, 2_000_000)}
	a := budget.Advise(question(rich, fresh))
	r, f := share(t, a, "rich"), share(t, a, "fresh")
	if f.Minor != 1_000_000 || f.Reason != budget.Given || r.Minor != 0 || r.Reason != budget.NotDrawn || f.Best < .99 ||
		a.LeftMinor != 0 {
		t.Errorf("rich %+v\nfresh %+v", r, f)
	}
	again := rich
	again.SpentMinor = 0
	if r := share(t, budget.Advise(question(again, fresh)), "rich"); r.Minor == 0 {
		t.Errorf("at the start of a period, rich has the steeper curve: %+v", r)
	}
}

// Alike as they are, both are tried; and the more is spent on one, the less it returns.
func TestThompsonTriesBoth(t *testing.T) {
	x, y := on(3e6, 1e6, 1_000_000), on(3e6, 1e6, 1_000_000)
	a := budget.Advise(question(budget.ESOL{ID: "x", Past: x}, budget.ESOL{ID: "y", Past: y}))
	if a.Shares[0].Minor < 200_000 || a.Shares[1].Minor < 200_000 || math.Abs(a.Shares[0].Best-.5) > .08 {
		t.Errorf("%+v", a)
	}
	q := question(budget.ESOL{ID: "x", Past: x}, budget.ESOL{ID: "y", Past: y})
	q.Hour++
	if b := budget.Advise(q); b.Seed == a.Seed || reflect.DeepEqual(a.Shares, b.Shares) {
		t.Error("another hour must draw anew")
	}
}

// What is given counts as spent: of two that are known well, the lesser gets some of much.
func TestWhatIsGivenCounts(t *testing.T) {
	q := question(budget.ESOL{ID: "x", Past: on(5e8, 1e6, 500_000, 1_000_000, 4_000_000)},
		budget.ESOL{ID: "y", Past: on(4e8, 1e6, 500_000, 1_000_000, 4_000_000)})
	q.BudgetMinor, q.UnitMinor = 20_000_000, 500_000
	a := budget.Advise(q)
	// 5/(1+x) = 4/(1+y) of 20: 11.2 and 8.8 million.
	if x := a.Shares[0].Minor; x < 10_500_000 || x > 12_000_000 {
		t.Errorf("%+v", a)
	}
	q.Phi = 100
	if b := budget.Advise(q); b.Shares[0].Hi-b.Shares[0].Lo < 3*(a.Shares[0].Hi-a.Shares[0].Lo) {
		t.Errorf("orders in flocks say less: %+v, and without %+v", b.Shares[0], a.Shares[0])
	}
}

func TestShrinkage(t *testing.T) {
	q := question()
	gmv := func(x float64) int64 { return int64(4e8 * math.Log(1+x/1e6)) }
	for i := range 8 {
		q.ESOLs = append(q.ESOLs, budget.ESOL{ID: fmt.Sprint("known", i), Past: []budget.Past{
			past(200_000, gmv(200_000), 73), past(1_000_000, gmv(1e6), 277), past(5_000_000, gmv(5e6), 717)}})
	}
	// Thirty orders like theirs, of half as much again: a lucky week, and not known to be more.
	lucky := budget.ESOL{ID: "lucky", Past: []budget.Past{past(50_000, gmv(50_000)*3/2, 30)}}
	alone := share(t, budget.Advise(question(lucky)), "lucky")
	q.ESOLs = append(q.ESOLs, lucky)
	a := budget.Advise(q)
	among, known := share(t, a, "lucky"), share(t, a, "known0")
	if among.Marginal > 1.15*known.Marginal || alone.Marginal < 1.3*known.Marginal {
		t.Errorf("alone %+v\namong others %+v\nknown %+v", alone, among, known)
	}
	if among.Hi-among.Lo < known.Hi-known.Lo {
		t.Errorf("less is known of the lucky one: %+v and %+v", among, known)
	}
}

func TestNoAdvice(t *testing.T) {
	e := budget.ESOL{ID: "a", Past: on(5e7, 1e6, 1_000_000)}
	few := budget.ESOL{ID: "a", Past: []budget.Past{past(100, 1e9, 29)}}
	free := budget.ESOL{ID: "a", Past: []budget.Past{past(0, 1e9, 500)}}
	for _, c := range []struct {
		name   string
		change func(*budget.Question)
		left   string
		reason string
	}{
		{"no margin", func(q *budget.Question) { q.MarginPPM = 0 }, budget.NoMargin, budget.NotJudged},
		{"no budget", func(q *budget.Question) { q.BudgetMinor = 0 }, budget.NoBudget, budget.NotJudged},
		{"29 orders", func(q *budget.Question) { q.ESOLs[0] = few }, budget.NobodyKnown, budget.BelowMinimumSample},
		{"never paid", func(q *budget.Question) { q.ESOLs[0] = free }, budget.NobodyKnown, budget.BelowMinimumSample},
		{"a high hurdle", func(q *budget.Question) { q.HurdlePPM = 1e9 }, budget.BelowHurdle, budget.NotDrawn},
		{"nobody", func(q *budget.Question) { q.ESOLs = nil }, budget.NobodyKnown, ""},
	} {
		q := question(e)
		c.change(&q)
		a := budget.Advise(q)
		if a.Left != c.left || a.LeftMinor != q.BudgetMinor || c.reason != "" && a.Shares[0].Reason != c.reason {
			t.Errorf("%s: %+v", c.name, a)
		}
	}
}

func TestLimits(t *testing.T) {
	q := question()
	for i := range 230 {
		one := []budget.Past{past(1000, 1e6, int64(31+i))}
		q.ESOLs = append(q.ESOLs, budget.ESOL{ID: fmt.Sprintf("%03d", i), Past: one})
	}
	q.BudgetMinor, q.UnitMinor = 1_000_001, 1
	a := budget.Advise(q)
	if a.UnitMinor != 1001 {
		t.Errorf("a unit of %d, want a thousandth", a.UnitMinor)
	}
	for i, s := range a.Shares {
		if (s.Reason == budget.TooMany) != (i < 30) || i < 30 && s.Minor != 0 {
			t.Errorf("%d: %+v", i, s)
		}
	}
	if q.UnitMinor = 0; budget.Advise(q).UnitMinor != 100_001 {
		t.Error("without a unit, it is a tenth")
	}
}

func TestAdviceIsAFunctionOfTheQuestion(t *testing.T) {
	aPast := rapid.Custom(func(t *rapid.T) budget.Past {
		p := budget.Past{SpendMinor: rapid.Int64Range(0, 1e7).Draw(t, "spend")}
		for range rapid.IntRange(0, 25).Draw(t, "orders") {
			if err := p.Net.Add(rapid.Int64Range(-1e4, 1e6).Draw(t, "amount")); err != nil {
				t.Fatal(err)
			}
		}
		return p
	})
	rapid.Check(t, func(t *rapid.T) {
		q := budget.Question{Campaign: rapid.String().Draw(t, "campaign"), Hour: rapid.Int64().Draw(t, "hour"),
			BudgetMinor: rapid.Int64Range(0, 1e9).Draw(t, "budget"), UnitMinor: rapid.Int64Range(0, 1e8).Draw(t, "unit"),
			MarginPPM: rapid.Int64Range(0, 1e6).Draw(t, "margin"), HurdlePPM: rapid.Int64Range(-1e6, 1e6).Draw(t, "hurdle"),
			Phi: rapid.Float64Range(0, 9).Draw(t, "φ")}
		for i := range rapid.IntRange(0, 6).Draw(t, "esols") {
			q.ESOLs = append(q.ESOLs, budget.ESOL{ID: fmt.Sprint(i), SpentMinor: rapid.Int64Range(0, 1e8).Draw(t, "spent"),
				Past: rapid.SliceOfN(aPast, 0, 4).Draw(t, "past")})
		}
		a := budget.Advise(q)
		if again := budget.Advise(q); !reflect.DeepEqual(a, again) {
			t.Fatalf("asked twice: %+v, then %+v", a, again)
		}
		total := a.LeftMinor
		for i, s := range a.Shares {
			total += s.Minor
			orders, spent := int64(0), false
			for _, p := range q.ESOLs[i].Past {
				if p.SpendMinor > 0 {
					orders, spent = orders+p.Net.N, true
				}
			}
			if s.Minor < 0 || s.Minor > 0 && (orders < 30 || !spent) {
				t.Fatalf("%+v with %d orders", s, orders)
			}
			if math.IsNaN(s.Marginal) || s.Lo > s.Hi || (s.Minor > 0) != (s.Reason == budget.Given) {
				t.Fatalf("%+v", s)
			}
		}
		if total != q.BudgetMinor {
			t.Fatalf("%d of %d: %+v", total, q.BudgetMinor, a)
		}
		mixed := q
		mixed.ESOLs = rapid.Permutation(q.ESOLs).Draw(t, "order")
		for i := range mixed.ESOLs {
			mixed.ESOLs[i].Past = rapid.Permutation(mixed.ESOLs[i].Past).Draw(t, "past's order")
		}
		if b := budget.Advise(mixed); !reflect.DeepEqual(a, b) {
			t.Fatalf("in another order: %+v\n%+v", a, b)
		}
	})
}

func BenchmarkAdvise(b *testing.B) {
	q := question()
	for i := range 20 {
		q.ESOLs = append(q.ESOLs, budget.ESOL{ID: fmt.Sprint(i), Past: on(4e7+float64(i)*1e6, 1e6, 500_000, 1_000_000)})
	}
	for b.Loop() {
		budget.Advise(q)
	}
}
