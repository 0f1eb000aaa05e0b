package gauges

import (
	"math"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// layer names a counter of a scope, across scrapes.
type layer struct {
	name     string
	currency string
}

// ledger are the money series of one kind of scope.
type ledger struct {
	counters []moneyDesc
	gauges   []moneyDesc
}

type moneyDesc struct {
	name  string
	desc  *prometheus.Desc
	value func(*eventpb.Gmv) float64
}

// maxCurrencies bounds the currencies of one scope that have series; a scope with more is a house that sells in many
// markets under one name.
const maxCurrencies = 2

// moneySeries is the most that one scope has of money: six counters and two gauges per currency.
const moneySeries = maxCurrencies * 8

// major is an amount in units of its currency. It is a view: the division is of the float.
func major(minor int64, exponent uint32) float64 {
	return float64(minor) / math.Pow10(int(min(exponent, 9)))
}

func newLedger(kind string, labels ...string) *ledger {
	labels = append(slices.Clone(labels), "currency")
	make := func(name, help string, value func(*eventpb.Gmv) float64) moneyDesc {
		return moneyDesc{name, prometheus.NewDesc("netsu_"+kind+"_"+name, help, labels, nil), value}
	}
	const unit = " In units of the currency."
	return &ledger{
		counters: []moneyDesc{
			make("gmv_created_total", "Orders as they were placed, paid or not."+unit,
				func(g *eventpb.Gmv) float64 { return major(g.CreatedMinor, g.Exponent) }),
			make("gmv_paid_total", "Orders that were paid, before refunds and cancellations."+unit,
				func(g *eventpb.Gmv) float64 { return major(g.PaidMinor, g.Exponent) }),
			make("gmv_refunded_total", "Given back, whenever the order was."+unit,
				func(g *eventpb.Gmv) float64 { return major(g.RefundedMinor, g.Exponent) }),
			make("gmv_cancelled_total", "Taken back by cancelling after payment."+unit,
				func(g *eventpb.Gmv) float64 { return major(g.CancelledMinor, g.Exponent) }),
			make("orders_paid_total", "Orders that were paid.",
				func(g *eventpb.Gmv) float64 { return float64(g.OrdersPaid) }),
			make("orders_refunded_total", "Orders of which money was given back.",
				func(g *eventpb.Gmv) float64 { return float64(g.OrdersRefunded) }),
		},
		gauges: []moneyDesc{
			make("gmv_net", "Paid minus refunded minus cancelled, as of now: it falls."+unit,
				func(g *eventpb.Gmv) float64 { return major(g.NetMinor, g.Exponent) }),
			make("gmv_settled", "Net of the orders whose return window is over."+unit,
				func(g *eventpb.Gmv) float64 { return major(g.SettledMinor, g.Exponent) }),
		},
	}
}

// The labels of a show's series; an ESOL's, a campaign's and a brand's name them alone.
var ledgers = map[string]*ledger{
	event.ScopeShow:     newLedger("show", "show", "esol"),
	event.ScopeEsol:     newLedger("esol", "esol"),
	event.ScopeCampaign: newLedger("campaign", "campaign"),
	event.ScopeBrand:    newLedger("brand", "brand"),
}

// rise moves a counter of a scope up to v, and says where it is and by how much it rose.
func (m *memory) rise(l layer, v float64) (now, by float64) {
	was := m.high[l]
	if v <= was {
		return was, 0
	}
	m.high[l] = v
	return v, v - was
}

// owns tells whether a scope's money of a currency has series of its own. The first two currencies seen have.
func (m *memory) owns(currency string) bool {
	if slices.Contains(m.currencies, currency) {
		return true
	}
	if len(m.currencies) == maxCurrencies {
		return false
	}
	m.currencies = append(m.currencies, currency)
	return true
}
