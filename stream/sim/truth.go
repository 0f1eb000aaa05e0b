package sim

import "maps"

// Truth is what a perfect observer would have counted in the records that Next has handed out.
type Truth struct {
	Records    map[string]int64 // all records, by topic: bad ones and duplicates too
	Kinds      map[string]int64 // distinct good events, by kind: comment, retract, like …, order
	Duplicates int64            // records that repeat an earlier one
	Late       int64            // good events that arrived late on purpose
	Disordered int64            // records of a show that arrived after one with a later event time (late ones too)
	Bad        map[string]int64 // records that must become dead letters, by reason
	Orders     int64            // distinct orders, test orders left out
	TestOrders int64
	// Money by show and currency. Only after the last record of a run is it whole: versions arrive in any order.
	Money map[MoneyKey]Money
}

// MoneyKey is a show and a currency.
type MoneyKey struct{ ShowID, Currency string }

// Money is in minor units. Net = Paid - Refunded - Cancelled.
type Money struct{ Created, Paid, Refunded, Cancelled int64 }

// Net is what remains of what was paid.
func (m Money) Net() int64 { return m.Paid - m.Refunded - m.Cancelled }

func (m Money) plus(o Money) Money {
	return Money{m.Created + o.Created, m.Paid + o.Paid, m.Refunded + o.Refunded, m.Cancelled + o.Cancelled}
}

func newTruth() Truth {
	return Truth{Records: map[string]int64{}, Kinds: map[string]int64{}, Bad: map[string]int64{},
		Money: map[MoneyKey]Money{}}
}

func (t Truth) clone() Truth {
	t.Records, t.Kinds, t.Bad = maps.Clone(t.Records), maps.Clone(t.Kinds), maps.Clone(t.Bad)
	t.Money = maps.Clone(t.Money)
	return t
}

// note is what one record adds to the truth when it is handed out.
type note struct {
	kind      string // "" for catalog and bad records
	bad       string // the reason
	duplicate bool
	late      bool
	firstOf   bool // the first version of an order
	test      bool
	show      string
	money     Money
	currency  string
}

func (t *Truth) count(topic string, n note) {
	t.Records[topic]++
	switch {
	case n.bad != "":
		t.Bad[n.bad]++
		return
	case n.duplicate:
		t.Duplicates++
		return
	case n.kind == "":
		return
	}
	t.Kinds[n.kind]++
	if n.late {
		t.Late++
	}
	if n.firstOf && n.test {
		t.TestOrders++
	} else if n.firstOf {
		t.Orders++
	}
	if n.money != (Money{}) {
		k := MoneyKey{n.show, n.currency}
		t.Money[k] = t.Money[k].plus(n.money)
	}
}
