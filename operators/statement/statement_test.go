package statement_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/operators/statement"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// book is of a ledger that was told of two orders: one was paid and then refunded in part, one is held. The ESOL has a
// tenth of them, or the legs say who has what.
func book(t *testing.T, legs ...*eventpb.Leg) *ledger.Book {
	t.Helper()
	memory := state.Memory{}
	store := state.NewStore(memory, 0)
	fold, err := ledger.New(store, 0)
	if err != nil {
		t.Fatal(err)
	}
	rate := &eventpb.Campaign{Currency: "USD", CommissionPpm: 100_000}
	if len(legs) > 0 {
		rate = &eventpb.Campaign{Currency: "USD", Contract: &eventpb.Contract{Legs: legs}}
	}
	credit := func(order string, net, refunded int64, holds ...string) *eventpb.Event {
		return &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
			Scope: "deal/6:autumnmika", OrderId: order, Currency: "USD", NetMinor: net, RefundedMinor: refunded, Paid: true,
			OrderedMs: 1_788_264_000_000, SettlesMs: 1_788_264_000_500, Touches: []string{"live:S1", "@code"}, Model: "linear",
			Holds: holds, ShowId: "S1", InLive: true,
		}}
	}
	tick := &eventpb.Event{Kind: eventpb.Kind_KIND_TICK, Tick: &eventpb.Tick{}}
	for i, e := range []*eventpb.Event{
		{Kind: eventpb.Kind_KIND_CATALOG, Catalog: &eventpb.Catalog{Kind: "campaign", Id: "autumn", Campaign: rate}},
		credit("=1+1", 10_000, 0), credit("held", 500, 0, "brushing"), tick,
		{Kind: eventpb.Kind_KIND_CATALOG, Catalog: &eventpb.Catalog{Kind: "payout", Id: "p", Payout: &eventpb.Payout{
			CampaignId: "autumn", ThroughMs: 1_788_264_001_000,
		}}},
		tick, credit("=1+1", 4_000, 6_000),
	} {
		r := &operators.Record{AppendMS: 1_788_264_001_000 + int64(i)*1000, Events: []*eventpb.Event{e}}
		if err := fold.Apply(r, &operators.Outputs{}); err != nil {
			t.Fatal(err)
		}
	}
	memory.Write(store.Cut())
	books, err := ledger.ReadBooks(memory, "autumn", "")
	if err != nil || len(books) != 1 {
		t.Fatal(len(books), err)
	}
	return books[0]
}

func TestStatement(t *testing.T) {
	s, err := statement.Of(book(t))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := statement.WriteCSV(&out, []*statement.Statement{s}); err != nil {
		t.Fatal(err)
	}
	want := `campaign,esol,party,order,fee,ordered,currency,net,base,estimated,approved,payable,paid,clawed_back,capped,` +
		`in_live,show,model,touches,holds,entries,last_why
autumn,mika,esol,'=1+1,,2026-09-01T12:00:00.000Z,USD,40.00,40.00,0.00,0.00,0.00,10.00,6.00,false,` +
		`true,S1,linear,live:S1 @code,,0 2 3 4,refund
autumn,mika,esol,held,,2026-09-01T12:00:00.000Z,USD,5.00,5.00,0.50,0.00,0.00,0.00,0.00,false,` +
		`true,S1,linear,live:S1 @code,brushing,1,"sale, held: brushing"
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	if rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll(); err != nil || len(rows) != 3 {
		t.Errorf("read back: %d rows, %v", len(rows), err)
	}

	out.Reset()
	if err := statement.WriteJSON(&out, []*statement.Statement{s}); err != nil {
		t.Fatal(err)
	}
	var docs []struct {
		Campaign, Esol string
		Totals, Lines  []struct {
			Order, Party, Paid, Estimated string
			ClawedBack                    string `json:"clawed_back"`
			Touches                       []string
			Entries                       []struct {
				Number           int
				From, To, Amount string
				Time, Why        string
				Revision         int
			}
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &docs); err != nil {
		t.Fatal(err)
	}
	total, line := docs[0].Totals[0], docs[0].Lines[0]
	if total.Paid != "10.00" || total.ClawedBack != "6.00" || total.Estimated != "0.50" || total.Entries != nil {
		t.Errorf("totals %+v", total)
	}
	if e := line.Entries[3]; line.Order != "=1+1" || len(line.Touches) != 2 || e.Number != 4 ||
		e.From != "esol:clawback" ||
		e.To != "brand:accrued" || e.Amount != "6.00" || e.Why != "refund" || e.Revision != 4 ||
		e.Time != "2026-09-01T12:00:07.000Z" {
		t.Errorf("line %+v", line)
	}
}

// A party's name may be of any kind.
func TestStatementOfAParty(t *testing.T) {
	s, err := statement.Of(book(t, &eventpb.Leg{Party: "agency:tokyo", Ppm: 50_000}))
	if err != nil {
		t.Fatal(err)
	}
	if l := s.Lines[0]; l.Party != "agency:tokyo" {
		t.Errorf("a line of %q", l.Party)
	}
}

// A book of which an entry is missing, or was changed, is refused.
func TestBookThatDoesNotBalance(t *testing.T) {
	for name, spoil := range map[string]func(*ledger.Book){
		"an entry less":     func(b *ledger.Book) { b.Entries = b.Entries[1:] },
		"another amount":    func(b *ledger.Book) { b.Entries[0].Amount++ },
		"another account":   func(b *ledger.Book) { b.Entries[0].To = "agency:estimated" },
		"a state unknown":   func(b *ledger.Book) { b.Entries[0].To = "esol:lost" },
		"a balance changed": func(b *ledger.Book) { b.Balances[0].Paid++ },
		"a balance more":    func(b *ledger.Book) { b.Balances = append(b.Balances, &ledgerpb.Account{Party: "x", Paid: 1}) },
	} {
		b := book(t)
		spoil(b)
		if s, err := statement.Of(b); err == nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
