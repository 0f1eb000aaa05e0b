package journey

import (
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// spend passes what a campaign spent on to where its costs are. Which campaign it was only the event can say: what names
// none is nobody's cost, and counts nowhere.
func spend(e *eventpb.Event, out *operators.Outputs) {
	if e.CampaignId == "" || e.AmountMinor == 0 || e.Currency == "" {
		return
	}
	campaign := strings.Clone(e.CampaignId)
	out.Event(operators.LogCredits, event.Scope(event.ScopeCampaign, campaign), &eventpb.Event{
		Kind: eventpb.Kind_KIND_SPEND, IdHi: e.IdHi, IdLo: e.IdLo, TimeMs: e.TimeMs, CampaignId: campaign,
		AmountMinor: e.AmountMinor, Currency: strings.Clone(e.Currency),
	})
}
