package statement

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// header of the CSV; amounts are decimal text in the line's currency.
var header = []string{
	"campaign", "esol", "party", "order", "fee", "ordered", "currency", "net", "base", "estimated", "approved", "payable",
	"paid", "clawed_back", "capped", "in_live", "show", "model", "touches", "holds", "entries", "last_why",
}

// WriteCSV writes the lines of statements under one header. Touches and holds are divided by spaces, and entries are
// their numbers. A text cell that a spreadsheet would take for a formula gets an apostrophe before it.
func WriteCSV(w io.Writer, statements []*Statement) error {
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	for _, s := range statements {
		for i := range s.Lines {
			if err := out.Write(s.row(&s.Lines[i])); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func (s *Statement) row(l *Line) []string {
	minor := func(n int64) string { return event.FormatMinor(n, l.Currency) }
	numbers := make([]string, len(l.Entries))
	for i, e := range l.Entries {
		numbers[i] = strconv.FormatInt(e.Number, 10)
	}
	c := l.Credit
	row := []string{
		plain(s.Campaign), plain(s.Esol), plain(l.Party), plain(l.Order), plain(l.Fee), l.ordered(), l.Currency,
		minor(c.GetNetMinor()), minor(l.BaseMinor), minor(l.Estimated), minor(l.Approved), minor(l.Payable),
		minor(l.Paid), minor(l.ClawedBack), strconv.FormatBool(l.Capped), strconv.FormatBool(c.GetInLive()),
		plain(c.GetShowId()), plain(c.GetModel()), plain(strings.Join(c.GetTouches(), " ")),
		plain(strings.Join(c.GetHolds(), " ")), strings.Join(numbers, " "), "",
	}
	if n := len(l.Entries); n > 0 {
		row[len(row)-1] = plain(l.Entries[n-1].Why)
	}
	return row
}

func (l *Line) ordered() string {
	if l.Credit == nil {
		return ""
	}
	return stamp(l.Credit.OrderedMs)
}

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// plain keeps a spreadsheet from running what an order id or a name says: those come from outside.
func plain(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// WriteJSON writes statements as one array, with every entry of every line. Amounts are decimal text.
func WriteJSON(w io.Writer, statements []*Statement) error {
	docs := make([]any, len(statements))
	for i, s := range statements {
		docs[i] = s.document()
	}
	b, err := json.MarshalIndent(docs, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding statements: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

type statementJSON struct {
	Campaign string     `json:"campaign"`
	Esol     string     `json:"esol"`
	Totals   []lineJSON `json:"totals"`
	Lines    []lineJSON `json:"lines"`
}

type lineJSON struct {
	Order      string      `json:"order,omitempty"`
	Fee        string      `json:"fee,omitempty"`
	Ordered    string      `json:"ordered,omitempty"`
	Party      string      `json:"party"`
	Currency   string      `json:"currency"`
	Net        string      `json:"net,omitempty"`
	Base       string      `json:"base,omitempty"`
	Estimated  string      `json:"estimated"`
	Approved   string      `json:"approved"`
	Payable    string      `json:"payable"`
	Paid       string      `json:"paid"`
	ClawedBack string      `json:"clawed_back"`
	Capped     bool        `json:"capped,omitempty"`
	InLive     bool        `json:"in_live,omitempty"`
	Show       string      `json:"show,omitempty"`
	Model      string      `json:"model,omitempty"`
	Touches    []string    `json:"touches,omitempty"`
	Holds      []string    `json:"holds,omitempty"`
	Entries    []entryJSON `json:"entries,omitempty"`
}

type entryJSON struct {
	Number   int64  `json:"number"`
	Time     string `json:"time"`
	From     string `json:"from"`
	To       string `json:"to"`
	Amount   string `json:"amount"`
	Why      string `json:"why"`
	Revision int64  `json:"revision"`
}

func (s *Statement) document() statementJSON {
	doc := statementJSON{Campaign: s.Campaign, Esol: s.Esol, Totals: []lineJSON{}, Lines: []lineJSON{}}
	for i := range s.Totals {
		doc.Totals = append(doc.Totals, s.Totals[i].document())
	}
	for i := range s.Lines {
		doc.Lines = append(doc.Lines, s.Lines[i].document())
	}
	return doc
}

func (l *Line) document() lineJSON {
	minor := func(n int64) string { return event.FormatMinor(n, l.Currency) }
	doc := lineJSON{
		Order: l.Order, Fee: l.Fee, Ordered: l.ordered(), Party: l.Party, Currency: l.Currency,
		Estimated: minor(l.Estimated), Approved: minor(l.Approved), Payable: minor(l.Payable), Paid: minor(l.Paid),
		ClawedBack: minor(l.ClawedBack), Capped: l.Capped,
	}
	if c := l.Credit; c != nil {
		doc.Net, doc.Base = minor(c.NetMinor), minor(l.BaseMinor)
		doc.InLive, doc.Show, doc.Model, doc.Touches, doc.Holds = c.InLive, c.ShowId, c.Model, c.Touches, c.Holds
	}
	for _, e := range l.Entries {
		doc.Entries = append(doc.Entries, entryJSON{
			e.Number, stamp(e.TimeMs), e.From, e.To, minor(e.Amount), e.Why, e.Revision,
		})
	}
	return doc
}
