package ledger

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
)

// Money lies in an account of a party and a state. What is owed comes from the brand's accrued account, so that account
// is, below zero, what the brand owes and has paid.
//
//	brand:accrued ─sale─▶ P:estimated ─▶ P:approved ─▶ P:payable ─payout─▶ P:paid
//	      ▲  ▲                │               │             │                 ▲
//	      │  └────────────────┴── reversal ───┴─────────────┘                 │
//	      └── P:clawback ◀─ a refund after the payout takes it from here      │
//	              ▲                                                           │
//	              └──────── the next payout was so much smaller ──────────────┘
type stage uint8

const (
	estimated stage = iota
	approved
	payable
	paid
	clawback
	stages
)

var stageNames = [stages]string{"estimated", "approved", "payable", "paid", "clawback"}

// accrued is the one account of the brand.
const accrued = contract.Brand + ":accrued"

func accountName(party string, s stage) string { return party + ":" + stageNames[s] }

// in is where the account keeps the balance of a state.
func in(a *ledgerpb.Account, s stage) *int64 {
	return [stages]*int64{&a.Estimated, &a.Approved, &a.Payable, &a.Paid, &a.Clawed}[s]
}

func accountIn(list *[]*ledgerpb.Account, party, currency string) *ledgerpb.Account {
	i, found := slices.BinarySearchFunc(*list, [2]string{party, currency}, func(a *ledgerpb.Account, k [2]string) int {
		return cmp.Or(cmp.Compare(a.Party, k[0]), cmp.Compare(a.Currency, k[1]))
	})
	if !found {
		*list = slices.Insert(*list, i, &ledgerpb.Account{Party: party, Currency: currency})
	}
	return (*list)[i]
}

// posting is the work on one order or fee of a deal.
type posting struct {
	*Fold
	deal       string
	d          *ledgerpb.Deal
	order, fee string
	o          *ledgerpb.Owed
	cost       *ledgerpb.Cost
	begun      bool
}

// post appends the entries that bring what has been posted for an order (or a fee) to what it is worth, in the state
// that it has by the latest tick.
func (f *Fold) post(deal string, d *ledgerpb.Deal, order, fee string, o *ledgerpb.Owed) error {
	terms, err := f.terms(d.Campaign)
	if err != nil {
		return err
	}
	p := &posting{Fold: f, deal: deal, d: d, order: order, fee: fee, o: o}
	if err := p.payOut(); err != nil {
		return err
	}
	st := f.standing(terms, o)
	if fee != "" {
		st = f.feeStanding(terms)
	}
	o.PayableMs = st.payableMS
	open := false
	for _, party := range p.parties() {
		more, err := p.bring(party[0], party[1], st)
		if err != nil {
			return fmt.Errorf("posting for %s: %w", party[0], err)
		}
		open = open || more
	}
	o.Why = ""
	if fee == "" {
		if !open {
			st.turnMS = 0
		}
		f.turnAt("o"+scoped(deal, order), &o.TurnMs, st.turnMS)
		f.keepGone(scoped(deal, order), o)
	}
	return nil
}

// keepGone keeps the table of orders that are in no month any more, by which payouts find the others, and for which
// something was paid that is to be set off.
func (f *Fold) keepGone(key string, o *ledgerpb.Owed) {
	gone := o.Credit == nil && slices.ContainsFunc(o.Positions, func(a *ledgerpb.Account) bool { return a.Clawed < 0 })
	switch {
	case gone && !o.Gone:
		f.gone.Put(key, &ledgerpb.Mark{})
	case !gone && o.Gone:
		f.gone.Delete(key)
	}
	o.Gone = gone
}

// parties are all that have, or are to have, something of it, in order, with the currency.
func (p *posting) parties() [][2]string {
	var all [][2]string
	for _, a := range p.o.Positions {
		all = append(all, [2]string{a.Party, a.Currency})
	}
	for _, s := range p.o.Parts {
		all = append(all, [2]string{s.Party, p.o.Currency})
	}
	slices.SortFunc(all, func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	return slices.Compact(all)
}

// worth is what the order is worth to a party in a currency.
func worth(o *ledgerpb.Owed, party, currency string) int64 {
	if currency == o.Currency {
		for _, s := range o.Parts {
			if s.Party == party {
				return s.Minor
			}
		}
	}
	return 0
}

// payOut moves what the latest payout covers: what was payable, on a statement up to its date, when it came. What had
// been clawed back by then is set off against it.
func (p *posting) payOut() error {
	o, d := p.o, p.d
	for _, a := range o.Positions {
		if a.Payable > 0 && o.PayableEntries <= d.PayoutEntries && o.PayableMs <= d.ThroughMs {
			if err := p.move(a, a.Payable, payable, paid, whyPaid); err != nil {
				return err
			}
		}
		if a.Clawed < 0 && o.ClawedEntries <= d.PayoutEntries {
			if err := p.move(a, -a.Clawed, paid, clawback, whyRecouped); err != nil {
				return err
			}
		}
	}
	return nil
}

// bring posts the difference of one party. It tells whether something of it is not paid yet.
func (p *posting) bring(party, currency string, st standing) (open bool, err error) {
	target := worth(p.o, party, currency)
	a := accountIn(&p.o.Positions, party, currency)
	over, err := event.Sub(target, a.Paid)
	if err != nil {
		return false, err
	}
	owed, back := max(0, over), min(0, over)
	if a.Clawed != back {
		if err := p.shift(a, clawback, back-a.Clawed, p.why()); err != nil {
			return false, err
		}
	}
	at, have := estimated, int64(0)
	for _, s := range []stage{estimated, approved, payable} {
		if n := *in(a, s); n != 0 {
			at, have = s, n
		}
	}
	switch {
	case have == owed && (at == st.stage || have == 0):
	case have == owed:
		err = p.move(a, have, at, st.stage, st.why(at))
	default:
		// Never an edit: what was there goes back whole, and what is to be there comes anew.
		if err = p.shift(a, at, -have, p.why()); err == nil {
			err = p.shift(a, st.stage, owed, p.why()+st.note())
		}
	}
	return owed > 0, err
}

// why the amount changes.
func (p *posting) why() string { return cmp.Or(p.o.Why, whyTerms) }

// shift moves an amount from the brand's accrued account to a state, or, below zero, back.
func (p *posting) shift(a *ledgerpb.Account, s stage, minor int64, why string) error {
	name := accountName(a.Party, s)
	switch {
	case minor > 0:
		return p.append(a, minor, accrued, name, why, change{s, minor})
	case minor < 0 && minor != math.MinInt64:
		return p.append(a, -minor, name, accrued, why, change{s, minor})
	case minor < 0:
		return event.ErrOverflow
	}
	return nil
}

// move moves an amount from one state to another.
func (p *posting) move(a *ledgerpb.Account, minor int64, from, to stage, why string) error {
	return p.append(a, minor, accountName(a.Party, from), accountName(a.Party, to), why,
		change{from, -minor}, change{to, minor})
}

type change struct {
	stage stage
	minor int64
}

// append writes an entry, and moves all balances that it bears on: the order's, the deal's, the campaign's.
func (p *posting) append(a *ledgerpb.Account, minor int64, from, to, why string, changes ...change) error {
	if !p.begun {
		p.begun = true
		p.o.Revision++
		var err error
		if p.cost, err = p.openCost(p.d.Campaign); err != nil {
			return err
		}
		p.changed(dealPrefix + p.deal)
		p.changed(event.Scope(event.ScopeCampaign, p.d.Campaign))
	}
	p.entries.Put(entryKey(p.deal, p.d.Entries), &ledgerpb.Entry{
		TimeMs: p.nowMS, Order: p.order, Fee: p.fee, From: from, To: to, Amount: minor, Currency: a.Currency, Why: why,
		Revision: p.o.Revision,
	})
	p.d.Entries++
	for _, c := range changes {
		for _, account := range []*ledgerpb.Account{
			a, accountIn(&p.d.Accounts, a.Party, a.Currency), accountIn(&p.cost.Accounts, "", a.Currency),
		} {
			if err := add(in(account, c.stage), +1, c.minor); err != nil {
				return err
			}
		}
		switch {
		case c.stage == payable && c.minor > 0:
			p.o.PayableEntries = p.d.Entries
		case c.stage == clawback && c.minor < 0:
			p.o.ClawedEntries = p.d.Entries
		}
	}
	return nil
}

func entryKey(deal string, number int64) string { return scoped(deal, timeText(number)) }

// standing is the state that what is not paid yet has, and when that changes by itself (0: never).
type standing struct {
	stage     stage
	turnMS    int64
	payableMS int64
	held      string
}

// standing of an order by the latest tick: estimated until its return window is over and nobody holds it, approved
// until its statement, then payable.
func (f *Fold) standing(terms *contract.Terms, o *ledgerpb.Owed) standing {
	c := o.Credit
	switch {
	case c == nil || !c.Paid || c.SettlesMs == 0:
		return standing{}
	case len(c.Holds) > 0:
		return standing{held: c.Holds[0]}
	}
	return f.approvedAt(terms, c.SettlesMs)
}

// approvedAt is the standing of what is approved at a time.
func (f *Fold) approvedAt(terms *contract.Terms, approvedMS int64) standing {
	st := standing{payableMS: terms.PayableMS(approvedMS)}
	switch now := f.clock.SettledMs; {
	case now < approvedMS:
		st.turnMS = approvedMS
	case now < st.payableMS:
		st.stage, st.turnMS = approved, st.payableMS
	default:
		st.stage = payable
	}
	return st
}

// note is what to add to the reason of an amount that is held from the start.
func (st standing) note() string {
	if st.held == "" {
		return ""
	}
	return ", " + whyHeld + st.held
}

// why a standing is reached from another.
func (st standing) why(from stage) string {
	switch {
	case st.held != "":
		return whyHeld + st.held
	case st.stage < from:
		return whyBack
	case st.stage == approved:
		return whyApproved
	}
	return whyPayable
}
