package ledger_test

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// A real shop's orders and cancellations come to the penny, forwards and shuffled over other partitions.
func TestRealOrdersToThePenny(t *testing.T) {
	dir := cmp.Or(os.Getenv("NETSU_TEST_DATA"), "../../../shared/data")
	path := filepath.Join(dir, "uci_online_retail", "online_retail_to_2011-07.csv.gz")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		t.Skipf("needs the UCI Online Retail orders at %s (see NETSU_TEST_DATA)", path)
	}
	const net, refunded = 507925087, 46643681 // pence, from the data set's README
	events, unknown := retailEvents(t, path)
	forwards := retailMoney(t, events, 2, 3)
	shop := forwards["show/shop"].Gmv[0]
	if shop.NetMinor != net || shop.RefundedMinor != refunded || shop.PaidMinor != net+refunded {
		t.Errorf("paid %d, refunded %d, net %d; want net %d, refunded %d", shop.PaidMinor,
			shop.RefundedMinor, shop.NetMinor, net, refunded)
	}
	if shop.RefundsUnknown != unknown {
		t.Errorf("%d refunds without an order, want %d", shop.RefundsUnknown, unknown)
	}
	for _, kind := range []string{"esol/", "brand/"} {
		var sum, back int64
		for scope, m := range forwards {
			if strings.HasPrefix(scope, kind) {
				sum, back = sum+m.Gmv[0].NetMinor, back+m.Gmv[0].RefundedMinor
			}
		}
		if sum != net || back != refunded {
			t.Errorf("over all %s: net %d, refunded %d; want %d, %d", kind, sum, back, net, refunded)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	compare(t, retailMoney(t, events, 3, 2), forwards)
}

func retailMoney(t *testing.T, events []*eventpb.Event, journeys, ledgers int) map[string]*eventpb.Money {
	c := newChain(t, journeys, ledgers, 1<<20)
	for i, e := range events {
		c.order(e)
		if i%1000 != 0 {
			continue
		}
		for _, k := range slices.Concat(c.journeys, c.ledgers) {
			for k.step(t) {
			}
			k.checkpoint(c)
			k.restore(t)
		}
	}
	c.finish(t, time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), 1)
	return c.money()
}

// bought is a line that may still be sent back.
type bought struct {
	order string
	line  *eventpb.OrderLine
	left  int64
}

// retailEvents reads invoices as orders, and each line of a C invoice as a refund of the latest earlier line of the
// same customer and item with enough quantity left, else of an order that is not known. It counts the orders not
// known.
func retailEvents(t *testing.T, path string) (events []*eventpb.Event, unknown int64) {
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(plain)
	rows.ReuseRecord = true
	if _, err := rows.Read(); err != nil {
		t.Fatal(err)
	}
	orders, shelf, foreign := map[string]*eventpb.Event{}, map[[2]string][]*bought{}, map[string]bool{}
	for n := 1; ; n++ {
		row, err := rows.Read()
		if err == io.EOF {
			return events, int64(len(foreign))
		}
		if err != nil {
			t.Fatal(err)
		}
		r := parseRow(t, n, row)
		if strings.HasPrefix(r.invoice, "C") {
			e := r.refund(shelf)
			if e.Order.OrderId == r.invoice {
				foreign[r.invoice] = true
			}
			events = append(events, e)
			continue
		}
		e := orders[r.invoice]
		if e == nil {
			e = r.event(r.invoice, eventpb.OrderStatus_ORDER_STATUS_PAID)
			e.Order.HasAmount = true
			orders[r.invoice] = e
			events = append(events, e)
		}
		e.Order.Lines = append(e.Order.Lines, r.line)
		e.Order.AmountMinor += r.pence
		if r.customer != "" {
			key := [2]string{r.customer, r.line.ProductId}
			shelf[key] = append(shelf[key], &bought{r.invoice, r.line, r.line.Quantity})
		}
	}
}

type row struct {
	n                 int
	invoice, customer string
	country           string
	line              *eventpb.OrderLine
	pence, timeMS     int64
}

func parseRow(t *testing.T, n int, in []string) row {
	quantity, err1 := strconv.ParseInt(in[3], 10, 64)
	at, err2 := time.Parse("2006-01-02 15:04:05", in[4])
	price, ok := new(big.Rat).SetString(in[5])
	if err := errors.Join(err1, err2); err != nil || !ok {
		t.Fatalf("row %d %q: %v", n, in, err)
	}
	price.Mul(price, big.NewRat(100, 1))
	line := &eventpb.OrderLine{
		LineId: strconv.Itoa(n), ProductId: strings.Clone(in[1]), BrandId: "brand-" + strings.Clone(in[1][:1]),
		Quantity: quantity, UnitPriceMinor: evenPence(price),
	}
	return row{
		n: n, invoice: strings.Clone(in[0]), customer: strings.Clone(in[6]), country: strings.Clone(in[7]), line: line,
		pence: evenPence(price.Mul(price, big.NewRat(quantity, 1))), timeMS: at.UnixMilli(),
	}
}

// evenPence rounds half to even.
func evenPence(r *big.Rat) int64 {
	return halfEven(r.Num().Int64(), r.Denom().Int64())
}

func (r row) event(order string, status eventpb.OrderStatus) *eventpb.Event {
	h := fnv.New64a()
	fmt.Fprint(h, r.customer)
	return &eventpb.Event{
		Kind: eventpb.Kind_KIND_ORDER, IdLo: uint64(r.n), TimeMs: r.timeMS, ShowId: "shop", EsolId: r.country,
		PersonLo: h.Sum64(),
		Order:    &eventpb.Order{OrderId: order, Version: r.timeMS, Status: status, Currency: "GBP"},
	}
}

func (r row) refund(shelf map[[2]string][]*bought) *eventpb.Event {
	order, line := r.invoice, &eventpb.OrderLine{
		LineId: r.line.LineId, ProductId: r.line.ProductId, BrandId: r.line.BrandId, Quantity: -r.line.Quantity,
	}
	lines := shelf[[2]string{r.customer, r.line.ProductId}]
	for i := len(lines) - 1; i >= 0; i-- {
		if b := lines[i]; b.left >= line.Quantity {
			b.left -= line.Quantity
			order, line.LineId = b.order, b.line.LineId
			break
		}
	}
	e := r.event(order, eventpb.OrderStatus_ORDER_STATUS_PARTIALLY_REFUNDED)
	e.Order.Refunds = []*eventpb.Refund{{
		RefundId: fmt.Sprintf("%s/%d", r.invoice, r.n), AmountMinor: -r.pence, TimeMs: r.timeMS,
		Lines: []*eventpb.OrderLine{line},
	}}
	return e
}
