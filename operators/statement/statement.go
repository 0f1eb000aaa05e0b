package statement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Statement is one ESOL's in one campaign.
type Statement struct {
	Campaign, Esol string
	Totals         []Line // by party and currency; of a total only these and the amounts are set
	Lines          []Line // fees, then orders in order of time
}

// Line is what a party has of an order or a fee, by state, in minor units. Estimated + Approved + Payable + Paid -
// ClawedBack is what it is worth.
type Line struct {
	Order, Fee      string // one of them
	Party, Currency string

	Estimated, Approved, Payable, Paid, ClawedBack int64

	// As the order stands. Credit is nil for a fee, and for an order that has gone.
	Credit    *eventpb.Credit
	BaseMinor int64
	Capped    bool

	Entries []Entry // in the order in which they were appended
}

// Entry is one of the ledger's, with its number.
type Entry struct {
	Number int64
	*ledgerpb.Entry
}

// Due is what is owed and not paid yet, whatever its state, less what is owed back.
func (l *Line) Due() (int64, error) { return add(l.Estimated, l.Approved, l.Payable, -l.ClawedBack) }

// Of makes the statement of a book.
func Of(b *ledger.Book) (*Statement, error) {
	type key struct{ order, fee, party, currency string }
	lines, totals := map[key]*Line{}, map[key]*Line{}
	at := func(in map[key]*Line, k key) *Line {
		if in[k] == nil {
			o := b.Orders[k.order]
			in[k] = &Line{
				Order: k.order, Fee: k.fee, Party: k.party, Currency: k.currency,
				Credit: o.Credit, BaseMinor: o.BaseMinor, Capped: o.Capped,
			}
		}
		return in[k]
	}
	for i, e := range b.Entries {
		told := map[*Line]bool{}
		for _, side := range []struct {
			account string
			minor   int64
		}{{e.From, -e.Amount}, {e.To, e.Amount}} {
			colon := strings.LastIndexByte(side.account, ':') // a party's name may hold one
			party, state := side.account[:max(0, colon)], side.account[colon+1:]
			if party == contract.Brand {
				continue
			}
			l := at(lines, key{e.Order, e.Fee, party, e.Currency})
			if err := l.move(state, side.minor); err != nil {
				return nil, fmt.Errorf("entry %d: %w", i, err)
			}
			if err := at(totals, key{party: party, currency: e.Currency}).move(state, side.minor); err != nil {
				return nil, fmt.Errorf("entry %d: %w", i, err)
			}
			if !told[l] {
				told[l] = true
				l.Entries = append(l.Entries, Entry{int64(i), e})
			}
		}
	}
	s := &Statement{Campaign: b.Campaign, Esol: b.Esol}
	for _, l := range totals {
		l.Credit = nil
		s.Totals = append(s.Totals, *l)
	}
	for _, l := range lines {
		s.Lines = append(s.Lines, *l)
	}
	slices.SortFunc(s.Totals, inOrder)
	slices.SortFunc(s.Lines, inOrder)
	return s, s.check(b.Balances)
}

// inOrder has fees first, then what has gone, then orders by time.
func inOrder(a, b Line) int {
	return cmp.Or(
		-cmp.Compare(a.Fee, b.Fee), cmp.Compare(a.Credit.GetOrderedMs(), b.Credit.GetOrderedMs()),
		cmp.Compare(a.Order, b.Order), cmp.Compare(a.Party, b.Party), cmp.Compare(a.Currency, b.Currency),
	)
}

func (l *Line) move(state string, minor int64) (err error) {
	to := map[string]*int64{
		"estimated": &l.Estimated, "approved": &l.Approved, "payable": &l.Payable, "paid": &l.Paid, "clawback": &l.ClawedBack,
	}[state]
	if to == nil {
		return fmt.Errorf("there is no state %q", state)
	}
	if state == "clawback" {
		minor = -minor
	}
	*to, err = event.Add(*to, minor)
	return err
}

// check holds the totals against the balances that the ledger keeps beside the entries.
func (s *Statement) check(balances []*ledgerpb.Account) error {
	for _, a := range balances {
		kept := Line{
			Party: a.Party, Currency: a.Currency, Estimated: a.Estimated, Approved: a.Approved, Payable: a.Payable, Paid: a.Paid,
			ClawedBack: -a.Clawed,
		}
		i := slices.IndexFunc(s.Totals, func(l Line) bool { return l.Party == a.Party && l.Currency == a.Currency })
		if i < 0 {
			s.Totals = append(s.Totals, Line{Party: a.Party, Currency: a.Currency})
			i = len(s.Totals) - 1
		}
		if t := s.Totals[i]; t.amounts() != kept.amounts() {
			return fmt.Errorf("the book does not balance: %s in %s is %v by its entries, and kept as %v",
				a.Party, a.Currency, t.amounts(), kept.amounts())
		}
	}
	return nil
}

// amounts are those of a line, by state.
func (l *Line) amounts() [5]int64 {
	return [5]int64{l.Estimated, l.Approved, l.Payable, l.Paid, l.ClawedBack}
}

func add(list ...int64) (sum int64, err error) {
	for _, n := range list {
		if sum, err = event.Add(sum, n); err != nil {
			return 0, err
		}
	}
	return sum, nil
}
