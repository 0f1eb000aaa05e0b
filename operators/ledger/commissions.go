package ledger

import (
	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/operators/roims"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
)

const campaignPrefix = event.ScopeCampaign + "/"

// commissions is what the ledger remembers of deals; keys.go has the keys.
type commissions struct {
	campaigns *state.Table[*ledgerpb.Campaign]
	esols     *state.Table[*ledgerpb.Esol]
	costs     *state.Table[*ledgerpb.Cost]
	deals     *state.Table[*ledgerpb.Deal]
	again     *state.Table[*ledgerpb.Again]
	owed      *state.Table[*ledgerpb.Owed]
	fees      *state.Table[*ledgerpb.Owed]
	entries   *state.Table[*ledgerpb.Entry]
	months    *state.Table[*ledgerpb.Month]
	leaves    *state.Table[*ledgerpb.Leaf]
	gone      *state.Table[*ledgerpb.Mark]
	turns     *state.Table[*ledgerpb.Mark]
	spends    *state.Table[*ledgerpb.Mark]
	returns   *state.Table[*returns]
	armed     *state.Table[roims.Order]
	aired     *state.Table[*ledgerpb.Aired]
	airing    *state.Table[*ledgerpb.Aired]

	nextTurnMS int64                      // nothing in turns is before; where unknown, the least int64
	compiled   map[string]*contract.Terms // by campaign; a cache
}

// maxCompiled bounds the cache of terms, which is emptied when it is full.
const maxCompiled = 1024

func newCommissions(store *state.Store) commissions {
	return commissions{
		campaigns: state.NewTable(store, "campaign", state.Proto[ledgerpb.Campaign](schema)),
		esols:     state.NewTable(store, "esol", state.Proto[ledgerpb.Esol](schema)),
		costs:     state.NewTable(store, "cost", state.Proto[ledgerpb.Cost](schema)),
		deals:     state.NewTable(store, "deal", state.Proto[ledgerpb.Deal](schema)),
		again:     state.NewTable(store, "again", state.Proto[ledgerpb.Again](schema)),
		owed:      state.NewTable(store, "owed", state.Proto[ledgerpb.Owed](schema)),
		fees:      state.NewTable(store, "fee", state.Proto[ledgerpb.Owed](schema)),
		entries:   state.NewTable(store, "entry", state.Proto[ledgerpb.Entry](schema)),
		months:    state.NewTable(store, "month", state.Proto[ledgerpb.Month](schema)),
		leaves:    state.NewTable(store, "leaf", state.Proto[ledgerpb.Leaf](schema)),
		gone:      state.NewTable(store, "gone", state.Proto[ledgerpb.Mark](schema)),
		turns:     state.NewTable(store, "turn", state.Proto[ledgerpb.Mark](schema)),
		spends:    state.NewTable(store, "spend", state.Proto[ledgerpb.Mark](schema)),
		returns:   newReturns(store),
		armed:     newArmed(store),
		aired:     state.NewTable(store, "aired", state.Proto[ledgerpb.Aired](schema)),
		airing:    state.NewTable(store, "airing", state.Proto[ledgerpb.Aired](schema)),

		nextTurnMS: minTime, compiled: map[string]*contract.Terms{},
	}
}

// terms are those of a campaign; of one that the catalog does not have (yet), they pay nothing.
func (f *Fold) terms(campaign string) (*contract.Terms, error) {
	if t := f.compiled[campaign]; t != nil {
		return t, nil
	}
	row, _, err := f.campaigns.Get(campaign)
	if err != nil {
		return nil, err
	}
	if len(f.compiled) >= maxCompiled {
		clear(f.compiled)
	}
	t := contract.New(row.GetCampaign())
	f.compiled[campaign] = t
	return t, nil
}

// tier is an ESOL's tier as of now. A change of it is a change of terms for all its orders: terms that were other
// before are a version of the contract.
func (f *Fold) tier(esol string) (string, error) {
	e, _, err := f.esols.Get(esol)
	return e.GetTier(), err
}

func (f *Fold) openCampaign(id string) (*ledgerpb.Campaign, error) {
	row, ok, err := f.campaigns.Get(id)
	if err != nil {
		return nil, err
	}
	if !ok {
		row = &ledgerpb.Campaign{}
	}
	f.campaigns.Put(id, row)
	return row, nil
}

func (f *Fold) openEsol(id string) (*ledgerpb.Esol, error) {
	row, ok, err := f.esols.Get(id)
	if err != nil {
		return nil, err
	}
	if !ok {
		row = &ledgerpb.Esol{}
	}
	f.esols.Put(id, row)
	return row, nil
}

func (f *Fold) openCost(campaign string) (*ledgerpb.Cost, error) {
	c, ok, err := f.costs.Get(campaign)
	if err != nil {
		return nil, err
	}
	if !ok {
		c = &ledgerpb.Cost{}
	}
	f.costs.Put(campaign, c)
	return c, nil
}
