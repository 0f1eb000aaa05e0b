package ledger

import (
	"errors"
	"fmt"

	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// settleBatch is how many credits are settled in one scan; a tick that finds more due scans again.
const settleBatch = 8192

// settled tells whether the return window of a credit is over, as of the latest tick.
func (f *Fold) settled(c *eventpb.Credit) bool {
	return c.SettlesMs != 0 && c.SettlesMs <= f.clock.SettledMs
}

// indexDue keeps due to the credits that have yet to settle.
func (f *Fold) indexDue(scope, order string, was, is *eventpb.Credit) {
	if was.GetSettlesMs() == is.GetSettlesMs() {
		return
	}
	if at := was.GetSettlesMs(); at > f.clock.SettledMs && at != 0 {
		f.due.Delete(timeText(at) + scoped(scope, order))
	}
	if at := is.GetSettlesMs(); at > f.clock.SettledMs && at != 0 {
		f.due.Put(timeText(at)+scoped(scope, order), &ledgerpb.Mark{})
		f.nextDueMS = min(f.nextDueMS, at)
	}
}

// settle moves the time up to which credits have settled. The index is read from where it was last read to, so that
// neither what has settled nor what is not due costs anything.
func (f *Fold) settle(nowMS int64) error {
	if nowMS <= f.clock.SettledMs {
		return nil
	}
	from := timeText(f.clock.SettledMs)
	f.clock.SettledMs = nowMS
	for f.nextDueMS <= nowMS {
		keys, next, err := dueFrom(f.due, from, nowMS)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := f.settleOne(key); err != nil {
				return err
			}
		}
		f.nextDueMS = next
	}
	return nil
}

var errEnough = errors.New("enough")

// dueFrom returns the first keys that are due by nowMS, and when the one after them is.
func dueFrom(t *state.Table[*ledgerpb.Mark], from string, nowMS int64) (keys []string, next int64, err error) {
	next = maxTime
	err = t.Range(from, "", func(key string, _ *ledgerpb.Mark) error {
		at, err := parseTime(key[:timeDigits])
		if err != nil {
			return fmt.Errorf("state key %q has no time: %w", key, err)
		}
		if at > nowMS || len(keys) == settleBatch {
			next = at
			return errEnough
		}
		keys = append(keys, key)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return keys, next, err
}

func (f *Fold) settleOne(key string) error {
	f.due.Delete(key)
	scope, order, err := unscope(key[timeDigits:])
	if err != nil {
		return err
	}
	c, due, err := f.credits.Get(scoped(scope, order))
	if err != nil {
		return err
	}
	m, known, err := f.scopes.Get(scope)
	if err != nil {
		return err
	}
	if !due || !known {
		return fmt.Errorf("state key %q is due, and its credit is not there", key)
	}
	g := gmv(m, c.Currency)
	if g.SettledMinor, err = event.Add(g.SettledMinor, c.NetMinor); err != nil {
		return fmt.Errorf("settling %q: %w", key, err)
	}
	f.scopes.Put(scope, m)
	f.changed(scope)
	return nil
}

// indexLatest keeps latest to the known orders of the scope, and the time of its last order with it.
func (f *Fold) indexLatest(m *eventpb.Money, scope, order string, was, is *eventpb.Credit) error {
	had, has := was != nil && !was.RefundOnly, is != nil && !is.RefundOnly
	if had && has && was.OrderedMs == is.OrderedMs {
		return nil
	}
	if had {
		f.latest.Delete(latestKey(scope, order, was))
	}
	if has {
		f.latest.Put(latestKey(scope, order, is), &ledgerpb.Mark{})
	}
	switch {
	case has && (is.OrderedMs >= m.LastOrderMs || m.OrdersTotal == 1):
		m.LastOrderMs = is.OrderedMs
	case had && was.OrderedMs == m.LastOrderMs:
		return f.findLatest(m, scope)
	}
	return nil
}

func latestKey(scope, order string, c *eventpb.Credit) string {
	return scoped(scope, timeText(^c.OrderedMs)+order) // ^ turns the order of times round
}

// findLatest reads the first entry of the scope: the order that held the place has left it.
func (f *Fold) findLatest(m *eventpb.Money, scope string) error {
	m.LastOrderMs = 0
	err := f.latest.Range(scoped(scope, ""), scoped(scope, "g"), func(key string, _ *ledgerpb.Mark) error {
		_, rest, err := unscope(key)
		if err != nil {
			return err
		}
		at, err := parseTime(rest[:timeDigits])
		if err != nil {
			return fmt.Errorf("state key %q has no time: %w", key, err)
		}
		m.LastOrderMs = ^at
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return err
}
