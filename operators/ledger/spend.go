package ledger

import (
	"fmt"
	"strings"

	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// spend adds what a campaign spent, by its own word, to what the catalog says that it spends. Each event counts once by its
// id, however often it comes.
func (f *Fold) spend(e *eventpb.Event) error {
	if e.CampaignId == "" || e.Currency == "" {
		return nil // no journey fold writes that
	}
	key := scoped(e.CampaignId, event.ID{Hi: e.IdHi, Lo: e.IdLo}.String())
	if _, had, err := f.spends.Get(key); err != nil || had {
		return err
	}
	campaign := strings.Clone(e.CampaignId)
	if err := f.own(campaign); err != nil {
		return err
	}
	if err := f.countFee(campaign, feeSpend, strings.Clone(e.Currency), e.AmountMinor); err != nil {
		return fmt.Errorf("adding up the spend of campaign %q: %w", campaign, err)
	}
	f.spends.Put(key, &ledgerpb.Mark{})
	return nil
}
