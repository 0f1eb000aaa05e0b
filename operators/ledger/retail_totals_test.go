package ledger_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

// A real shop's invoices through the whole path (reader of the export, ingest's decoder, journeys, ledger), against
// sums that are made of the rows themselves: for each customer, product and month. To have them as scopes, the test gives
// every customer an ESOL, every product a brand, and every month a show. What was given back belongs to the month
// of the order, and where no order is known, to its own.
func TestRealOrdersPerCustomerProductAndMonth(t *testing.T) {
	dir := cmp.Or(os.Getenv("NETSU_TEST_DATA"), "../../../shared/data")
	path := filepath.Join(dir, "uci_online_retail", "online_retail_to_2011-07.csv.gz")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		t.Skipf("needs the UCI Online Retail orders at %s (see NETSU_TEST_DATA)", path)
	}
	// A brand per product makes a credit of every line, so those are the rows of the first weeks. All of them have been
	// seen to agree too: 3,610 products, 3,194 customers, 8 months.
	t.Run("customers and months", func(t *testing.T) { checkTotals(t, plainRows(t, path, 0), false) })
	t.Run("products", func(t *testing.T) { checkTotals(t, plainRows(t, path, 48_000), true) })
}

// plainRows is the CSV, or its header and first rows.
func plainRows(t *testing.T, path string, rows int) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil || rows == 0 {
		return all
	}
	at := 0
	for range rows + 1 {
		at += bytes.IndexByte(all[at:], '\n') + 1
	}
	return all[:at]
}

func checkTotals(t *testing.T, rows []byte, products bool) {
	want := sumRows(t, rows, products)
	c := newChain(t, 2, 3, 1<<20)
	for _, e := range readInvoices(t, rows, products) {
		c.order(e)
	}
	c.finish(t, time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), 1)
	got := c.money()
	counts := map[string]int{}
	for scope, w := range want {
		counts[scope[:strings.IndexByte(scope, '/')]]++
		if got[scope] == nil || len(got[scope].Gmv) != 1 {
			t.Fatalf("%s: no money in pounds: %v", scope, got[scope])
		}
		g := got[scope].Gmv[0]
		is := totals{g.PaidMinor, g.RefundedMinor, g.NetMinor, g.RefundedUnknownMinor, g.OrdersPaid, g.RefundsUnknown}
		if is != w {
			t.Errorf("%s: %+v, want %+v", scope, is, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d scopes, want %d", len(got), len(want))
	}
	t.Logf("equal to the penny: %v", counts)
}

// readInvoices is the path from the export to the journeys.
func readInvoices(t *testing.T, rows []byte, products bool) (events []*eventpb.Event) {
	hasher, err := event.NewHasher(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	d := ingest.NewDecoder(hasher, time.Unix(0, 0), time.Now)
	for r, err := range (source.Retail{Name: "uci", BrandID: "shop"}).Invoices(bytes.NewReader(rows)) {
		if err != nil {
			t.Fatal(err)
		}
		decoded, bad := d.Decode(&ingest.Input{Raw: ingest.RawOrders, Topic: source.Orders, Key: r.Key, Value: r.Value})
		if bad != nil {
			t.Fatalf("ingest refuses %s: %v", r.Value, bad)
		}
		e := proto.Clone(decoded).(*eventpb.Event)
		e.EsolId = "guest"
		if e.PersonHi != 0 {
			e.EsolId = strconv.FormatUint(e.PersonHi, 36)
		}
		if e.Order.HasAmount || strings.HasPrefix(e.Order.OrderId, "C") { // else the order has named its month
			e.ShowId = time.UnixMilli(e.TimeMs).UTC().Format("2006-01")
		}
		if products {
			nameBrands(e.Order)
		}
		events = append(events, e)
	}
	return events
}

func nameBrands(o *eventpb.Order) {
	for _, l := range o.Lines {
		l.BrandId = l.ProductId
	}
	for _, r := range o.Refunds {
		for _, l := range r.Lines {
			l.BrandId = l.ProductId
		}
	}
}

// totals are sums over a scope, in pennies, and counts of orders.
type totals struct{ paid, refunded, net, unknown, orders, refundsUnknown int64 }

// sumRows makes the sums of the rows: the separate computation. Its one rule is that of the data's README, of which
// order a row that was cancelled is.
func sumRows(t *testing.T, rows []byte, products bool) map[string]totals {
	hasher, err := event.NewHasher(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		invoice, month string
		left           int64
	}
	var (
		sums   = map[string]totals{}
		bought = map[[2]string][]*line{}
		orders = map[[2]string]bool{} // by scope
	)
	r := csv.NewReader(bytes.NewReader(rows))
	for n := 0; ; n++ {
		row, err := r.Read()
		if err == io.EOF {
			return sums
		}
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			continue
		}
		invoice, item, month, customer := row[0], row[1], row[4][:7], row[6]
		quantity, _ := strconv.ParseInt(row[3], 10, 64)
		price, _ := new(big.Rat).SetString(row[5])
		pence := evenPence(price.Mul(price, big.NewRat(100*quantity, 1)))
		if quantity < 0 && invoice[0] != 'C' {
			continue // a correction of the stock, for nothing
		}
		person := "guest"
		if customer != "" {
			h := hasher.Person([]byte("shop\x00" + customer))
			person = strconv.FormatUint(h.Hi, 36)
		}
		known := invoice[0] != 'C'
		key := [2]string{customer, item}
		if known {
			bought[key] = append(bought[key], &line{invoice, month, quantity})
		} else if customer != "" {
			for i := len(bought[key]) - 1; i >= 0; i-- {
				if b := bought[key][i]; b.left >= -quantity {
					b.left += quantity
					invoice, month, known = b.invoice, b.month, true
					break
				}
			}
		}
		scopes := []string{"show/" + month, "esol/" + person, "brand/shop"}
		if products {
			scopes[2] = "brand/" + item
		}
		for _, scope := range scopes {
			s := sums[scope]
			first := !orders[[2]string{scope, invoice}]
			orders[[2]string{scope, invoice}] = true
			switch {
			case row[0][0] != 'C':
				s.paid += pence
				s.orders += count(first)
			case known:
				s.refunded -= pence
			default:
				s.refunded -= pence
				s.unknown -= pence
				s.refundsUnknown += count(first)
			}
			s.net = s.paid - s.refunded
			sums[scope] = s
		}
	}
}

func count(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
