package ledger

import (
	"errors"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/fx"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// By which rates are currencies added? By those of the catalog that are in force at the latest tick (operators/fx).

// pivot is the currency through which cross rates go: most of what is traded is quoted in it.
const pivot = "USD"

// totalsBatch is how many campaigns are said again in one tick because rates have changed.
const totalsBatch = 1024

// exchange is what the ledger remembers of rates; keys.go has the keys.
type exchange struct {
	rates *state.Table[*eventpb.Fx]
	mixed *state.Table[*ledgerpb.Mixed] // the campaigns whose orders are in another currency than their own

	table *fx.Table // of rates; nil until it is asked
}

func newExchange(store *state.Store) exchange {
	return exchange{
		rates: state.NewTable(store, "rate", state.Proto[eventpb.Fx](schema)),
		mixed: state.NewTable(store, "mixed", state.Proto[ledgerpb.Mixed](schema)),
	}
}

// fxTable is the table of the rates. After a restore it is made of what the state has, which has only what it took.
func (f *Fold) fxTable() (*fx.Table, error) {
	if f.table != nil {
		return f.table, nil
	}
	table := fx.New(pivot)
	err := f.rates.Range("", "", func(id string, x *eventpb.Fx) error {
		if err := table.Put(id, x); !errors.Is(err, fx.ErrRate) {
			return err
		}
		return nil // of a currency that has been abolished since
	})
	if err != nil {
		return nil, err
	}
	f.table = table
	return table, nil
}

// learnRate puts a rate in the place of what its id said before, or takes that away: if it is deleted, and if what came is
// no rate (a currency in itself), as the catalog has nothing else under the id any more. A rate for which the table has no
// room is left out until it comes again.
func (f *Fold) learnRate(id string, in *eventpb.Fx, gone bool) error {
	had, ok, err := f.rates.Get(id)
	if err != nil {
		return err
	}
	if gone {
		in = nil
	}
	if ok && had.EqualVT(in) {
		return nil
	}
	table, err := f.fxTable()
	if err != nil {
		return err
	}
	err = fx.ErrRate
	if in != nil {
		err = table.Put(id, in)
	}
	switch {
	case err == nil:
		f.rates.Put(id, operators.Owned(in))
	case errors.Is(err, fx.ErrFull) || !ok:
		return nil
	default:
		table.Delete(id)
		f.rates.Delete(id)
	}
	f.sayTotals()
	return nil
}

// sayTotals has all campaigns with a total said again, some with every tick. What was begun begins anew.
func (f *Fold) sayTotals() { f.clock.TotalsAgain, f.clock.TotalsFrom = true, "" }

// totalsAgain marks the next campaigns whose total may be another: rates have changed, or have come into force since a
// tick before the latest.
func (f *Fold) totalsAgain(sinceMS int64) error {
	table, err := f.fxTable()
	if err != nil {
		return err
	}
	if table.Begins(sinceMS, f.clock.SettledMs) {
		f.sayTotals()
	}
	if !f.clock.TotalsAgain {
		return nil
	}
	n, next := 0, ""
	err = f.mixed.Range(f.clock.TotalsFrom, "", func(campaign string, _ *ledgerpb.Mixed) error {
		if n == totalsBatch {
			next = campaign
			return errEnough
		}
		n++
		f.changed(campaignPrefix + campaign)
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	f.clock.TotalsAgain, f.clock.TotalsFrom = err != nil, strings.Clone(next)
	return nil
}
