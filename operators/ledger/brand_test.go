package ledger_test

import (
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// Each part of a campaign's meters says whose the campaign is and which model governs it by the last entry of the catalog, and no
// meter of another scope says anything of the kind. A campaign that changes hands or models is said at the next emission with
// every part that it had, and where nothing else of it is another, nothing is restated.
func TestCampaignMetersSayWhoseTheyAre(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		type says struct{ brand, model string }
		brand, model, spend, now := "", "", int64(0), int64(1000)
		whose := map[*operators.Record]says{} // by record: what holds from it on
		moved := map[*operators.Record]bool{} // to another brand or model, and nothing else
		var log []*operators.Record
		for range rapid.IntRange(1, 30).Draw(t, "records") {
			now += rapid.SampledFrom([]int64{10, 100, 250}).Draw(t, "pause")
			r := &operators.Record{AppendMS: now}
			if rapid.Bool().Draw(t, "catalog") {
				was, before := says{brand, model}, spend
				brand = pick(t, "brand", "", "acme", "bolt")
				word := pick(t, "model", "linear", "linear", "shapley", "", "last_touch")
				if model = word; word == "" || word == "last_touch" { // of these the last is no model either
					model = "none"
				}
				spend = rapid.SampledFrom([]int64{before, before, 0, 700}).Draw(t, "spend")
				r.Events = []*eventpb.Event{catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: "c", Campaign: &eventpb.Campaign{
					BrandId: brand, Currency: "JPY", SpendMinor: spend, AttributionModel: word,
				}}), tick}
				moved[r] = spend == before && says{brand, model} != was
			} else {
				r.Events = append(rapid.SliceOfN(rapid.Custom(drawCredit), 1, 3).Draw(t, "credits"), tick)
			}
			whose[r] = says{brand, model}
			log = append(log, r)
		}
		had := map[string]bool{}
		known := false // an entry of the campaign has come
		restarts := rapid.SliceOfN(rapid.IntRange(0, len(log)-1), 0, 3).Draw(t, "restarts")
		heard := func(r *operators.Record, out *operators.Outputs) {
			said := map[string]bool{}
			for _, m := range out.Meters {
				campaign := strings.HasPrefix(m.Key, "campaign/")
				if m.Meter == nil {
					delete(had, m.Key)
					continue
				}
				want := says{}
				if campaign {
					want, had[m.Key], said[m.Key] = whose[r], true, true
					seen[want.brand+" "+m.Meter.Part]++
					seen["model "+want.model]++
				}
				if got := (says{m.Meter.BrandId, m.Meter.Model}); got != want {
					t.Fatalf("%s says that its brand and model are %q, and they are %q", m.Key, got, want)
				}
			}
			if moved[r] && known {
				seen["moved"]++
				for key := range had {
					if !said[key] {
						t.Fatalf("the campaign's brand and model are %q now, and %s was not said again", whose[r], key)
					}
				}
				for _, a := range out.Alerts {
					t.Fatalf("nothing but the brand or the model has changed, and restated is %v", a.Alert)
				}
			}
			if _, entry := moved[r]; entry {
				known = true
			}
		}
		runLog(t, log, nil, heard)
		had, known = map[string]bool{}, false
		again := func(r *operators.Record, out *operators.Outputs) { // whatever a fold that was begun again says
			for _, m := range out.Meters {
				if m.Meter == nil || !strings.HasPrefix(m.Key, "campaign/") {
					continue
				}
				if got := (says{m.Meter.BrandId, m.Meter.Model}); got != whose[r] {
					t.Fatalf("begun again, %s says that its brand and model are %q, and they are %q", m.Key, got, whose[r])
				}
			}
		}
		runLog(t, log, restarts, again)
	})
	for _, what := range []string{"acme money", "acme cost", "acme returns", "bolt money", " money", "moved", "model none", "model linear"} {
		if seen[what] < 3 {
			t.Errorf("%q was seen %d times: the test has lost its teeth (%v)", what, seen[what], seen)
		}
	}
}

// TestWhatWasKeptWithoutABrand is a ledger that a program of before kept, which did not ask whose a campaign is: it is read, its
// campaign is nobody's, and the catalog's entry, when it comes again, makes it the brand's without restating anything.
func TestWhatWasKeptWithoutABrand(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{CommissionPpm: 100_000}) // as such a program took any entry
	o.apply(sold("campaign/c", "1", 100, 0))
	o.checkpoint()
	o.restart()
	var out operators.Outputs
	entry := &eventpb.Campaign{Currency: "JPY", CommissionPpm: 100_000, BrandId: "acme", AttributionModel: "linear"}
	for i, want := range []string{"acme linear", ""} { // the entry once more says nothing new
		out.Reset()
		r := operators.Record{AppendMS: 20_000 + int64(i)*1000, Events: []*eventpb.Event{
			catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: "c", Campaign: entry}), tick,
		}}
		if err := o.fold.Apply(&r, &out); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, m := range out.Meters {
			got = m.Meter.GetBrandId() + " " + m.Meter.GetModel()
		}
		if got != want || len(out.Alerts) != 0 {
			t.Errorf("%d: the campaign is said to be %q's, expected %q; restated: %v", i, got, want, out.Alerts)
		}
	}
}
