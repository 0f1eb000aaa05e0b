package ingest

import (
	"strings"
	"testing"
)

// A contract that cannot be is refused with the field that makes it so.
func TestImpossibleContracts(t *testing.T) {
	d := testDecoder(t)
	for _, c := range []struct {
		members string // of the campaign
		reason  Reason
		detail  string
	}{
		{`"contract":{}`, MissingField, "currency:"},
		{`"currency":"JPY","contract":7`, BadField, "contract: expected an object"},
		{`"currency":"JPY","contract":{"cap_month":"-1"}`, BadAmount, "cap_month: expected zero to"},
		{`"currency":"JPY","contract":{"rates":[{"product_id":"p","ppm":1000001}]}`, BadField, "ppm:"},
		{`"currency":"JPY","contract":{"rates":[{"ppm":1}]}`, BadField, "contract: rates: expected a product_id or"},
		{`"currency":"JPY","contract":{"versions":[{"commission_ppm":1}]}`, MissingField, "valid_from:"},
		{`"currency":"JPY","contract":{"legs":[{"party":"esol","ppm":700000},{"party":"agency","ppm":300001}]}`,
			BadField, "contract: legs: expected at most 1000000 ppm in all, got 1000001"},
		{`"currency":"JPY","commission_ppm":1,"contract":{"legs":[{"party":"esol","ppm":1}]}`,
			BadField, "contract: legs: expected no commission_ppm"},
		{`"currency":"JPY","contract":{"shortfall":"penalty"}`, BadField, "contract: shortfall: expected a commitment"},
		{`"currency":"JPY","contract":{"base":"margin"}`, BadField, "contract: base: expected a margin_ppm"},
		{`"currency":"JPY","contract":{"month_offset_ms":50400001}`, BadField, "month_offset_ms:"},
		{`"holdout_ppm":500001`, BadField, "holdout_ppm: expected an integer from 0 to 500000"},
	} {
		in := input(RawCatalog, `{"kind":"campaign","id":"c",`+c.members+`}`)
		in.Key = []byte("campaign/c")
		if _, r := d.Decode(in); r == nil || r.Reason != c.reason || !strings.HasPrefix(r.Detail, c.detail) {
			t.Errorf("%s\n got %v\nwant %s: %s…", c.members, r, c.reason, c.detail)
		}
	}
	for members, detail := range map[string]string{`"campaign_id":"c"`: "through:", `"through":5`: "campaign_id:"} {
		in := input(RawCatalog, `{"kind":"payout","id":"p",`+members+`}`)
		in.Key = []byte("payout/p")
		if _, r := d.Decode(in); r == nil || r.Reason != MissingField || !strings.HasPrefix(r.Detail, detail) {
			t.Errorf("%s: %v, want %s", members, r, detail)
		}
	}
}
