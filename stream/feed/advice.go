package feed

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	sums "github.com/netsu/netsu/operators/amounts"
	"github.com/netsu/netsu/operators/budget"
	"github.com/netsu/netsu/operators/roims"
	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

const (
	// maxBudget is far beyond any campaign's, and so far below int64 that what was spent can be added.
	maxBudget  = 1_000_000_000_000_000
	adviceNote = "What returned is attributed by rule and not known to be caused: advice can be no better than that."
)

func (s *Server) getAdvice(w http.ResponseWriter, r *http.Request) {
	who, campaign := s.who(r), event.Scope(event.ScopeCampaign, r.PathValue("id"))
	if !s.permitted(w, r, campaign, access.Money) {
		return
	}
	if !query(w, r, "budget") {
		return
	}
	minor, err := strconv.ParseInt(r.URL.Query().Get("budget"), 10, 64)
	if err != nil || minor < 1 || minor > maxBudget {
		fail(w, http.StatusBadRequest, "BAD_PARAMETER", "budget is missing, or not an amount that can be",
			"?budget=50000 is what there is to give, in minor units of the campaign's currency: a whole number from 1 to "+
				strconv.FormatInt(maxBudget, 10))
		return
	}
	spent, known, live := s.hub.spending(r.PathValue("id"), who)
	switch {
	case !live:
		s.catchingUp(w)
	case !known:
		fail(w, http.StatusNotFound, "NOT_FOUND", "nothing is known of the campaign",
			"it appears with its first event; ids are those of /v1/meters/campaign/{id}")
	case spent.own == nil:
		fail(w, http.StatusNotFound, "NOT_FOUND", "nothing is known of what the campaign returned in its own currency",
			"advice begins with its first order in the currency that the catalog gives it")
	default:
		reply(w, http.StatusOK, spent.advise(minor))
	}
}

// spending is that of the meters, once they have been read.
func (h *hub) spending(campaign string, who *access.Principal) (s spending, known, live bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.live {
		return s, false, false
	}
	s, known = h.meters.spending(campaign, who)
	return s, known, true
}

// spending is what the meters know of the money of a campaign's ESOLs. What it points to is replaced whole and never
// written to: nobody has to wait while advice is made of it.
type spending struct {
	campaign string
	own      *eventpb.ReturnsIn // what the campaign returned in its own currency
	esols    []spender
	asOf     int64
}

// spender is an ESOL with all her deals, in any campaign.
type spender struct {
	id    string
	deals []deal
}

type deal struct {
	campaign string
	earnings *eventpb.Earnings
	returns  *eventpb.Returns
}

// spending is false for a campaign that nothing is known of. Deals in campaigns that who may not read are left out: what an
// ESOL did for one brand is not to be told by the advice given to another.
func (m *meters) spending(campaign string, who *access.Principal) (spending, bool) {
	own := m.scopes[event.Scope(event.ScopeCampaign, campaign)]
	s := spending{campaign: campaign}
	if own != nil {
		s.asOf = own.asOf
		for _, in := range own.returns.GetReturns() {
			if in.Pace != nil { // only the campaign's own currency has one
				s.own = in
			}
		}
	}
	for _, here := range m.deals[campaign] {
		s.asOf = max(s.asOf, here.asOf)
		e := spender{id: here.esol}
		for c := range m.campaigns[here.esol] {
			if name := event.Scope(event.ScopeCampaign, c); !who.Sees(name, m.owner(name)) {
				continue
			}
			// Nil for a deal whose name is not what DealID makes ("06:spring…"), which the index takes.
			if d := m.scopes[event.Scope(event.ScopeDeal, event.DealID(c, here.esol))]; d != nil {
				e.deals = append(e.deals, deal{c, d.earnings, d.returns})
			}
		}
		s.esols = append(s.esols, e)
	}
	return s, own != nil || len(s.esols) > 0
}

// advise answers for a budget in minor units of the campaign's currency.
func (s *spending) advise(minor int64) *Advice {
	q := s.question(minor)
	a, amount := budget.Advise(q), amounts(s.own.Currency, s.own.Exponent)
	d := &Advice{
		CampaignID: s.campaign, Rule: a.Rule, Seed: strconv.FormatUint(a.Seed, 10), Claim: string(roims.Attributed),
		Note: adviceNote, Currency: s.own.Currency, Budget: amount(minor), HurdlePPM: q.HurdlePPM, Left: amount(a.LeftMinor),
		LeftReason: nonEmpty(a.Left), Shares: []AdviceShare{}, AsOf: timestamp(s.asOf),
	}
	if a.UnitMinor > 0 {
		d.Unit = ptr(amount(a.UnitMinor))
	}
	slices.SortStableFunc(a.Shares, func(a, b budget.Share) int {
		return cmp.Or(cmp.Compare(b.Minor, a.Minor), cmp.Compare(b.Best, a.Best))
	})
	for _, share := range a.Shares[:min(len(a.Shares), maxDeals)] { // no more are judged: all that is given is in it
		d.Shares = append(d.Shares, adviceShare(share, amount))
	}
	return d
}

func adviceShare(s budget.Share, amount func(int64) Money) AdviceShare {
	d := AdviceShare{EsolID: s.ID, Amount: amount(s.Minor), Reason: s.Reason, Orders: s.Orders}
	if s.Reason == budget.Given || s.Reason == budget.NotDrawn {
		d.Best, d.Marginal, d.Lo, d.Hi = finite(s.Best), finite(s.Marginal), finite(s.Lo), finite(s.Hi)
	}
	return d
}

func (s *spending) question(minor int64) budget.Question {
	q := budget.Question{
		Campaign: s.campaign, Hour: s.asOf / time.Hour.Milliseconds(), BudgetMinor: minor, Phi: s.own.Phi,
	}
	for _, v := range s.own.Variants {
		if v.Name == "break_even" { // 1 / margin
			q.MarginPPM = v.DenominatorMinor
		}
	}
	for _, of := range s.esols {
		e := budget.ESOL{ID: of.id}
		for _, d := range of.deals {
			past := d.in(s.own.Currency)
			e.Past = append(e.Past, past)
			if d.campaign == s.campaign {
				e.SpentMinor = past.SpendMinor
			}
		}
		q.ESOLs = append(q.ESOLs, e)
	}
	return q
}

// in is what a deal cost in a currency, owed in all states, and what it returned. Zero, which is no past spend, where it has
// nothing in that currency. One that cost and sold nothing is a past spend.
func (d deal) in(currency string) (p budget.Past) {
	for _, in := range d.earnings.GetEarned() {
		if in.Currency == currency {
			p.SpendMinor = inAll(in.Esol) + inAll(in.Others)
		}
	}
	for _, in := range d.returns.GetReturns() {
		if in.Currency != currency {
			continue
		}
		squares := sums.Squares{Hi: in.NetSquaresHi, Lo: in.NetSquaresLo}
		for _, v := range in.Variants {
			switch {
			case v.Name != "net":
			case v.Orders > 0 && squares == (sums.Squares{}):
				return budget.Past{} // said before meters had squares: without them it would look too sure
			default:
				p.Net = sums.Sum{N: v.Orders, Minor: v.NumeratorMinor, Squares: squares}
			}
		}
	}
	return p
}
