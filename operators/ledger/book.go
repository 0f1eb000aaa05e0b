package ledger

import (
	"errors"
	"fmt"

	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Book is all that the ledger has on one deal: who reads it can follow every amount to the orders, touches and
// decisions that it comes of.
type Book struct {
	Campaign, Esol string
	Entries        []*ledgerpb.Entry   // in the order in which they were appended
	Orders         map[string]Order    // by id; of those that have gone, only what was posted
	Balances       []*ledgerpb.Account // by party and currency, as the ledger keeps them beside the entries
}

// Order is what a book says of an order as it stands.
type Order struct {
	Credit    *eventpb.Credit // nil: it has gone
	BaseMinor int64
	Capped    bool
}

// InBook tells whether an entry of the ledger's state belongs in a book of the campaign, and, unless esol is empty, of
// the ESOL.
func InBook(key, campaign, esol string) bool {
	for _, table := range []string{"deal/", "owed/", "entry/"} {
		if len(key) <= len(table) || key[:len(table)] != table {
			continue
		}
		deal := key[len(table):]
		if table != "deal/" {
			var err error
			if deal, _, err = unscope(deal); err != nil {
				return false
			}
		}
		c, e, ok := event.SplitDealID(deal)
		return ok && c == campaign && (esol == "" || e == esol)
	}
	return false
}

// ReadBooks reads the books of a campaign's deals, in order of ESOL, or of the one with esol, from the state of the
// ledger task that has them. It changes nothing.
func ReadBooks(backing state.Backing, campaign, esol string) ([]*Book, error) {
	t := newCommissions(state.NewStore(backing, 0))
	var books []*Book
	from := event.DealID(campaign, esol)
	err := t.deals.Range(from, "", func(deal string, d *ledgerpb.Deal) error {
		if c, e, ok := event.SplitDealID(deal); !ok || c != campaign {
			return errEnough
		} else if esol != "" && e != esol {
			return errEnough
		}
		b := &Book{Campaign: d.Campaign, Esol: d.Esol, Orders: map[string]Order{}, Balances: d.Accounts}
		books = append(books, b)
		return t.read(b, deal, d)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return books, nil
}

func (t *commissions) read(b *Book, deal string, d *ledgerpb.Deal) error {
	first, end := scoped(deal, ""), scoped(deal, "\xff")
	err := t.entries.Range(first, scoped(deal, "g"), func(_ string, e *ledgerpb.Entry) error {
		b.Entries = append(b.Entries, e)
		return nil
	})
	if err != nil {
		return err
	}
	if int64(len(b.Entries)) != d.Entries {
		return fmt.Errorf("deal %q has %d entries, and %d are there", deal, d.Entries, len(b.Entries))
	}
	return t.owed.Range(first, end, func(key string, o *ledgerpb.Owed) error {
		_, order, err := unscope(key)
		if err == nil {
			b.Orders[order] = Order{o.Credit, o.Base, o.Capped}
		}
		return err
	})
}
