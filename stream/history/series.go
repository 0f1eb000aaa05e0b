package history

import (
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Parts of a scope's meters that have series. A scope and a part are a table: their rows come from one meter, and have
// revisions of their own.
const (
	partRoom    = "room"
	partInsight = "insight"
	partMoney   = "money"
	partReturns = "returns"
	partCost    = "cost"
)

// onPanes tells the parts whose rows lie at the pane that they speak of, each complete when it is said. The others lie at
// the append time of what is known since then.
func onPanes(part string) bool { return part == partRoom || part == partInsight }

// unit says what a number of a series is.
type unit string

const (
	unitGauge    unit = "gauge"  // 0..100
	unitTheta    unit = "theta"  // temperature over that of a middling room of its role
	unitRate     unit = "rate"   // 0..100
	unitRatio    unit = "ratio"  // 0..1, ROIMS from 0 up
	unitPerHead  unit = "J/head" // joules
	unitJoules   unit = "J"
	unitWatts    unit = "W"
	unitCount    unit = "count"
	unitLevel    unit = "level"
	unitMinor    unit = "minor" // of the column's currency
	unitEstimate unit = "estimate"
)

// whole tells the units whose numbers are integers; the others are kept to four decimals.
func (u unit) whole() bool { return u == unitCount || u == unitLevel || u == unitMinor }

// series is one of the closed list. Names are a contract and ids are on disk: neither is ever given to something else.
type series struct {
	id     uint16
	part   string
	name   string // with * for the currency where there is one for each
	unit   unit
	ranged bool // has .min and .max
}

// Ids. A gap is room for what belongs there.
const (
	idGauge, idGaugeLo, idGaugeHi            = 1, 2, 3
	idTemperature                            = 4
	idTemperatureLo, idTemperatureHi         = 5, 6
	idPower, idJoules, idHeads               = 7, 8, 9
	idViewers, idEffectiveActs               = 10, 11
	idRawGauge, idRawTemperature             = 12, 13
	idPeople, idBuyersInRoom, idOrdersInRoom = 20, 21, 22

	idKinds = 32 // and the number of the kind, below 64

	idSync, idSyncAmount, idSyncEcho         = 100, 101, 102
	idSyncAction, idSyncPossession           = 103, 104
	idContagionLo, idContagionHi             = 110, 111
	idSecondaryUses, idReproduction          = 112, 113
	idIgnitionLevel, idIgnitionPeople        = 120, 121
	idTrustShare, idSuspects                 = 130, 131
	idAlignment, idHeatMatch                 = 140, 141
	idThetaAudience                          = 150 // and ESOL, brand
	idFunnel                                 = 160 // and the stages in their order
	idBackedShare                            = 170
	idMoneyBuyers, idMoneyOrders             = 200, 201
	idGmv                                    = 210 // and the amounts in their order
	idGmvCounts                              = 220 // and the counts in theirs
	idRoims                                  = 240 // and the variants in their order
	idRoimsNetLo, idRoimsNetHi               = 248, 249
	idPaceProbability                        = 250
	idPaceTarget, idPaceCurrent              = 251, 252
	idExpectedNet, idExpectedComing          = 253, 254
	idCost                                   = 260 // and the amounts in their order
	idEnd                             uint16 = 300 // no id from here on
)

var (
	gmvAmounts = []string{"created", "paid", "net", "settled", "refunded", "cancelled", "refunded_unknown"}
	gmvCounts  = []string{"orders_created", "orders_paid", "orders_cancelled", "orders_refunded", "units", "buyers"}
	variants   = []string{"net", "gross", "profit", "incremental", "break_even"}
	costs      = []string{"total", "spend", "variable", "fixed_fee", "top_up", "penalty", "commitment", "net", "shortfall"}
	stages     = []string{"seen", "engaged", "asked", "clicked", "carted", "checked_out", "bought", "came_back"}
	bodies     = []string{"audience", "esol", "brand"}
	// kinds of what happens in a room.
	kinds = []eventpb.Kind{
		eventpb.Kind_KIND_COMMENT, eventpb.Kind_KIND_RETRACT, eventpb.Kind_KIND_LIKE, eventpb.Kind_KIND_GIFT,
		eventpb.Kind_KIND_SHARE, eventpb.Kind_KIND_FOLLOW, eventpb.Kind_KIND_JOIN, eventpb.Kind_KIND_LEAVE,
		eventpb.Kind_KIND_PRODUCT_CLICK, eventpb.Kind_KIND_ADD_TO_CART, eventpb.Kind_KIND_CHECKOUT,
		eventpb.Kind_KIND_INQUIRY, eventpb.Kind_KIND_COUPON_CLAIM, eventpb.Kind_KIND_LINK_VISIT, eventpb.Kind_KIND_PIN,
		eventpb.Kind_KIND_CALL, eventpb.Kind_KIND_VIEWERS, eventpb.Kind_KIND_SPEND, eventpb.Kind_KIND_TOUCH,
		eventpb.Kind_KIND_ORDER,
	}
)

// all is the closed list, in order of id.
var all = func() []series {
	l := []series{
		{idGauge, partRoom, "heat.gauge", unitGauge, true},
		{idGaugeLo, partRoom, "heat.gauge_lo", unitGauge, false},
		{idGaugeHi, partRoom, "heat.gauge_hi", unitGauge, false},
		{idTemperature, partRoom, "heat.temperature_j_per_head", unitPerHead, true},
		{idTemperatureLo, partRoom, "heat.temperature_lo_j_per_head", unitPerHead, false},
		{idTemperatureHi, partRoom, "heat.temperature_hi_j_per_head", unitPerHead, false},
		{idPower, partRoom, "heat.power_watts", unitWatts, true},
		{idJoules, partRoom, "heat.joules", unitJoules, false},
		{idHeads, partRoom, "heat.active_heads", unitCount, true},
		{idViewers, partRoom, "heat.viewers", unitCount, true},
		{idEffectiveActs, partRoom, "heat.effective_acts", unitEstimate, false},
		{idRawGauge, partRoom, "heat.raw_gauge", unitGauge, true},
		{idRawTemperature, partRoom, "heat.raw_temperature_j_per_head", unitPerHead, false},
		{idPeople, partRoom, "room.people_total", unitCount, false},
		{idBuyersInRoom, partRoom, "room.buyers_total", unitCount, false},
		{idOrdersInRoom, partRoom, "room.orders_total", unitCount, false},
		{idSync, partInsight, "sync.rate", unitRate, true},
		{idSyncAmount, partInsight, "sync.amount", unitRatio, false},
		{idSyncEcho, partInsight, "sync.echo", unitRatio, false},
		{idSyncAction, partInsight, "sync.action", unitRatio, false},
		{idSyncPossession, partInsight, "sync.possession", unitRatio, false},
		{idContagionLo, partInsight, "contagion.lo", unitRatio, false},
		{idContagionHi, partInsight, "contagion.hi", unitRatio, false},
		{idSecondaryUses, partInsight, "contagion.secondary_uses", unitEstimate, false},
		{idReproduction, partInsight, "contagion.reproduction", unitEstimate, false},
		{idIgnitionLevel, partInsight, "ignition.level", unitLevel, true},
		{idIgnitionPeople, partInsight, "ignition.people", unitCount, false},
		{idTrustShare, partInsight, "trust.share", unitRatio, false},
		{idSuspects, partInsight, "trust.suspects", unitCount, false},
		{idAlignment, partInsight, "alignment.total", unitRatio, false},
		{idHeatMatch, partInsight, "alignment.heat_match", unitRatio, false},
		{idBackedShare, partInsight, "room.backed_share", unitRatio, false},
		{idMoneyBuyers, partMoney, "money.buyers", unitCount, false},
		{idMoneyOrders, partMoney, "money.orders_total", unitCount, false},
		{idRoimsNetLo, partReturns, "roims.*.net_lo", unitRatio, false},
		{idRoimsNetHi, partReturns, "roims.*.net_hi", unitRatio, false},
		{idPaceProbability, partReturns, "pace.*.probability", unitRatio, false},
		{idPaceTarget, partReturns, "pace.*.target", unitMinor, false},
		{idPaceCurrent, partReturns, "pace.*.current", unitMinor, false},
		{idExpectedNet, partReturns, "expected.*.net", unitMinor, false},
		{idExpectedComing, partReturns, "expected.*.coming", unitMinor, false},
	}
	list := func(first uint16, part, before string, names []string, after string, u unit) {
		for i, n := range names {
			l = append(l, series{first + uint16(i), part, before + n + after, u, false})
		}
	}
	for _, k := range kinds {
		l = append(l, series{idKinds + uint16(k), partRoom, "events." + kindName(k), unitCount, false})
	}
	list(idThetaAudience, partInsight, "theta.", bodies, "", unitTheta)
	list(idFunnel, partInsight, "funnel.", stages, "_people", unitCount)
	list(idGmv, partMoney, "gmv.*.", gmvAmounts, "", unitMinor)
	list(idGmvCounts, partMoney, "gmv.*.", gmvCounts, "", unitCount)
	list(idRoims, partReturns, "roims.*.", variants, "", unitRatio)
	list(idCost, partCost, "cost.*.", costs, "", unitMinor)
	slices.SortFunc(l, func(a, b series) int { return int(a.id) - int(b.id) })
	return l
}()

func kindName(k eventpb.Kind) string {
	return strings.ToLower(strings.TrimPrefix(k.String(), "KIND_"))
}

// byID and byName index the list.
var byID, byName = func() (ids [idEnd]*series, names map[string]*series) {
	names = map[string]*series{}
	for i := range all {
		s := &all[i]
		if ids[s.id] != nil || names[s.name] != nil {
			panic("cannot happen: two series are called " + s.name)
		}
		ids[s.id], names[s.name] = s, s
	}
	return ids, names
}()

// key is a series of a currency, or of none: id and, in the low 15 bits, 1 + the number of the three letters.
type key uint32

const currencyBits = 15

func keyOf(id uint16, currency string) (key, bool) {
	if currency == "" {
		return key(id) << currencyBits, true
	}
	if _, ok := event.Exponent(currency); !ok {
		return 0, false
	}
	n := 0
	for i := range 3 {
		n = n*26 + int(currency[i]-'A')
	}
	return key(id)<<currencyBits | key(n+1), true
}

func (k key) series() *series {
	if id := k >> currencyBits; id < key(idEnd) {
		return byID[id]
	}
	return nil
}

func (k key) currency() string {
	n := int(k & (1<<currencyBits - 1))
	if n == 0 {
		return ""
	}
	n--
	return string([]byte{byte('A' + n/676), byte('A' + n/26%26), byte('A' + n%26)})
}

// known tells whether a key is one that the list can make.
func (k key) known() bool {
	s := k.series()
	if s == nil {
		return false
	}
	c := k.currency()
	if strings.Contains(s.name, "*") != (c != "") {
		return false
	}
	again, ok := keyOf(s.id, c)
	return ok && again == k
}

// ranged tells whether lo and hi are kept of it.
func (k key) ranged() bool { s := k.series(); return s != nil && s.ranged }

// aspect is which number of a series a column is.
type aspect uint8

const (
	aspectLast aspect = iota
	aspectMin
	aspectMax
)

// column is what a name asks for.
type column struct {
	name   string
	key    key
	series *series
	aspect aspect
}

// parseName reads heat.gauge, heat.gauge.max, gmv.JPY.net.
func parseName(name string) (column, bool) {
	c := column{name: name}
	base := name
	if b, ok := strings.CutSuffix(name, ".min"); ok {
		base, c.aspect = b, aspectMin
	} else if b, ok := strings.CutSuffix(name, ".max"); ok {
		base, c.aspect = b, aspectMax
	}
	currency := ""
	if f := strings.Split(base, "."); len(f) == 3 {
		currency = f[1]
		base = f[0] + ".*." + f[2]
		if currency == "" {
			return c, false
		}
	}
	if c.series = byName[base]; c.series == nil || c.aspect != aspectLast && !c.series.ranged {
		return c, false
	}
	var ok bool
	c.key, ok = keyOf(c.series.id, currency)
	return c, ok && strings.Contains(base, "*") == (currency != "")
}

// partsOf are the parts of a kind of scope that have series.
func partsOf(kind string) []string {
	switch kind {
	case event.ScopeShow:
		return []string{partRoom, partInsight, partMoney}
	case event.ScopeEsol, event.ScopeBrand:
		return []string{partMoney}
	case event.ScopeCampaign:
		return []string{partMoney, partReturns, partCost}
	}
	return nil
}

// namesOf are the names that a kind of scope knows, as a hint says them.
func namesOf(kind string) []string {
	var out []string
	for _, s := range all {
		if !slices.Contains(partsOf(kind), s.part) {
			continue
		}
		name := strings.Replace(s.name, "*", "CUR", 1)
		if s.ranged {
			name += "[.min|.max]"
		}
		out = append(out, name)
	}
	return out
}
