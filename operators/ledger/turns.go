package ledger

import (
	"fmt"

	"github.com/netsu/netsu/operators/ledger/ledgerpb"
)

// turnAt keeps in turns when the state of an order or of a deal's fees changes by itself, or a campaign's pace (0: never).
func (f *Fold) turnAt(what string, at *int64, ms int64) {
	if *at == ms {
		return
	}
	if *at != 0 {
		f.turns.Delete(timeText(*at) + what)
	}
	if *at = ms; ms != 0 {
		f.turns.Put(timeText(ms)+what, &ledgerpb.Mark{})
		f.nextTurnMS = min(f.nextTurnMS, ms)
	}
}

// takeTurns posts what has come into another state since a tick before the latest.
func (f *Fold) takeTurns(sinceMS int64) error {
	now := f.clock.SettledMs
	for f.nextTurnMS <= now && sinceMS < now {
		keys, next, err := dueFrom(f.turns, timeText(sinceMS), now)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := f.takeTurn(key); err != nil {
				return err
			}
		}
		f.nextTurnMS = next
	}
	return nil
}

func (f *Fold) takeTurn(key string) error {
	f.turns.Delete(key)
	what := key[timeDigits+1:]
	if key[timeDigits] == 'f' {
		d, ok, err := f.deals.Get(what)
		if err != nil || !ok {
			return err
		}
		d.TurnMs = 0
		f.deals.Put(what, d)
		f.changed(dealPrefix + what)
		return nil
	}
	if key[timeDigits] == 'p' {
		row, ok, err := f.campaigns.Get(what)
		if err != nil || !ok {
			return err
		}
		row.PaceMs = 0
		f.campaigns.Put(what, row)
		f.changed(campaignPrefix + what)
		return nil
	}
	deal, order, err := unscope(what)
	if err != nil {
		return err
	}
	d, known, err := f.deals.Get(deal)
	if err != nil {
		return err
	}
	f.deals.Put(deal, d)
	o, due, err := f.owed.Get(what)
	if err != nil {
		return err
	}
	if !due || !known {
		return fmt.Errorf("state key %q is due, and its order is not there", key)
	}
	f.owed.Put(what, o)
	o.TurnMs = 0
	return f.post(deal, d, order, "", o)
}
