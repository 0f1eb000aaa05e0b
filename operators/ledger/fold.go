package ledger

import (
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

const (
	// Schema is the version of this fold's state: no value in it is of a newer one.
	Schema = 1
	schema = Schema
	// emitEveryMS is how often a changed scope is said, in append time.
	emitEveryMS = 100
	// maxPendingBytes bounds the names of the scopes that wait for that, and what is to be restated of them.
	maxPendingBytes = 256 << 10

	clockKey = "task" // the one key of its table
)

// Fold is one partition of the credits.
type Fold struct {
	clocks  *state.Table[*ledgerpb.Clock]
	scopes  *state.Table[*eventpb.Money]  // by scope; averages are left out
	credits *state.Table[*eventpb.Credit] // by scope and order; see slim
	buyers  *state.Table[*ledgerpb.Buyer] // by scope and person
	latest  *state.Table[*ledgerpb.Mark]  // by scope, order time (latest first) and order
	due     *state.Table[*ledgerpb.Mark]  // by settlement time, scope and order: what has not settled yet

	restatedTo *state.Table[*ledgerpb.Restated] // by scope

	commissions
	exchange

	clock        *ledgerpb.Clock // of clocks
	nowMS        int64           // append time of the record
	pendingBytes int
	nextDueMS    int64 // nothing in due settles before; where unknown, the least int64
}

// New returns the fold over one partition of the credits, as store remembers it.
func New(store *state.Store, _ int32) (operators.Fold, error) {
	f := &Fold{
		clocks:    state.NewTable(store, "clock", state.Proto[ledgerpb.Clock](schema)),
		scopes:    state.NewTable(store, "scope", state.Proto[eventpb.Money](schema)),
		credits:   state.NewTable(store, "credit", state.Proto[eventpb.Credit](schema)),
		buyers:    state.NewTable(store, "buyer", state.Proto[ledgerpb.Buyer](schema)),
		latest:    state.NewTable(store, "latest", state.Proto[ledgerpb.Mark](schema)),
		due:       state.NewTable(store, "due", state.Proto[ledgerpb.Mark](schema)),
		nextDueMS: minTime,

		restatedTo: state.NewTable(store, "restated", state.Proto[ledgerpb.Restated](schema)),

		commissions: newCommissions(store),
		exchange:    newExchange(store),
	}
	clock, ok, err := f.clocks.Get(clockKey)
	if err != nil {
		return nil, err
	}
	if !ok {
		clock = &ledgerpb.Clock{SettledMs: minTime}
	}
	f.clock = clock
	for _, scope := range clock.Pending {
		f.pendingBytes += len(scope)
	}
	for _, month := range clock.Months {
		f.pendingBytes += len(month)
	}
	for _, r := range clock.Restating {
		f.pendingBytes += weight(r)
	}
	return f, nil
}

// Apply implements operators.Fold.
func (f *Fold) Apply(r *operators.Record, out *operators.Outputs) error {
	ticked := false
	f.nowMS = r.AppendMS
	for _, e := range r.Events {
		var err error
		switch e.Kind {
		case eventpb.Kind_KIND_CREDIT, eventpb.Kind_KIND_DEAL:
			err = f.credit(e.Credit)
		case eventpb.Kind_KIND_SPEND:
			err = f.spend(e)
		case eventpb.Kind_KIND_TICK:
			ticked, err = true, f.tick(r.AppendMS)
		case eventpb.Kind_KIND_CATALOG:
			err = f.learn(e.Catalog)
		}
		if err != nil {
			return err
		}
	}
	boundary := event.FloorDiv(r.AppendMS, emitEveryMS)
	if ticked || boundary > f.clock.Emitted || f.pendingBytes >= maxPendingBytes {
		if err := f.emit(out); err != nil {
			return err
		}
		f.clock.Emitted = boundary
	}
	f.clocks.Put(clockKey, f.clock)
	return nil
}

// tick lets time pass.
func (f *Fold) tick(nowMS int64) error {
	before := f.clock.SettledMs
	if err := f.settle(nowMS); err != nil {
		return err
	}
	if err := f.takeTurns(before); err != nil {
		return err
	}
	if err := f.goOn(); err != nil {
		return err
	}
	return f.totalsAgain(before)
}

// changed remembers that the scope is to be emitted.
func (f *Fold) changed(scope string) {
	if i, found := slices.BinarySearch(f.clock.Pending, scope); !found {
		f.clock.Pending = slices.Insert(f.clock.Pending, i, scope)
		f.pendingBytes += len(scope)
	}
}

// emit says the money of all scopes that have changed since the last time, in order of scope, and why what was said of
// them before is not so any more.
func (f *Fold) emit(out *operators.Outputs) error {
	if err := f.conclude(); err != nil {
		return err
	}
	for _, scope := range f.clock.Pending {
		if strings.HasPrefix(scope, dealPrefix) {
			if err := f.sayEarnings(scope, out); err != nil {
				return err
			}
			continue
		}
		m, ok, err := f.scopes.Get(scope)
		if err != nil {
			return err
		}
		if strings.HasPrefix(scope, campaignPrefix) {
			if err := f.sayCampaign(scope, m, out); err != nil {
				return err
			}
		}
		if !ok {
			out.DropMeter(scope, "money")
			continue
		}
		said, err := f.meter(scope, "money")
		if err != nil {
			return err
		}
		said.Money = published(m)
		out.Meter(said)
	}
	f.clock.Pending, f.pendingBytes = nil, 0
	return f.sayRestated(out)
}

// meter is a meter of a scope, yet without its part. A campaign's says whose it is, and which model governs it.
func (f *Fold) meter(scope, part string) (*eventpb.Meter, error) {
	m := &eventpb.Meter{Version: event.Version, Scope: scope, Part: part, AppendMs: f.nowMS}
	campaign, ok := strings.CutPrefix(scope, campaignPrefix)
	if !ok {
		return m, nil
	}
	row, _, err := f.campaigns.Get(campaign)
	m.BrandId, m.Model = row.GetCampaign().GetBrandId(), row.GetCampaign().GetAttributionModel()
	return m, err
}
