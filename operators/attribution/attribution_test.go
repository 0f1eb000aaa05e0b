package attribution_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/stream/event"
)

const (
	minute = 60_000
	day    = 24 * 60 * minute
	now    = 100 * day
)

func touch(id uint64, ageMS int64, esol string) attribution.Touch {
	return attribution.Touch{TimeMS: now - ageMS, ID: event.ID{Lo: id}, Surface: attribution.Web, Esol: esol}
}

func rule(m attribution.Model) attribution.Rule {
	return attribution.Rule{Model: m, Windows: attribution.DefaultWindows()}
}

var order = attribution.Order{ID: "o", TimeMS: now, Brand: "b", Products: []string{"p"}}

// amounts are what each ESOL gets of total, in order of the shares.
func amounts(total int64, shares []attribution.Share) (esols string, parts []int64) {
	var w []int64
	for _, s := range shares {
		esols += s.Esol
		w = append(w, s.Weight)
	}
	return esols, attribution.LargestRemainder.Split(total, w)
}

// The worked cases of MODEL §5, by model.
func TestModels(t *testing.T) {
	three := []attribution.Touch{touch(1, 3*day, "a"), touch(2, 2*day, "b"), touch(3, day, "c")}
	twice := []attribution.Touch{touch(1, 3*day, "a"), touch(2, 2*day, "b"), touch(3, day, "a")}
	live := []attribution.Touch{touch(1, 30*minute, "a"), touch(2, 0, "b")}
	for i := range live {
		live[i].Show, live[i].Surface = "s", attribution.Live
	}
	for _, c := range []struct {
		name    string
		touches []attribution.Touch
		model   attribution.Model
		total   int64
		esols   string
		want    []int64
	}{
		{"1000 by three", three, attribution.Linear, 1000, "abc", []int64{334, 333, 333}},
		{"40/20/40 of 999", three, attribution.Position, 999, "abc", []int64{400, 200, 399}},
		{"two share alike", three[:2], attribution.Position, 999, "ab", []int64{500, 499}},
		{"the last", three, attribution.Last, 999, "c", []int64{999}},
		{"the first", three, attribution.First, 999, "a", []int64{999}},
		{"half a half-life on air", live, attribution.TimeDecay, 1000, "ab", []int64{333, 667}},
		{"a half-life of seven days",
			[]attribution.Touch{touch(1, 0, "a"), touch(2, 7*day, "b")}, attribution.TimeDecay, 1000, "ab", []int64{667, 333}},
		{"linear counts touches", twice, attribution.Linear, 999, "ab", []int64{666, 333}},
		{"Shapley counts ESOLs", twice, attribution.Shapley, 999, "ab", []int64{500, 499}},
		{"nobody", nil, attribution.Linear, 999, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			esols, parts := amounts(c.total, attribution.Attribute(c.touches, order, nil, rule(c.model)))
			if esols != c.esols || !slices.Equal(parts, c.want) {
				t.Errorf("%s have %v, want %s %v", esols, parts, c.esols, c.want)
			}
			side := attribution.All(c.touches, order, nil, rule(attribution.None))[c.model-1]
			if _, again := amounts(c.total, side.Shares); side.Model != c.model || !slices.Equal(again, c.want) {
				t.Errorf("side by side, %v has %v", side.Model, again)
			}
		})
	}
}

// What counts: in its window, before the order, about it, not spent, and at most the latest 16.
func TestWhatIsConsidered(t *testing.T) {
	mine, spent := touch(1, day, "a"), rule(attribution.Linear)
	spent.Closes = true
	with := func(change func(*attribution.Touch)) []attribution.Touch {
		u := mine
		change(&u)
		return []attribution.Touch{u}
	}
	organic, capped := rule(attribution.Last), rule(attribution.Linear)
	organic.Organic = true
	capped.Windows = capped.Windows.Capped(day - 1)
	earlier := attribution.Order{ID: "n", TimeMS: now - day, Brand: "b", Products: []string{"p"}}
	other := attribution.Order{ID: "n", TimeMS: now - day, Brand: "z", Products: []string{"q"}}
	later := attribution.Order{ID: "p", TimeMS: now, Brand: "b", Products: []string{"p"}}
	for _, c := range []struct {
		name    string
		touches []attribution.Touch
		others  []attribution.Order
		rule    attribution.Rule
		want    int
	}{
		{"a day ago", with(func(*attribution.Touch) {}), nil, rule(attribution.Linear), 1},
		{"at the order's time", with(func(u *attribution.Touch) { u.TimeMS = now }), nil, rule(attribution.Linear), 1},
		{"after the order", with(func(u *attribution.Touch) { u.TimeMS = now + 1 }), nil, rule(attribution.Linear), 0},
		{"at the end of its window", with(func(u *attribution.Touch) { u.TimeMS = now - 30*day }), nil,
			rule(attribution.Linear), 1},
		{"behind it", with(func(u *attribution.Touch) { u.TimeMS = now - 30*day - 1 }), nil, rule(attribution.Linear), 0},
		{"a shorter window of email",
			with(func(u *attribution.Touch) { u.TimeMS, u.Surface = now-8*day, attribution.Email }), nil,
			rule(attribution.Linear), 0},
		{"a campaign's cap", with(func(*attribution.Touch) {}), nil, capped, 0},
		{"the product bought", with(func(u *attribution.Touch) { u.Product = "p" }), nil, rule(attribution.Linear), 1},
		{"another product", with(func(u *attribution.Touch) { u.Product = "q" }), nil, rule(attribution.Linear), 0},
		{"another of the brand", with(func(u *attribution.Touch) { u.Product, u.Brand = "q", "b" }), nil,
			rule(attribution.Linear), 1},
		{"organic", with(func(u *attribution.Touch) { u.Esol = "" }), nil, rule(attribution.Linear), 0},
		{"organic that counts", with(func(u *attribution.Touch) { u.Esol = "" }), nil, organic, 1},
		{"spent", with(func(*attribution.Touch) {}), []attribution.Order{earlier}, spent, 0},
		{"spent, but that does not matter", with(func(*attribution.Touch) {}), []attribution.Order{earlier},
			rule(attribution.Linear), 1},
		{"an earlier order of something else", with(func(u *attribution.Touch) { u.Product = "p" }),
			[]attribution.Order{other}, spent, 1},
		{"an order that is not earlier", with(func(*attribution.Touch) {}), []attribution.Order{later, order}, spent, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := attribution.Attribute(c.touches, order, c.others, c.rule); len(got) != c.want {
				t.Errorf("%d shares, want %d: %v", len(got), c.want, got)
			}
		})
	}
	var many []attribution.Touch
	for i := range uint64(20) {
		many = append(many, touch(i+1, int64(i)*minute, "a"))
	}
	if s := attribution.Attribute(many, order, nil, rule(attribution.Linear)); s[0].Weight != attribution.MaxTouches ||
		s[0].Touches[0] != (event.ID{Lo: 16}) {
		t.Errorf("of twenty touches count %d, the oldest %v", s[0].Weight, s[0].Touches[0])
	}
}

// In live is while the show is on air, and an open show four hours.
func TestInLive(t *testing.T) {
	for _, c := range []struct {
		age, end int64
		show     string
		want     bool
	}{
		{day, now, "s", true}, {minute, now - 1, "s", false}, {4 * 60 * minute, 0, "s", true},
		{4*60*minute + 1, 0, "s", false}, {minute, 0, "", false},
	} {
		u := touch(1, c.age, "a")
		u.Show, u.ShowEndMS = c.show, c.end
		if got := attribution.Attribute([]attribution.Touch{u}, order, nil, rule(attribution.Last))[0].InLive; got != c.want {
			t.Errorf("%+v: in live %v", c, got)
		}
	}
}

func TestSurfaces(t *testing.T) {
	for _, c := range []struct{ channel, code, show, want string }{
		{"email", "X", "s", "email"}, {"", "X", "s", "code"}, {"", "", "s", "live"}, {"", "", "", "web"},
		{"affiliate", "", "", "code"}, {"fax", "", "", "web"},
	} {
		if got := attribution.SurfaceOf(c.channel, c.code, c.show); got.String() != c.want {
			t.Errorf("%+v is %v", c, got)
		}
	}
}

func drawTouches(t *rapid.T) []attribution.Touch {
	return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) attribution.Touch {
		u := touch(rapid.Uint64Range(1, 40).Draw(t, "id"), rapid.Int64Range(-minute, 9*day).Draw(t, "age"),
			rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "esol"))
		u.Surface = attribution.Surface(rapid.IntRange(0, 5).Draw(t, "surface"))
		u.Show = rapid.SampledFrom([]string{"", "s", "t"}).Draw(t, "show")
		u.Product = rapid.SampledFrom([]string{"", "p", "q"}).Draw(t, "product")
		return u
	}), 0, 25, func(u attribution.Touch) event.ID { return u.ID }).Draw(t, "touches")
}

// A share is a function of the set of touches.
func TestOrderAndRepetitionChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		touches := drawTouches(t)
		r := rule(attribution.Model(rapid.IntRange(1, 6).Draw(t, "model")))
		r.Organic = rapid.Bool().Draw(t, "organic")
		want := attribution.Attribute(touches, order, nil, r)
		again := append([]attribution.Touch{}, touches...)
		if len(touches) > 0 {
			again = append(again, rapid.SliceOfN(rapid.SampledFrom(touches), 0, 5).Draw(t, "again")...)
		}
		got := attribution.Attribute(rapid.Permutation(again).Draw(t, "arrival"), order, nil, r)
		if !slices.EqualFunc(got, want, func(a, b attribution.Share) bool {
			return a.Esol == b.Esol && a.Show == b.Show && a.Weight == b.Weight && a.InLive == b.InLive &&
				slices.Equal(a.Touches, b.Touches)
		}) {
			t.Fatalf("%+v\nwant %+v", got, want)
		}
		for _, s := range got {
			if s.Weight <= 0 || len(s.Touches) == 0 || len(s.Touches) > attribution.MaxTouches {
				t.Fatalf("a share of %+v", s)
			}
		}
	})
}

func drawWeights(t *rapid.T) []int64 {
	return rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 9), rapid.Int64Range(0, 1<<36)), 1, 8).Draw(t, "weights")
}

// Splits sum to the total, also below zero; the largest remainder stays within a unit of the quota and moves by at most
// one; Webster's never moves the wrong way; nothing is split into nothings.
func TestSplits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWeights(t)
		total := rapid.OneOf(rapid.Int64Range(-30, 30), rapid.Int64Range(-1<<62, 1<<62)).Draw(t, "total")
		sum := new(big.Int)
		for _, x := range w {
			sum.Add(sum, big.NewInt(x))
		}
		for _, r := range []attribution.Rounding{attribution.LargestRemainder, attribution.Webster} {
			parts, next := r.Split(total, w), r.Split(total+1, w)
			var all int64
			for i, p := range parts {
				all += p
				if total == 0 && p != 0 {
					t.Fatalf("%v: of nothing %v", r, parts)
				}
				d := next[i] - p
				if r == attribution.Webster && d < 0 || d > 1 || d < -1 {
					t.Fatalf("%v by %v: one more unit turns %v into %v", r, w, parts, next)
				}
				if r == attribution.LargestRemainder && sum.Sign() > 0 && !withinAUnit(p, total, w[i], sum) {
					t.Fatalf("%d of %d by %v is a unit or more from its quota", p, total, w)
				}
			}
			if all != total {
				t.Fatalf("%v: %v sums to %d, not %d", r, parts, all, total)
			}
		}
	})
}

// withinAUnit: |p·sum - total·w| < sum.
func withinAUnit(p, total, w int64, sum *big.Int) bool {
	d := new(big.Int).Mul(big.NewInt(p), sum)
	d.Sub(d, new(big.Int).Mul(big.NewInt(total), big.NewInt(w)))
	return d.Abs(d).Cmp(sum) < 0
}

// The tables of MODEL §5.
func TestTables(t *testing.T) {
	six := []int64{1500, 1500, 900, 500, 500, 200}
	alabama := []int64{814, 974, 403}
	lr, webster := attribution.LargestRemainder, attribution.Webster
	for _, c := range []struct {
		r     attribution.Rounding
		total int64
		w     []int64
		want  []int64
	}{
		{lr, 25, six, []int64{7, 7, 4, 3, 3, 1}},
		{lr, 26, six, []int64{8, 8, 5, 2, 2, 1}},
		{lr, 139, alabama, []int64{52, 62, 25}},
		{lr, 138, alabama, []int64{51, 61, 26}}, // a refund of one raises the third
		{lr, -139, alabama, []int64{-52, -62, -25}},
		{webster, 139, alabama, []int64{52, 62, 25}},
		{webster, 138, alabama, []int64{51, 62, 25}},
		{webster, math.MaxInt64, []int64{1}, []int64{math.MaxInt64}},
		{webster, math.MinInt64, []int64{1, 1}, []int64{math.MinInt64 / 2, math.MinInt64 / 2}},
		{webster, 3, []int64{0, 0}, []int64{2, 1}},
		{webster, 1, []int64{5, 5}, []int64{1, 0}},
		{webster, 3, []int64{5, 5, 5, 5, 5, 5}, []int64{1, 1, 1, 0, 0, 0}},
	} {
		if got := c.r.Split(c.total, c.w); !slices.Equal(got, c.want) {
			t.Errorf("%v of %d by %v: %v, want %v", c.r, c.total, c.w, got, c.want)
		}
	}
}

// Webster against the plain definition: one unit after the other to the greatest w/(2a+1).
func TestWebsterIsWebster(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWeights(t)
		if slices.Max(w) == 0 {
			t.Skip("equal by another rule")
		}
		total := rapid.Int64Range(0, 300).Draw(t, "total")
		want := make([]int64, len(w))
		for range total {
			best := 0
			for i := range w {
				if w[i]*(2*want[best]+1) > w[best]*(2*want[i]+1) {
					best = i
				}
			}
			want[best]++
		}
		if got := attribution.Webster.Split(total, w); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
