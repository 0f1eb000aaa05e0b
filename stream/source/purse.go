package source

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/govalues/decimal"

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

// near is an amount to the nearest unit of the currency, halves to the even one: of what is a quotient, as the price of
// one of three for ten. What is owed must be read exactly.
func (m *purse) near(plain loose) int64 {
	d, err := decimal.Parse(string(cmp.Or(plain, "0")))
	decimals, _ := event.Exponent(m.currency)
	if err != nil {
		if m.err == nil {
			m.err = errors.New("an amount that is no decimal number")
		}
		return 0
	}
	return m.read(loose(d.Round(decimals).Trim(0).String()), nil)
}

// binary is an amount that was written as a binary fraction: to the nearest unit, where the text is less than a
// thousandth of one away from it. What is further away was no such artefact and is refused.
func (m *purse) binary(plain loose) int64 {
	before := m.err
	minor := m.near(plain)
	if before != nil || m.err != nil {
		return minor
	}
	decimals, _ := event.Exponent(m.currency)
	d, err := decimal.Parse(string(cmp.Or(plain, "0")))
	exact, err2 := decimal.New(minor, decimals)
	off, err3 := d.SubAbs(exact)
	thousandth, err4 := decimal.New(1, decimals+3)
	if m.err = errors.Join(err, err2, err3, err4); m.err == nil && off.Cmp(thousandth) >= 0 {
		m.err = event.ErrTooPrecise
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
