package explanation

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/netsu/netsu/operators/journey"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/operators/statement"
)

// Document is an order's explanation with what is owed for it. Its JSON is that of journey.Explanation, and
// "commission"; it is stable in the same way.
type Document struct {
	*journey.Explanation
	Commission []Owed `json:"commission"` // by campaign, ESOL, party and currency
}

// Owed is what a party is owed for the order in a deal, by state.
type Owed struct {
	Campaign   string         `json:"campaign"`
	Esol       string         `json:"esol"`
	Party      string         `json:"party"` // esol, agency, …
	Currency   string         `json:"currency"`
	Base       journey.Amount `json:"base"` // that the rate was applied to
	Capped     bool           `json:"capped"`
	Estimated  journey.Amount `json:"estimated"`
	Approved   journey.Amount `json:"approved"`
	Payable    journey.Amount `json:"payable"`
	Paid       journey.Amount `json:"paid"`
	ClawedBack journey.Amount `json:"clawed_back"`
	Entries    []Entry        `json:"entries"`
}

// Entry is one of the ledger's, with its number in the deal. Accounts are PARTY:STATE.
type Entry struct {
	Number   int64          `json:"number"`
	Time     journey.Time   `json:"time"`
	From     string         `json:"from"`
	To       string         `json:"to"`
	Amount   journey.Amount `json:"amount"`
	Why      string         `json:"why"`
	Revision int64          `json:"revision"` // how often the order has been posted to
}

// Campaigns are those whose books may have entries of the order, in order.
func Campaigns(e *journey.Explanation) (ids []string) {
	for _, c := range e.Credits {
		ids = append(ids, c.Campaign)
	}
	for _, p := range e.Parts {
		for _, v := range p.Verdicts {
			ids = append(ids, v.Campaign)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// With adds what the books say of the order.
func With(e *journey.Explanation, books []*ledger.Book) (*Document, error) {
	d := &Document{Explanation: e, Commission: []Owed{}}
	for _, b := range books {
		s, err := statement.Of(b)
		if err != nil {
			return nil, fmt.Errorf("the statement of %s in %s: %w", b.Esol, b.Campaign, err)
		}
		for i := range s.Lines {
			if l := &s.Lines[i]; l.Order == e.Order {
				d.Commission = append(d.Commission, owed(s, l))
			}
		}
	}
	return d, nil
}

func owed(s *statement.Statement, l *statement.Line) Owed {
	a := func(minor int64) journey.Amount { return journey.Amount{Minor: minor, Currency: l.Currency} }
	o := Owed{
		Campaign: s.Campaign, Esol: s.Esol, Party: l.Party, Currency: l.Currency, Base: a(l.BaseMinor), Capped: l.Capped,
		Estimated: a(l.Estimated), Approved: a(l.Approved), Payable: a(l.Payable), Paid: a(l.Paid),
		ClawedBack: a(l.ClawedBack), Entries: []Entry{},
	}
	for _, e := range l.Entries {
		o.Entries = append(o.Entries, Entry{
			Number: e.Number, Time: journey.Time(e.TimeMs), From: e.From, To: e.To, Amount: a(e.Amount), Why: e.Why,
			Revision: e.Revision,
		})
	}
	return o
}

// WriteJSON writes the document, indented.
func WriteJSON(w io.Writer, d *Document) error {
	b, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the explanation: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
