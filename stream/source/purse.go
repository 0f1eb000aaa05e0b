package source

import (
	"errors"
	"fmt"

	"github.com/netsu/netsu/stream/event"
)

// purse reads amounts of one currency. The first error stays, and everything after it is void.
type purse struct {
	currency string
	err      error
}

// read is an amount in the shop's currency: that of the set, if there is one.
func (m *purse) read(plain loose, set *shopifyMoney) int64 {
	if set != nil && set.Shop.Amount != "" {
		plain = set.Shop.Amount
		if c := set.Shop.Currency; c != "" && c != m.currency && m.err == nil {
			m.err = errors.New("shop_money in two currencies")
		}
	}
	if plain == "" {
		return 0
	}
	minor, err := event.ParseMinor([]byte(plain), m.currency)
	if err != nil && m.err == nil {
		m.err = fmt.Errorf("an amount: %w", err)
	}
	return minor
}

func (m *purse) text(minor int64) string { return event.FormatMinor(minor, m.currency) }

func (m *purse) add(a, b int64) int64 {
	sum, err := event.Add(a, b)
	if err != nil && m.err == nil {
		m.err = err
	}
	return sum
}

// times is price × quantity.
func (m *purse) times(price, quantity int64) int64 {
	if quantity != 0 && (price*quantity/quantity != price) && m.err == nil {
		m.err = event.ErrOverflow
	}
	return price * quantity
}

// exchange is the part of an order's amount in the shop's currency that amount is of it in the buyer's.
func (m *purse) exchange(amount int64, to string, total *shopifyMoney) int64 {
	if total == nil || total.Shop.Currency != to || total.Presentment.Currency != m.currency {
		if m.err == nil {
			m.err = errors.New("a refund in another currency than its order, which does not say its amount in both")
		}
		return 0
	}
	shop := purse{currency: to}
	ours, theirs := shop.read(total.Shop.Amount, nil), m.read(total.Presentment.Amount, nil)
	if shop.err != nil || amount < 0 || amount > theirs {
		m.err = errors.New("a refund in the buyer's currency of more than the order's amount")
		return 0
	}
	return event.Alloc(ours, []int64{amount, theirs - amount})[0]
}
