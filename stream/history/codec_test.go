package history

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func anyKey() *rapid.Generator[key] {
	return rapid.Custom(func(t *rapid.T) key {
		s := rapid.SampledFrom(all).Draw(t, "series")
		currency := ""
		if c, ok := parseName(s.name); !ok || c.key.currency() != "" {
			currency = rapid.SampledFrom([]string{"JPY", "USD", "KWD", "AED", "ZWG"}).Draw(t, "currency")
		}
		k, ok := keyOf(s.id, currency)
		if !ok || !k.known() {
			t.Fatalf("series %s in %q has no key", s.name, currency)
		}
		return k
	})
}

var anyInt = rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1000, 1000), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, 0}))

func anyRows(tr tier) *rapid.Generator[[]row] {
	return rapid.Custom(func(t *rapid.T) []row {
		keys := rapid.SliceOfNDistinct(anyKey(), 0, 6, rapid.ID).Draw(t, "keys")
		slices.Sort(keys)
		var rows []row
		at := rapid.Int64Range(0, 2e9).Draw(t, "from") / tr.seconds * tr.seconds
		for range rapid.IntRange(0, 40).Draw(t, "rows") {
			r := row{t: at, at: at + rapid.Int64Range(0, tr.seconds-1).Draw(t, "at"), said: rapid.Int64Range(0, 3e9).Draw(t, "said")}
			if n := len(rows); n > 0 && rows[n-1].t == at {
				r.rev = rows[n-1].rev + rapid.Int64Range(1, 5).Draw(t, "rev")
			}
			for _, k := range keys {
				if rapid.IntRange(0, 3).Draw(t, "has") == 0 {
					continue
				}
				c := cell{k, anyInt.Draw(t, "last"), 0, 0}
				c.lo, c.hi = c.last, c.last
				if k.ranged() && tr.seconds > 1 {
					c.lo, c.hi = anyInt.Draw(t, "lo"), anyInt.Draw(t, "hi")
				}
				r.cells = append(r.cells, c)
			}
			rows = append(rows, r)
			at += rapid.Int64Range(0, 3).Draw(t, "step") * tr.seconds
		}
		return rows
	})
}

var unexported = cmp.AllowUnexported(row{}, cell{}, table{}, openRows{}, place{}, gap{}, partGap{})

// Whatever is written comes back.
func TestBlocksComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := rapid.SampledFrom(tiers[:]).Draw(t, "tier")
		rows := anyRows(tr).Draw(t, "rows")
		b := encodeBlock(tr, rows)
		got, err := decodeBlock(tr, b)
		if err != nil {
			t.Fatal(err)
		}
		if rowsIn(b) != len(rows) {
			t.Fatalf("holds %d rows, says %d", len(rows), rowsIn(b))
		}
		if d := cmp.Diff(rows, got, unexported); len(rows)+len(got) > 0 && d != "" {
			t.Fatal(d)
		}
	})
}

// Every block with a byte changed or cut off is an error, and one that can be told from others.
func TestTornBlocksAreSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := encodeBlock(tiers[1], anyRows(tiers[1]).Draw(t, "rows"))
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		torn := slices.Clone(b[:at])
		if rapid.Bool().Draw(t, "changed") {
			torn = slices.Clone(b)
			torn[at] ^= rapid.ByteRange(1, 255).Draw(t, "by")
			if at == 0 {
				t.Skip("another version is another error")
			}
		}
		if _, err := decodeBlock(tiers[1], torn); !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d of %d: %v", at, len(b), err)
		}
	})
}

// Bytes that nobody wrote are an error or rows, never a panic, however far behind the checksum they are.
func FuzzRows(f *testing.F) {
	f.Add(uint8(0), appendRows(nil, tiers[0], nil))
	f.Add(uint8(2), appendRows(nil, tiers[2], []row{{t: 60, at: 61, said: 99, cells: []cell{{key(1) << currencyBits, 5, 4, 6}}}}))
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		tr := tiers[n%tierCount]
		r := reader{b: body}
		if rows := r.rows(tr); rows != nil && r.err == nil {
			b := encodeBlock(tr, rows)
			again, err := decodeBlock(tr, b)
			if err != nil || !cmp.Equal(rows, again, unexported) {
				t.Fatalf("rows do not come back: %v", err)
			}
		}
		_, _ = decodeBlock(tr, body)
		_, _ = decodeTable("t", partRoom, body)
		_, _ = decodeTable("t", partRoom, seal(body, 0))
	})
}

// Every name on the list is read as itself, and nothing else is read.
func TestNames(t *testing.T) {
	for kind := range map[string]bool{"show": true, "esol": true, "campaign": true, "brand": true} {
		if len(namesOf(kind)) == 0 {
			t.Errorf("a %s has no series", kind)
		}
	}
	for name, want := range map[string]bool{
		"heat.gauge": true, "heat.gauge.min": true, "heat.gauge.max": true, "heat.gauge.avg": false, "heat.gauge.min.max": false,
		"gmv.JPY.net": true, "gmv.*.net": false, "gmv.net": false, "gmv..net": false, "gmv.XXX.net": false,
		"gmv.jpy.net": false, "gmv.JPY.net.max": false, "heat.JPY.gauge": false, "": false, ".": false, "..": false,
		"heat.gauge_lo.min": false, "roims.USD.break_even": true, "events.comment": true, "funnel.came_back_people": true,
	} {
		if c, ok := parseName(name); ok != want || ok && c.name != name {
			t.Errorf("parseName(%q) is %v", name, ok)
		}
	}
}
