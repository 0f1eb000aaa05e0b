package ledger

import (
	"errors"
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/operators/pacing"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// When does a campaign sell? In its shows, as far as the catalog plans them with a start and an end; where it plans none,
// from the campaign's start to its end.

// maxPlanned bounds the shows of a plan: of more, those of the greatest ids are left out.
const maxPlanned = 1000

// paceEveryMS is how often a campaign that has promised something is said while it is on the air, though nothing was
// bought: time alone makes it less likely.
const paceEveryMS = 60_000

// learnShow keeps a show's time under each campaign that it runs under.
func (f *Fold) learnShow(id string, in *eventpb.Show, gone bool) error {
	had, ok, err := f.aired.Get(id)
	if err != nil {
		return err
	}
	is := &ledgerpb.Aired{}
	if !gone && in.GetStartMs() > 0 && in.GetEndMs() > in.GetStartMs() {
		is = &ledgerpb.Aired{StartMs: in.StartMs, EndMs: in.EndMs, CampaignIds: operators.OwnedList(in.CampaignIds)}
		slices.Sort(is.CampaignIds)
		is.CampaignIds = slices.Compact(is.CampaignIds)
	}
	if ok && is.EqualVT(had) || !ok && len(is.CampaignIds) == 0 {
		return nil
	}
	for _, campaign := range had.GetCampaignIds() {
		f.airing.Delete(scoped(campaign, id))
		if err := f.planned(campaign); err != nil {
			return err
		}
	}
	for _, campaign := range is.CampaignIds {
		f.airing.Put(scoped(campaign, id), &ledgerpb.Aired{StartMs: is.StartMs, EndMs: is.EndMs})
		if err := f.planned(campaign); err != nil {
			return err
		}
	}
	if len(is.CampaignIds) == 0 {
		f.aired.Delete(id)
	} else {
		f.aired.Put(id, is)
	}
	return nil
}

// planned has a campaign said anew whose shows are others now, if it is known here at all.
func (f *Fold) planned(campaign string) error {
	row, _, err := f.campaigns.Get(campaign)
	if row.GetMine() {
		f.changed(event.Scope(event.ScopeCampaign, campaign))
	}
	return err
}

// sayLater keeps in turns when a campaign is to be said next, though nothing was bought: one that has promised something
// soon while it is on the air (and once after), else when it will be; one whose goods may come back, with the next step.
func (f *Fold) sayLater(campaign string, row *ledgerpb.Campaign, p pacing.Plan, r *returns) {
	now, at := f.clock.SettledMs, int64(0)
	if slices.ContainsFunc(r.in, func(in returnsIn) bool { return !in.open.Empty() }) {
		_, at = f.expectAt()
	}
	if p.TargetMinor > 0 {
		for _, show := range p.Shows {
			next := int64(0)
			switch {
			case now < show.StartMS:
				next = show.StartMS
			case now <= show.EndMS:
				next = now + paceEveryMS
			}
			if next != 0 && (at == 0 || next < at) {
				at = next
			}
		}
	}
	if at != row.PaceMs {
		f.turnAt("p"+campaign, &row.PaceMs, at)
		f.campaigns.Put(campaign, row)
	}
}

// plan is what pacing needs to know of a campaign, and whether its shows are known.
func (f *Fold) plan(campaign string, c *eventpb.Campaign) (p pacing.Plan, shows bool, err error) {
	p = pacing.Plan{TargetMinor: c.GetGmvCommitmentMinor(), Calibration: pacing.Simulated}
	err = f.airing.Range(scoped(campaign, ""), scoped(campaign, "\xff"), func(_ string, a *ledgerpb.Aired) error {
		if len(p.Shows) == maxPlanned {
			return errEnough
		}
		p.Shows = append(p.Shows, pacing.Show{StartMS: a.StartMs, EndMS: a.EndMs})
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	if shows = len(p.Shows) > 0; shows {
		p.Profile = pacing.SimulatedProfile // what the calibration is for
	}
	if !shows && c.GetStartMs() > 0 && c.GetEndMs() > c.GetStartMs() {
		p.Shows = []pacing.Show{{StartMS: c.StartMs, EndMS: c.EndMs}}
	}
	return p, shows, err
}
