package source

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// Retail says how to read the UCI "Online Retail" invoices.
type Retail struct {
	Name                             string // stands for the file in errors
	ShowID, EsolID, BrandID, Channel string
	// Location is the zone of the invoices' times; nil means UTC. They are of 2010 and 2011: ingest refuses them as
	// time_past unless they are shifted or its earliest time is set lower.
	Location *time.Location
}

const pounds = "GBP"

// Invoices reads CSV rows (InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country) in
// order of time.
//
// An invoice is one order, paid. A line's total is rounded half to even to pennies, and the order's amount is their
// sum; a unit price finer than a penny is rounded too, as its currency has no such amounts. Lines with a quantity below
// zero outside of cancellations are corrections of the stock at price zero: they are left out, and so are invoices of
// nothing else.
//
// A line of a cancellation (InvoiceNo C…) is a refund of the latest earlier line of the same customer and item that has
// enough left to return, else a refund under the cancellation's own number, an order that nobody knows.
//
// It holds what may still be returned, so what it remembers grows with the orders of customers with a number.
func (c Retail) Invoices(r io.Reader) Seq {
	return func(yield func(Record, error) bool) {
		if c.Location == nil {
			c.Location = time.UTC
		}
		d := desk{Retail: c, sold: map[string][]*sold{}, closed: map[string]bool{}}
		err := d.read(csv.NewReader(r), func(r Record) bool { return yield(r, nil) })
		if err != nil && !errors.Is(err, errEnough) {
			yield(Record{}, fmt.Errorf("%s: %w", c.Name, err))
		}
	}
}

// errEnough ends reading because the reader of the sequence has left.
var errEnough = errors.New("enough")

// desk turns invoices into versions of orders.
type desk struct {
	Retail
	open    []*invoice // in order of their first rows
	row     int
	closed  map[string]bool
	sold    map[string][]*sold // by customer and item, in order of time
	version int64              // one count for all orders: minutes are too coarse to order versions by
}

type invoice struct {
	number, customer string
	timeMS           int64
	lines            []retailLine
	lastRow          int
}

type retailLine struct {
	item        string
	quantity    int64
	unit, total int64 // pennies
}

// sold is a line that may come back.
type sold struct {
	order *soldOrder
	left  int64
}

type soldOrder struct {
	id              string
	minor, refunded int64
}

// apart is how many rows may lie between two rows of one invoice; the file has three at most.
const apart = 64

func (d *desk) read(r *csv.Reader, yield func(Record) bool) error {
	r.ReuseRecord, r.FieldsPerRecord = true, 8
	if _, err := r.Read(); err != nil {
		return fmt.Errorf("reading the header: %w", err)
	}
	for {
		f, err := r.Read()
		if err == io.EOF {
			return d.close(len(d.open), yield)
		}
		if err != nil {
			return err
		}
		d.row++
		if err := d.add(f); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
		n := 0
		for n < len(d.open) && d.row-d.open[n].lastRow > apart {
			n++
		}
		if err := d.close(n, yield); err != nil {
			return err
		}
	}
}

func (d *desk) add(f []string) error {
	i := slices.IndexFunc(d.open, func(v *invoice) bool { return v.number == f[0] })
	if i < 0 {
		if d.closed[f[0]] {
			return fmt.Errorf("invoice %s goes on after more than %d other rows", f[0], apart)
		}
		t, err := time.ParseInLocation("2006-01-02 15:04:05", f[4], d.Location)
		if err != nil {
			return fmt.Errorf("reading InvoiceDate: %w", err)
		}
		i = len(d.open)
		d.open = append(d.open, &invoice{number: strings.Clone(f[0]), customer: strings.Clone(f[6]),
			timeMS: t.UnixMilli()})
	}
	v := d.open[i]
	v.lastRow = d.row
	quantity, err := strconv.ParseInt(f[3], 10, 64)
	if err != nil {
		return fmt.Errorf("reading Quantity: %w", err)
	}
	price, ok := new(big.Rat).SetString(f[5])
	if !ok {
		return fmt.Errorf("reading UnitPrice: %q is no decimal number", f[5])
	}
	l := retailLine{item: strings.Clone(f[1]), quantity: quantity, unit: pennies(price),
		total: pennies(price.Mul(price, new(big.Rat).SetInt64(quantity)))}
	if quantity < 0 && !v.cancels() {
		if l.total != 0 {
			return fmt.Errorf("invoice %s has a quantity below zero and a price, and is no cancellation", v.number)
		}
		return nil
	}
	v.lines = append(v.lines, l)
	return nil
}

func (v *invoice) cancels() bool { return strings.HasPrefix(v.number, "C") }

// close turns the first n open invoices into records.
func (d *desk) close(n int, yield func(Record) bool) error {
	for _, v := range d.open[:n] {
		d.closed[v.number] = true
		var records []Record
		switch {
		case len(v.lines) == 0: // corrections of the stock only
		case v.cancels():
			records = d.takeBack(v)
		default:
			records = []Record{d.sell(v)}
		}
		for _, r := range records {
			if !yield(r) {
				return errEnough
			}
		}
	}
	d.open = slices.Delete(d.open, 0, n)
	return nil
}

// sell makes the order of an invoice.
func (d *desk) sell(v *invoice) Record {
	o := d.order(v, v.number, "paid")
	o.EventID = v.number
	known := &soldOrder{id: v.number}
	for i, l := range v.lines {
		o.Lines = append(o.Lines, Line{LineID: strconv.Itoa(i + 1), ProductID: l.item, BrandID: d.BrandID,
			Quantity: l.quantity, UnitPrice: event.FormatMinor(l.unit, pounds)})
		known.minor += l.total
		if v.customer != "" {
			key := v.customer + "\x00" + l.item
			d.sold[key] = append(d.sold[key], &sold{known, l.quantity})
		}
	}
	o.Amount = event.FormatMinor(known.minor, pounds)
	return o.Record()
}

// takeBack makes one version for each order that a cancellation takes something back of, in order of their first lines.
func (d *desk) takeBack(v *invoice) []Record {
	var ids []string
	versions := map[string]*Order{}
	for i, l := range v.lines {
		id, status := v.number, "refunded"
		if from := d.find(v.customer, l); from != nil {
			from.left += l.quantity
			from.order.refunded -= l.total
			id, status = from.order.id, "partially_refunded"
			if from.order.refunded == from.order.minor {
				status = "refunded"
			}
		}
		o := versions[id]
		if o == nil {
			n := d.order(v, id, status)
			o = &n
			o.EventID = v.number + "/" + id
			versions[id] = o
			ids = append(ids, id)
		}
		o.Status = status
		o.Refunds = append(o.Refunds, RefundPart{RefundID: v.number + "/" + strconv.Itoa(i+1), TimeMS: v.timeMS,
			Amount: event.FormatMinor(-l.total, pounds),
			Lines:  []Line{{ProductID: l.item, BrandID: d.BrandID, Quantity: -l.quantity}}})
	}
	records := make([]Record, 0, len(ids))
	for _, id := range ids {
		records = append(records, versions[id].Record())
	}
	return records
}

// find is the latest earlier line of the same customer and item with enough left; lines that are used up are forgotten.
func (d *desk) find(customer string, l retailLine) *sold {
	if customer == "" {
		return nil
	}
	key := customer + "\x00" + l.item
	lines := slices.DeleteFunc(d.sold[key], func(s *sold) bool { return s.left == 0 })
	d.sold[key] = lines
	for _, s := range slices.Backward(lines) {
		if s.left >= -l.quantity {
			return s
		}
	}
	return nil
}

func (d *desk) order(v *invoice, id, status string) Order {
	d.version++
	return Order{Common: Common{TimeMS: v.timeMS, ShowID: d.ShowID, EsolID: d.EsolID, Platform: "shop",
		PersonID: v.customer},
		OrderID: id, Version: d.version, Status: status, Currency: pounds, Channel: d.Channel}
}

// pennies is pounds in pennies, rounded half to even.
func pennies(p *big.Rat) int64 {
	scaled := new(big.Rat).Mul(p, big.NewRat(100, 1))
	q, r := new(big.Int).DivMod(scaled.Num(), scaled.Denom(), new(big.Int))
	switch c := r.Lsh(r, 1).Cmp(scaled.Denom()); {
	case c > 0, c == 0 && q.Bit(0) == 1:
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}
