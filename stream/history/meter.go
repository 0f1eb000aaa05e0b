package history

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// place is where a meter came from: a position in a partition of a stage's input.
type place struct {
	stage     string
	partition int32
	event.Position
}

// supersedes tells whether a meter of p is news after one of q. From one origin a position that is not greater is said
// again; another origin is a new owner of the key.
func (p place) supersedes(q place) bool {
	return p.stage != q.stage || p.partition != q.partition || p.After(q.Position)
}

var errSource = errors.New("the source of a meter must be stage/partition/offset/index")

func parsePlace(header string) (place, error) {
	f := strings.Split(header, "/")
	if len(f) != 4 || f[0] == "" || len(f[0]) > 64 {
		return place{}, errSource
	}
	partition, err1 := strconv.ParseUint(f[1], 10, 31)
	offset, err2 := strconv.ParseUint(f[2], 10, 63)
	index, err3 := strconv.ParseUint(f[3], 10, 32)
	if err := errors.Join(err1, err2, err3); err != nil {
		return place{}, fmt.Errorf("%w: %w", errSource, err)
	}
	return place{f[0], int32(partition), event.Position{Offset: int64(offset), Index: uint32(index)}}, nil
}

// statement is what one meter record says for the history.
type statement struct {
	table string // tableName
	part  string
	place place
	gone  bool // the meter was taken back
	// silent: the meter has nothing to keep (yet), as a room without a final pane.
	silent bool
	t      int64 // epoch seconds
	said   int64 // append time, epoch seconds
	cells  []cell
}

// row is the statement alone in a bucket.
func (s *statement) row(bucket int64) row {
	return row{t: bucket, at: s.t, said: s.said, cells: s.cells}
}

// tableName is what is kept together: a part of a scope.
func tableName(scope, part string) string { return scope + "\x00" + part }

// maxScope bounds the name of a scope, bytes, as the feed does.
const maxScope = 256

// errElsewhere is a meter of which no series are kept: a profile, a trend, a deal, or a part that this program does not
// know.
var errElsewhere = errors.New("no series are kept of this meter")

var errMeter = errors.New("not a meter")

// readMeter reads a record of the meters; value nil takes the meter back.
func readMeter(recordKey, value []byte, source string) (*statement, error) {
	cut := strings.LastIndexByte(string(recordKey), '/')
	if cut < 0 {
		return nil, fmt.Errorf("%w: its key is not scope/part", errMeter)
	}
	scope, part := string(recordKey[:cut]), string(recordKey[cut+1:])
	kind, id, _ := event.SplitScope(scope)
	if !slices.Contains(partsOf(kind), part) {
		return nil, errElsewhere
	}
	if id == "" || len(scope) > maxScope || !utf8.ValidString(scope) || strings.Contains(scope, "\x00") {
		return nil, fmt.Errorf("%w: its scope is not a kind and an id of at most %d bytes of text", errMeter, maxScope)
	}
	s := &statement{table: tableName(scope, part), part: part}
	var err error
	if s.place, err = parsePlace(source); err != nil {
		return nil, err
	}
	if value == nil {
		s.gone = true
		return s, nil
	}
	m := &eventpb.Meter{}
	if err := m.UnmarshalVT(value); err != nil {
		return nil, fmt.Errorf("decoding a meter: %w", err)
	}
	switch {
	case m.Version > event.Version:
		return nil, fmt.Errorf("%w of version %d, which is newer than %d", errMeter, m.Version, event.Version)
	case m.Scope != scope || m.Part != part:
		return nil, fmt.Errorf("%w: its scope and part are not its key's", errMeter)
	}
	return s, s.read(m)
}

func (s *statement) read(m *eventpb.Meter) error {
	s.said = event.FloorDiv(m.AppendMs, 1000)
	s.t = s.said
	var b builder
	switch {
	case s.part == partRoom && m.Room != nil:
		if s.silent = m.Room.Final == nil; !s.silent {
			s.t = m.Room.Final.Pane
			b.room(m.Room.Final)
		}
	case s.part == partInsight && m.Insight != nil:
		s.t = m.Insight.Pane
		b.insight(m.Insight)
	case s.part == partMoney && m.Money != nil:
		b.money(m.Money)
	case s.part == partReturns && m.Returns != nil:
		b.returns(m.Returns)
	case s.part == partCost && m.Cost != nil:
		b.cost(m.Cost)
	default:
		return fmt.Errorf("%w: the part that its key names is not in it", errMeter)
	}
	if s.t < 0 || s.t > maxTime || s.said < 0 || s.said > maxTime {
		return fmt.Errorf("%w: its time is not between 1970 and 3000", errMeter)
	}
	s.cells = b.sorted()
	return nil
}

// maxTime is the year 3000.
const maxTime = 32_503_680_000

// maxCurrencies bounds what a table keeps; further ones, in order of code, are left out.
const maxCurrencies = 32

// builder collects the cells of a statement.
type builder struct{ cells []cell }

// sorted is the cells in order of key. Of a series that a meter names twice the first counts.
func (b *builder) sorted() []cell {
	slices.SortStableFunc(b.cells, func(x, y cell) int { return cmp.Compare(x.key, y.key) })
	return slices.CompactFunc(b.cells, func(x, y cell) bool { return x.key == y.key })
}

func (b *builder) integer(id uint16, currency string, v int64) {
	if k, ok := keyOf(id, currency); ok {
		b.cells = append(b.cells, cell{k, v, v, v})
	}
}

// maxReal bounds a number with decimals; what is beyond is not kept. (Nothing that is measured comes near.)
const maxReal = 1e14

// real keeps four decimals, as the feed's documents do.
func (b *builder) real(id uint16, currency string, v float64) {
	if !math.IsNaN(v) && math.Abs(v) < maxReal {
		b.integer(id, currency, int64(math.Round(v*1e4)))
	}
}

func (b *builder) estimate(id uint16, e *eventpb.Estimate) {
	if e != nil && e.Insufficient == "" {
		b.real(id, "", e.Value)
	}
}

func (b *builder) room(v *eventpb.RoomView) {
	if h := v.Heat; h != nil {
		if h.Insufficient == "" {
			b.real(idGauge, "", h.Gauge)
			if h.GaugeHi > 0 {
				b.real(idGaugeLo, "", h.GaugeLo)
				b.real(idGaugeHi, "", h.GaugeHi)
				b.real(idTemperatureLo, "", h.TemperatureLo)
				b.real(idTemperatureHi, "", h.TemperatureHi)
			}
		}
		b.real(idTemperature, "", h.Temperature)
		b.real(idPower, "", h.PowerWatts)
		b.real(idJoules, "", h.HeatJoules)
		b.real(idEffectiveActs, "", h.EffectiveActs)
		b.integer(idHeads, "", h.ActiveHeads)
		if h.Viewers >= 0 {
			b.integer(idViewers, "", h.Viewers)
		}
	}
	if h := v.Raw; h != nil {
		if h.Insufficient == "" {
			b.real(idRawGauge, "", h.Gauge)
		}
		b.real(idRawTemperature, "", h.Temperature)
	}
	b.integer(idPeople, "", v.PeopleTotal)
	b.integer(idBuyersInRoom, "", v.BuyersTotal)
	b.integer(idOrdersInRoom, "", v.OrdersTotal)
	for _, t := range v.Totals {
		if slices.Contains(kinds, t.Kind) {
			b.integer(idKinds+uint16(t.Kind), "", t.Events)
		}
	}
}

func (b *builder) insight(i *eventpb.Insight) {
	if s := i.Sync; s != nil {
		b.estimate(idSync, s.Rate)
		b.estimate(idSyncAmount, s.Amount)
		b.estimate(idSyncEcho, s.Echo)
		b.estimate(idSyncAction, s.Action)
		b.estimate(idSyncPossession, s.Possession)
	}
	if c := i.Contagion; c != nil {
		b.estimate(idContagionLo, c.Lexical)
		b.estimate(idContagionHi, c.Total)
		b.estimate(idSecondaryUses, c.SecondaryUses)
		b.estimate(idReproduction, c.Reproduction)
	}
	if g := i.Ignition; g != nil {
		b.integer(idIgnitionLevel, "", g.Level)
		b.integer(idIgnitionPeople, "", g.People)
	}
	if t := i.Trust; t != nil {
		b.real(idTrustShare, "", t.Share)
		b.integer(idSuspects, "", t.Suspects)
	}
	if a := i.Alignment; a != nil {
		b.estimate(idAlignment, a.Total)
		b.estimate(idHeatMatch, a.HeatMatch)
	}
	for _, body := range i.Bodies {
		if n := slices.Index(bodies, body.Role); n >= 0 {
			b.estimate(idThetaAudience+uint16(n), body.Theta)
		}
	}
	for _, s := range i.GetFunnel().GetStages() {
		if n := slices.Index(stages, s.Name); n >= 0 {
			b.integer(idFunnel+uint16(n), "", s.People)
		}
	}
	b.real(idBackedShare, "", i.BackedShare)
}

func (b *builder) money(m *eventpb.Money) {
	b.integer(idMoneyBuyers, "", m.Buyers)
	b.integer(idMoneyOrders, "", m.OrdersTotal)
	for _, g := range m.Gmv[:min(len(m.Gmv), maxCurrencies)] {
		b.integers(idGmv, g.Currency, g.CreatedMinor, g.PaidMinor, g.NetMinor, g.SettledMinor, g.RefundedMinor,
			g.CancelledMinor, g.RefundedUnknownMinor)
		b.integers(idGmvCounts, g.Currency, g.OrdersCreated, g.OrdersPaid, g.OrdersCancelled, g.OrdersRefunded, g.Units,
			g.Buyers)
	}
}

func (b *builder) integers(first uint16, currency string, values ...int64) {
	for i, v := range values {
		b.integer(first+uint16(i), currency, v)
	}
}

func (b *builder) returns(m *eventpb.Returns) {
	for _, r := range m.Returns[:min(len(m.Returns), maxCurrencies)] {
		for _, v := range r.Variants {
			n := slices.Index(variants, v.Name)
			if n < 0 || v.Insufficient != "" {
				continue
			}
			b.real(idRoims+uint16(n), r.Currency, v.Value)
			if v.Name == "net" {
				b.real(idRoimsNetLo, r.Currency, v.Lo)
				b.real(idRoimsNetHi, r.Currency, v.Hi)
			}
		}
		if p := r.Pace; p != nil {
			if p.Insufficient == "" {
				b.real(idPaceProbability, r.Currency, p.Probability)
			}
			b.integers(idPaceTarget, r.Currency, p.TargetMinor, p.CurrentMinor)
		}
		if e := r.Expected; e != nil {
			b.integers(idExpectedNet, r.Currency, e.NetMinor, e.ComingMinor)
		}
	}
}

func (b *builder) cost(m *eventpb.Cost) {
	for _, c := range m.Costs[:min(len(m.Costs), maxCurrencies)] {
		b.integers(idCost, c.Currency, c.TotalMinor, c.SpendMinor, c.VariableMinor, c.FixedFeeMinor, c.TopUpMinor,
			c.PenaltyMinor, c.CommitmentMinor, c.NetMinor, c.ShortfallMinor)
	}
}
