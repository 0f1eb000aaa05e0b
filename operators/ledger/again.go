package ledger

import (
	"errors"
	"slices"

	"github.com/netsu/netsu/operators/ledger/ledgerpb"
)

// againChunks is how many chunks, of 128 orders at most, a tick marks to be rated again: so many orders and no more are
// rated because of a change of terms in one record. With a tick a second, 100,000 orders take less than a minute.
const againChunks = 16

// goThrough has all orders of a deal rated and posted again, some with every tick: its terms have changed, or it has
// been paid. What was begun begins anew.
func (f *Fold) goThrough(deal string) error {
	f.changed(dealPrefix + deal) // and its fees
	_, had, err := f.again.Get(deal)
	if err != nil {
		return err
	}
	if !had {
		f.clock.Again++
	}
	f.again.Put(deal, &ledgerpb.Again{})
	return nil
}

// goOn marks the next orders of the deals that are being gone through.
func (f *Fold) goOn() error {
	for left := againChunks; left > 0 && f.clock.Again > 0; {
		var deal string
		var at *ledgerpb.Again
		err := f.again.Range("", "", func(key string, a *ledgerpb.Again) error {
			deal, at = key, a
			return errEnough
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		if at == nil {
			f.clock.Again = 0
			return nil
		}
		done, marked, err := f.goOnWith(deal, at, left)
		if err != nil {
			return err
		}
		left -= max(1, marked)
		if done {
			f.again.Delete(deal)
			f.clock.Again--
		} else {
			f.again.Put(deal, at)
		}
	}
	return nil
}

func (f *Fold) goOnWith(deal string, at *ledgerpb.Again, most int) (done bool, marked int, err error) {
	d, ok, err := f.deals.Get(deal)
	if err != nil || !ok {
		return true, 0, err
	}
	i, _ := slices.BinarySearch(d.Months, at.Month)
	for ; i < len(d.Months); i++ {
		month := d.Months[i]
		m, err := f.openMonth(deal, month)
		if err != nil {
			return false, marked, err
		}
		j := 0
		if month == at.Month && at.Begun {
			j = chunkOf(m, at.FirstMs, at.FirstOrder)
		}
		for ; j < len(m.Chunks); j++ {
			c := m.Chunks[j]
			if marked == most {
				at.Month, at.FirstMs, at.FirstOrder, at.Begun = month, c.FirstMs, c.FirstOrder, true
				return false, marked, nil
			}
			c.All = true
			marked++
			f.rateLater(scoped(deal, month))
		}
	}
	at.Month = afterMonths
	done, err = f.postGone(deal, d, at, (most-marked)*leafItems)
	return done, most, err
}

// afterMonths is after all keys of months.
const afterMonths = "\xff"

// postGone posts the next orders of the deal that are in no month, at most so many.
func (f *Fold) postGone(deal string, d *ledgerpb.Deal, at *ledgerpb.Again, most int) (done bool, err error) {
	var keys []string
	err = f.gone.Range(scoped(deal, at.Gone), scoped(deal, "\xff"), func(key string, _ *ledgerpb.Mark) error {
		if len(keys) == most {
			_, at.Gone, _ = unscope(key)
			return errEnough
		}
		keys = append(keys, key)
		return nil
	})
	if done = err == nil; err != nil && !errors.Is(err, errEnough) {
		return false, err
	}
	for _, key := range keys {
		o, _, err := f.owed.Get(key)
		if err != nil {
			return false, err
		}
		_, order, err := unscope(key)
		if err != nil {
			return false, err
		}
		f.deals.Put(deal, d)
		f.owed.Put(key, o)
		if err := f.post(deal, d, order, "", o); err != nil {
			return false, err
		}
	}
	return done, nil
}
