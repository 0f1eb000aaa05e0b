package source_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/source"
)

func collect(t testing.TB, s source.Seq) (all []source.Record) {
	t.Helper()
	for r, err := range s {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// data is the path of a recorded set; the test is skipped where there is none.
func data(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("NETSU_TEST_DATA")
	if dir == "" {
		dir = "../../../shared/data" // beside the repository
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("recorded data is not part of the project: %v (NETSU_TEST_DATA says where it is)", err)
	}
	return path
}

func open(t testing.TB, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestEncodersWriteWhatJSONReads(t *testing.T) {
	text := "a\"b\\c\n\t\x00\x7f é 草 😊 \xff<&>"
	c := source.Comment{Common: source.Common{EventID: "1", TimeMS: 1764000000123, ShowID: "s"}, Text: text}
	o := source.Order{Common: source.Common{TimeMS: 5, Epoch: true}, OrderID: "o", Version: 3, Status: "paid",
		Test:   true,
		Amount: "12.50", Tax: "1.00", Shipping: "2", TaxIncluded: true, AffiliateCode: "a",
		Lines: []source.Line{{ProductID: "p", Quantity: 2, UnitPrice: "1.50"}, {ProductID: "q"}},
		Refunds: []source.RefundPart{{RefundID: "r", Amount: "1", TimeMS: 7, Lines: []source.Line{{ProductID: "p",
			Quantity: 1}}}}}
	for _, c := range []struct {
		r    source.Record
		want string
	}{
		{c.Record(), `{"event_id":"1","time":"2025-11-24T16:00:00.123Z","show_id":"s","text":` +
			`"a\"b\\c\n\t\u0000\u007f é 草 😊 \ufffd<&>"}`},
		{o.Record(), `{"time":5,"order_id":"o","version":3,"status":"paid","lines":[{"product_id":"p","quantity":2,` +
			`"unit_price":"1.50"},{"product_id":"q","quantity":0}],"amount":"12.50","tax":"1.00",` +
			`"shipping":"2","tax_included":true,"affiliate_code":"a","refunds":[{"refund_id":"r","amount":"1","time":7,` +
			`"lines":[{"product_id":"p","quantity":1}]}],"test":true}`},
		{(&source.Reaction{Kind: "like", HasCount: true}).Record(),
			`{"time":"1970-01-01T00:00:00.000Z","kind":"like","count":0}`},
		{(&source.Reaction{Kind: "identity", OtherPlatform: "shop", OtherPersonID: "c", NotSame: true}).Record(),
			`{"time":"1970-01-01T00:00:00.000Z","kind":"identity","other_platform":"shop","other_person_id":"c","same":false}`},
		{source.Show{ID: "s", EsolID: "e", CampaignIDs: []string{"a", "b"}, EndMS: 1000}.Record(),
			`{"kind":"show","id":"s","esol_id":"e","campaign_ids":["a","b"],"end":"1970-01-01T00:00:01.000Z"}`},
		{source.Esol{ID: "e", Codes: []string{"E10"}, Accounts: []source.Account{{"tiktok", "x"}, {ID: "y"}}}.Record(),
			`{"kind":"esol","id":"e","codes":["E10"],"platform_ids":[{"platform":"tiktok","id":"x"},{"id":"y"}]}`},
		{source.Campaign{ID: "c", AttributionModel: "linear", Rounding: "webster", OrganicCounts: true, ClosesOnOrder: true, HoldoutPPM: 7,
			Windows: []source.Window{{"email", 5}}}.Record(),
			`{"kind":"campaign","id":"c","attribution_model":"linear","rounding":"webster",` +
				`"windows":[{"surface":"email","window_ms":5}],"organic_counts":true,"closes_on_order":true,"holdout_ppm":7}`},
		{source.Campaign{ID: "c", Currency: "JPY", Contract: &source.Contract{
			FixedFee: "1", Rates: []source.Rate{{ProductID: "p", PPM: 2}}, Tiers: []source.Tier{{From: "3", PPM: 4}},
			Versions: []source.RateVersion{{ValidFromMS: 5, CommissionPPM: 6, Tiers: []source.Tier{{From: "7"}}}},
			Base:     "margin", CapOrder: "8", LockMS: 9, Shortfall: "pro_rata", PayoutMonthly: true, MonthOffsetMS: -10,
		}}.Record(), `{"kind":"campaign","id":"c","currency":"JPY","contract":{"fixed_fee":"1","rates":[{"product_id":"p",` +
			`"ppm":2}],"tiers":[{"from":"3","ppm":4}],"versions":[{"valid_from":"1970-01-01T00:00:00.005Z","commission_ppm":6,` +
			`"tiers":[{"from":"7"}]}],"base":"margin","cap_order":"8","lock_ms":9,"shortfall":"pro_rata","payout_monthly":true,` +
			`"month_offset_ms":-10}}`},
		{source.Campaign{ID: "c", Contract: &source.Contract{Legs: []source.Leg{{"esol", 1}, {"agency", 2}}}}.Record(),
			`{"kind":"campaign","id":"c","contract":{"legs":[{"party":"esol","ppm":1},{"party":"agency","ppm":2}]}}`},
		{source.Payout{ID: "p", CampaignID: "c", EsolID: "e", ThroughMS: 1000}.Record(),
			`{"kind":"payout","id":"p","campaign_id":"c","esol_id":"e","through":"1970-01-01T00:00:01.000Z"}`},
	} {
		var got, want any
		if err := json.Unmarshal(c.r.Value, &got); err != nil {
			t.Errorf("%s: %v", c.r.Value, err)
			continue
		}
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		if string(g) != string(w) {
			t.Errorf("want %s\n got %s", w, g)
		}
	}
	if k := string(source.Deletion("show", "s").Key); k != "show/s" {
		t.Errorf("key of a deletion: %q", k)
	}
}

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

func TestInvoicesByHand(t *testing.T) {
	csv := header +
		"1,A,x,3,2010-12-01 08:26:00,2.55,c1,UK\n" +
		"1,B,\"y, z\",1,2010-12-01 08:26:00,0.005,c1,UK\n" + // half a penny: to even, nothing
		"2,A,x,2,2010-12-01 08:27:00,2.55,c1,UK\n" +
		"3,S,,-10,2010-12-01 08:27:00,0.0,,UK\n" + // stock
		"C4,A,x,-3,2010-12-01 08:28:00,2.55,c1,UK\n" + // invoice 2 has not enough: 1
		"C5,A,x,-2,2010-12-01 08:29:00,2.50,c1,UK\n" +
		"C6,A,x,-1,2010-12-01 08:30:00,2.55,c1,UK\n" + // nothing left
		"C6,A,x,-1,2010-12-01 08:30:00,2.55,,UK\n"
	got := collect(t, source.Retail{Name: "t"}.Invoices(strings.NewReader(csv)))
	want := []string{
		`1 paid 7.65 []`, `2 paid 5.10 []`, `1 refunded  [C4/1 7.65]`, `2 partially_refunded  [C5/1 5.00]`,
		`C6 refunded  [C6/1 2.55 C6/2 2.55]`,
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i, r := range got {
		if s := summary(t, r); s != want[i] {
			t.Errorf("record %d: want %s, got %s", i, want[i], s)
		}
	}
}

type orderJSON struct {
	ID      string `json:"order_id"`
	Version int64
	Status  string
	Amount  string
	Refunds []struct {
		ID     string `json:"refund_id"`
		Amount string
	}
}

func summary(t *testing.T, r source.Record) string {
	t.Helper()
	var o orderJSON
	if err := json.Unmarshal(r.Value, &o); err != nil {
		t.Fatal(err)
	}
	s := o.ID + " " + o.Status + " " + o.Amount + " ["
	for i, f := range o.Refunds {
		if i > 0 {
			s += " "
		}
		s += f.ID + " " + f.Amount
	}
	return s + "]"
}

func TestBadExportsNameTheLine(t *testing.T) {
	invoices := func(rows string) source.Seq {
		return source.Retail{Name: "f"}.Invoices(strings.NewReader(header + rows))
	}
	for name, c := range map[string]struct {
		seq  source.Seq
		want string
	}{
		"no JSON":         {source.ChatLines(strings.NewReader("{}\nx\n"), source.Chat{Name: "f"}), "f:2: "},
		"no quantity":     {invoices("1,A,x,?,2010-12-01 08:26:00,2,,\n"), "line 2: "},
		"split invoice":   {invoices(splitInvoice()), "invoice 1 goes on"},
		"negative amount": {invoices("1,A,x,-2,2010-12-01 08:26:00,2,,\n"), "invoice 1 has a quantity below zero"},
	} {
		var last error
		for _, err := range c.seq {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, last, c.want)
		}
	}
}

func splitInvoice() string {
	one := "1,A,x,1,2010-12-01 08:26:00,1,,UK\n"
	return one + strings.Repeat(strings.Replace(one, "1,", "2,", 1), 70) + one
}

func TestDanmakuSpreadsAMinute(t *testing.T) {
	file := "C\tr1\t23:59\ta\nV\tr1\t23:59\t12\nC\tr1\t23:59\tc\td\nC\tr2\t\ty\nC\tr2\t00:01\tz\n"
	d := source.Danmaku{Name: "f", Day: time.Date(2019, 5, 10, 0, 0, 0, 0, time.UTC), People: 10,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(file)), nil }}
	rooms, err := d.Rooms()
	if err != nil || len(rooms) != 2 {
		t.Fatalf("%d rooms, %v", len(rooms), err)
	}
	got := collect(t, rooms[0])
	start := time.Date(2019, 5, 10, 15, 59, 0, 0, time.UTC).UnixMilli()
	for i, r := range got {
		if r.TimeMS != start+int64(i)*20_000 {
			t.Errorf("line %d at %v", i, time.UnixMilli(r.TimeMS).UTC())
		}
	}
	if len(got) != 3 || got[1].Topic != source.Reactions || !strings.Contains(string(got[2].Value), `"c\u0009d"`) {
		t.Errorf("records: %v", got)
	}
	// A line before the first tick has no time: it gets that of the tick's minute.
	got = collect(t, rooms[1])
	if start := time.Date(2019, 5, 9, 16, 1, 0, 0, time.UTC).UnixMilli(); len(got) != 2 || got[0].TimeMS != start {
		t.Errorf("the second room: %v", got)
	}
}
