package fx_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators/fx"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

func table(t testing.TB, pivot string, entries ...string) *fx.Table {
	t.Helper()
	table := fx.New(pivot)
	for i, e := range entries {
		x := &eventpb.Fx{}
		if _, err := fmt.Sscanf(e, "%s %s %s %d", &x.Base, &x.Quote, &x.Rate, &x.FromMs); err != nil {
			t.Fatal(err)
		}
		if err := table.Put(fmt.Sprint(i), x); err != nil {
			t.Fatalf("%s: %v", e, err)
		}
	}
	return table
}

func TestConvert(t *testing.T) {
	rates := table(t, "JPY", "USD JPY 151.5 2000", "USD JPY 150.00 1000", "THB JPY 4.30 1500", "IDR JPY 0.0094 1000",
		"BHD USD 2.65 1000", "EUR USD 1.10 1000", "EUR JPY 160 1000")
	for _, c := range []struct {
		name     string
		minor    int64
		from, to string
		atMS     int64
		want     int64
		state    fx.State
		fromMS   int64
	}{
		{"the same currency", 12345, "USD", "USD", 0, 12345, fx.Same, 0},
		{"dollars to yen", 1299, "USD", "JPY", 1000, 1948, fx.Direct, 1000}, // 12.99·150 = 1948.5, to even
		{"a later rate", 1299, "USD", "JPY", 2000, 1968, fx.Direct, 2000},   // 1967.985
		{"just before it", 1299, "USD", "JPY", 1999, 1948, fx.Direct, 1000},
		{"before any", 1299, "USD", "JPY", 999, 0, fx.NoRate, 0},
		{"yen to dollars", 1949, "JPY", "USD", 1000, 1299, fx.Inverse, 1000},                // 12.9933
		{"three decimals to two", 1005, "BHD", "USD", 1000, 266, fx.Direct, 1000},           // 1.005·2.65 = 2.66325
		{"through the pivot, of two dates", 10000, "THB", "USD", 3000, 284, fx.Cross, 1500}, // 430/151.5 = 2.838…
		{"direct before the pivot", 1000, "EUR", "USD", 1000, 1100, fx.Direct, 1000},
		{"no leg to the pivot", 100, "GBP", "USD", 1000, 0, fx.NoRate, 0},
		{"two pivots are never taken", 100, "BHD", "THB", 3000, 0, fx.NoRate, 0},
		{"no such currency", 100, "USD", "XXX", 1000, 0, fx.NoRate, 0},
		{"a refund", -1299, "USD", "JPY", 1000, -1948, fx.Direct, 1000},
		{"half a yen is even", 1, "USD", "JPY", 1000, 2, fx.Direct, 1000}, // 1.5
		{"too much", math.MaxInt64, "USD", "IDR", 1000, 0, fx.Overflow, 1000},
	} {
		got := rates.Convert(c.minor, c.from, c.to, c.atMS)
		if got.Minor != c.want || got.State != c.state || got.FromMS != c.fromMS || got.Currency != c.to ||
			got.OK() != (c.state != fx.NoRate && c.state != fx.Overflow) || got.Version != rates.Version(c.atMS) {
			t.Errorf("%s: %+v, want %d %s", c.name, got, c.want, c.state)
		}
	}
	c := rates.Convert(10000, "THB", "USD", 3000)
	want := []fx.Leg{{"THB", "JPY", "4.30", 1500, false}, {"USD", "JPY", "151.5", 2000, true}}
	if !slices.Equal(c.Legs, want) {
		t.Errorf("legs %+v, want %+v", c.Legs, want)
	}
	if got := table(t, "", "THB JPY 4.30 0", "USD JPY 150 0").Convert(100, "THB", "USD", 1); got.State != fx.NoRate {
		t.Errorf("without a pivot there are no cross rates: %+v", got)
	}
}

func TestSumRoundsOnce(t *testing.T) {
	rates := table(t, "JPY", "USD JPY 150 1000")
	// 1.5 yen each would be 2 each.
	got := rates.Sum([]fx.Amount{{1, "USD"}, {1, "USD"}, {7, "JPY"}, {5, "THB"}, {9, "EUR"}, {1, "THB"}}, "JPY", 1000)
	if got.Minor != 10 || !slices.Equal(got.Missing, []string{"EUR", "THB"}) || got.Version == "" || got.FromMS != 1000 {
		t.Errorf("%+v", got)
	}
	if got := rates.Sum([]fx.Amount{{math.MaxInt64, "JPY"}, {1, "JPY"}}, "JPY", 1000); !got.Overflow || got.Minor != 0 {
		t.Errorf("%+v", got)
	}
}

// A rate without a date is older than any: whoever asks how old a sum's rates are must not be told the date of another.
func TestARateWithoutADateIsTheOldest(t *testing.T) {
	rates := table(t, "", "USD JPY 150 0", "THB JPY 4 1000")
	amounts := []fx.Amount{{1, "USD"}, {1, "THB"}}
	for range 2 {
		if got := rates.Sum(amounts, "JPY", 1000); got.FromMS != 0 {
			t.Errorf("of %v, the oldest rate is of %d", amounts, got.FromMS)
		}
		slices.Reverse(amounts)
	}
}

func TestVersion(t *testing.T) {
	a := table(t, "", "USD JPY 150 1000", "USD JPY 151 2000", "THB JPY 4 1000")
	if a.Version(999) != "" || a.Version(1000) == "" || a.Version(1000) != a.Version(1999) ||
		a.Version(1999) == a.Version(2000) {
		t.Error("the version must change when the rates in force do, and only then")
	}
	if b := table(t, "", "USD JPY 150.0 1000", "THB JPY 4 1000"); a.Version(1500) != b.Version(1500) {
		t.Error("a rate for another time, or zeros at the end, must not matter")
	}
	before := a.Version(5000)
	a.Delete("1")
	if a.Version(5000) == before || a.Version(5000) != a.Version(1000) {
		t.Error("a rate that is deleted must not count")
	}
}

func TestBegins(t *testing.T) {
	rates := table(t, "", "USD JPY 150 1000", "THB JPY 4 2000")
	for _, c := range []struct {
		after, through int64
		want           bool
	}{{0, 999, false}, {0, 1000, true}, {1000, 1999, false}, {1000, 2000, true}, {2000, 9000, false}, {math.MinInt64, 5000, true}} {
		if got := rates.Begins(c.after, c.through); got != c.want {
			t.Errorf("after %d, through %d: %v", c.after, c.through, got)
		}
	}
}

func TestPutRefuses(t *testing.T) {
	rates := table(t, "", "USD JPY 150 1000")
	for _, x := range []*eventpb.Fx{
		{Base: "USD", Quote: "USD", Rate: "1"}, {Base: "USD", Quote: "XXX", Rate: "1"}, {Base: "", Quote: "JPY", Rate: "1"},
		{Base: "USD", Quote: "JPY", Rate: "0.00"}, {Base: "USD", Quote: "JPY", Rate: "-1"},
		{Base: "USD", Quote: "JPY", Rate: "1e3"}, {Base: "USD", Quote: "JPY", Rate: "1/3"},
		{Base: "USD", Quote: "JPY", Rate: "1.2.3"}, {Base: "USD", Quote: "JPY", Rate: ".5"},
		{Base: "USD", Quote: "JPY", Rate: "5."}, {Base: "USD", Quote: "JPY", Rate: ""},
		{Base: "USD", Quote: "JPY", Rate: strings.Repeat("1", 19)},
	} {
		if err := rates.Put("0", x); !errors.Is(err, fx.ErrRate) {
			t.Errorf("%v: %v", x, err)
		}
	}
	if rates.Convert(1, "USD", "JPY", 1000).State != fx.Direct {
		t.Error("what is refused must change nothing")
	}
	for i := range 600 {
		err := rates.Put(fmt.Sprint(i), &eventpb.Fx{Base: "USD", Quote: "JPY", Rate: "1", FromMs: int64(i)})
		if (err != nil) != (i >= 512) {
			t.Fatalf("entry %d: %v", i, err)
		}
	}
}

// Whatever the order of Put, and what was there before, a table is a function of the entries by id.
func TestTableIsAFunctionOfItsEntries(t *testing.T) {
	currencies := []string{"USD", "JPY", "BHD", "EUR"}
	rapid.Check(t, func(t *rapid.T) {
		var ids []string
		entries := map[string]*eventpb.Fx{}
		for i := range rapid.IntRange(1, 12).Draw(t, "entries") {
			pair := rapid.Permutation(currencies).Draw(t, "pair")
			id := fmt.Sprint(i)
			ids = append(ids, id)
			entries[id] = &eventpb.Fx{Base: pair[0], Quote: pair[1], Rate: fmt.Sprintf("%d.%03d",
				rapid.IntRange(1, 300).Draw(t, "rate"), rapid.IntRange(0, 999).Draw(t, "decimals")),
				FromMs: rapid.Int64Range(0, 5).Draw(t, "from")}
		}
		a, b := fx.New("JPY"), fx.New("JPY")
		for _, id := range ids {
			_ = a.Put(id, entries[id])
		}
		for _, id := range rapid.Permutation(ids).Draw(t, "order") {
			_ = b.Put(id, &eventpb.Fx{Base: "EUR", Quote: "USD", Rate: "9"}) // its former version
			_ = b.Put(id, entries[id])
		}
		b.Delete("no such id")
		amount := rapid.Int64Range(-1e9, 1e9).Draw(t, "amount")
		for at := range int64(6) {
			for _, from := range currencies {
				for _, to := range currencies {
					x, y := a.Convert(amount, from, to, at), b.Convert(amount, from, to, at)
					if fmt.Sprint(x) != fmt.Sprint(y) {
						t.Fatalf("%+v and %+v", x, y)
					}
					near(t, amount, x, from)
				}
			}
		}
	})
}

// near checks that a conversion is within half a minor unit of the product of its legs.
func near(t *rapid.T, amount int64, c fx.Conversion, from string) {
	if !c.OK() {
		return
	}
	digits := map[string]int64{"USD": 100, "JPY": 1, "BHD": 1000, "EUR": 100}
	exact := big.NewRat(amount*digits[c.Currency], digits[from])
	for _, l := range c.Legs {
		rate, _ := new(big.Rat).SetString(l.Rate)
		if l.Inverse {
			rate.Inv(rate)
		}
		exact.Mul(exact, rate)
	}
	off := exact.Sub(exact, new(big.Rat).SetInt64(c.Minor))
	if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
		t.Fatalf("%d %s to %+v is off by %v", amount, from, c, off)
	}
}
