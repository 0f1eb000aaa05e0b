package metrics_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators/metrics"
	"github.com/netsu/netsu/operators/roims"
)

// counts are large enough for every metric, and all different.
func counts(t *testing.T) *metrics.Counts {
	c := &metrics.Counts{Currency: "JPY"}
	v := reflect.ValueOf(c).Elem()
	next := int64(10_000)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Int64 {
			f.SetInt(next)
			next += 7_919
		}
	}
	c.HeatMicrojoules, c.BuyerHeatMicrojoules = 5_000_000_000, 2_000_000_000
	var s roims.Sums
	for range 100 {
		if err := s.Replace(roims.Order{}, roims.Order{PaidMinor: 1000, BackMinor: 100}); err != nil {
			t.Fatal(err)
		}
	}
	c.Returns = roims.Campaign{Currency: "JPY", Sums: s, CostMinor: 20_000, MarginPPM: 500_000}
	c.Brand = c.Returns
	c.Holdout = &roims.Holdout{Randomised: true, TreatedPersons: 10, ControlPersons: 20, Treated: s, Control: s}
	return c
}

func TestEveryDefinitionIsUniqueCompleteAndComputable(t *testing.T) {
	names, labels := map[string]bool{}, map[string]bool{}
	full, empty := counts(t), &metrics.Counts{}
	for _, d := range metrics.All() {
		if names[d.Name] || labels[d.JA] || labels[d.EN] {
			t.Errorf("%s: the name or a label is there twice", d.Name)
		}
		names[d.Name], labels[d.JA], labels[d.EN] = true, true, true
		if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(d.Name) {
			t.Errorf("%q is no name", d.Name)
		}
		for what, text := range map[string]string{"ja": d.JA, "en": d.EN, "unit": string(d.Unit), "basis": d.Basis,
			"numerator": d.Numerator, "window": d.Window, "attribution": d.Attribution, "refund rule": d.RefundRule} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", d.Name, what)
			}
		}
		whole := d.Unit == metrics.Money || d.Unit == metrics.Count
		if whole != (d.Denominator == "") || (d.SampleMin > 0) != (d.Sample != "") || whole && d.SampleMin > 0 {
			t.Errorf("%s: denominator %q, %d of %q", d.Name, d.Denominator, d.SampleMin, d.Sample)
		}
		v := d.Compute(full)
		if !v.Valid || v.Insufficient != "" || v.Name != d.Name || v.Numerator == 0 || whole != (v.Denominator == 0) ||
			whole != (v.Value == 0) || math.IsNaN(v.Value) {
			t.Errorf("%s of full counts: %+v", d.Name, v)
		}
		if e := d.Compute(empty); e.Valid != whole || (e.Insufficient == "") != whole || e.Value != 0 {
			t.Errorf("%s of nothing: %+v", d.Name, e)
		}
		if found, ok := metrics.Find(d.Name); !ok || found.EN != d.EN {
			t.Errorf("%s is not found", d.Name)
		}
	}
	if _, ok := metrics.Find("gmv"); ok {
		t.Error("there is no metric of the name gmv alone: it has too many meanings")
	}
}

func TestCompute(t *testing.T) {
	c := metrics.Counts{Currency: "JPY", PaidMinor: 900_000, NetMinor: 750_000, RefundedMinor: 150_000, OrdersPaid: 90,
		Buyers: 60, Viewers: 3_000, Views: 4_500, ProductVisitors: 600, ProductClicks: 1_200, SKUOrders: 96,
		ShowSeconds: 7_200, ViewerSeconds: 720_000, Comments: 3_600, NewBuyers: 45, RepeatBuyers: 15, FanMinor: 300_000,
		UnitsPaid: 180, HeatMicrojoules: 3_000_000_000, BuyerHeatMicrojoules: 1_200_000_000, CommitmentMinor: 1_000_000}
	for name, want := range map[string]float64{
		"gpm": 200_000, "gpm_net": 750_000. / 4.5, "uv_value": 300, "uv_value_net": 250, "aov": 10_000,
		"spend_per_buyer": 15_000, "units_per_order": 2, "cvr_viewers": .02, "cvr_product_visitors": .1, "ctor": .08,
		"acu": 100, "watch_time": 240, "chat_rate": 30, "refund_rate": 1. / 6, "new_buyer_share": .75, "fan_share": 1. / 3,
		"sale_backed_heat": .4, "gmv_per_kilojoule": 250_000, "commitment_progress": .75, "product_visitor_rate": .2,
	} {
		d, _ := metrics.Find(name)
		if v := d.Compute(&c); !v.Valid || math.Abs(v.Value/want-1) > 1e-12 {
			t.Errorf("%s: %+v, want %v", name, v, want)
		}
	}
	money, _ := metrics.Find("gmv_net")
	if v := money.Compute(&c); v.Numerator != 750_000 || v.Currency != "JPY" || !v.Valid {
		t.Errorf("%+v", v)
	}
	few := c
	few.Viewers, few.ProductImpressions = 99, 0
	for name, why := range map[string]string{"cvr_viewers": metrics.TooFew, "ctr": metrics.NoDenominator,
		"roims_net": roims.NoCost, "roims_incremental": roims.NoHoldout, "roims_profit": roims.NoMargin} {
		d, _ := metrics.Find(name)
		if v := d.Compute(&few); v.Valid || v.Value != 0 || v.Insufficient != why {
			t.Errorf("%s: %+v, want %s", name, v, why)
		}
	}
	d, _ := metrics.Find("roims_net")
	if v := d.Compute(counts(t)); v.ROIMS == nil || v.ROIMS.Claim != roims.Attributed || v.ROIMS.Hi <= v.Value {
		t.Errorf("a ROIMS comes with its interval and claim: %+v", v)
	}
}

// The digest is of all that is said of all metrics: who changes a meaning counts Version up, and then this.
func TestVersionIsOfTheseMeanings(t *testing.T) {
	b, err := json.Marshal(metrics.All())
	if err != nil {
		t.Fatal(err)
	}
	h := fnv.New64a()
	h.Write(b)
	full := counts(t)
	for _, d := range metrics.All() {
		v := d.Compute(full)
		fmt.Fprintln(h, v.Name, v.Numerator, v.Denominator)
	}
	if got, want := fmt.Sprintf("%d %016x", metrics.Version, h.Sum64()), "1 7a76188c82412dda"; got != want {
		t.Errorf("version and meanings are %q, and were %q", got, want)
	}
}
