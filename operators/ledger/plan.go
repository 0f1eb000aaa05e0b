package ledger

import (
	"errors"
	"slices"

	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/operators/pacing"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// When does a campaign sell? In its shows, as far as the catalog plans them with a start and an end; where it plans none,
// from the campaign's start to its end.

// planned bounds the shows of a plan: of more, those of the greatest ids are left out.
const planned = 1000

// learnShow keeps a show's time under each campaign that it runs under.
func (f *Fold) learnShow(id string, in *eventpb.Show, gone bool) error {
	had, ok, err := f.aired.Get(id)
	if err != nil {
		return err
	}
	is := &ledgerpb.Aired{}
	if !gone && in.GetStartMs() > 0 && in.GetEndMs() > in.GetStartMs() {
		is = &ledgerpb.Aired{StartMs: in.StartMs, EndMs: in.EndMs, CampaignIds: cloned(in.CampaignIds)}
		slices.Sort(is.CampaignIds)
		is.CampaignIds = slices.Compact(is.CampaignIds)
	}
	if ok && is.EqualVT(had) || !ok && len(is.CampaignIds) == 0 {
		return nil
	}
	for _, campaign := range had.GetCampaignIds() {
		f.airing.Delete(scoped(campaign, id))
	}
	for _, campaign := range is.CampaignIds {
		f.airing.Put(scoped(campaign, id), &ledgerpb.Aired{StartMs: is.StartMs, EndMs: is.EndMs})
	}
	if len(is.CampaignIds) == 0 {
		f.aired.Delete(id)
	} else {
		f.aired.Put(id, is)
	}
	return nil
}

// plan is what pacing needs to know of a campaign, and whether its shows are known.
func (f *Fold) plan(campaign string, c *eventpb.Campaign) (p pacing.Plan, shows bool, err error) {
	p = pacing.Plan{TargetMinor: c.GetGmvCommitmentMinor(), Calibration: pacing.Simulated}
	err = f.airing.Range(scoped(campaign, ""), scoped(campaign, "\xff"), func(_ string, a *ledgerpb.Aired) error {
		if len(p.Shows) == planned {
			return errEnough
		}
		p.Shows = append(p.Shows, pacing.Show{StartMS: a.StartMs, EndMS: a.EndMs})
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	shows = len(p.Shows) > 0
	if !shows && c.GetStartMs() > 0 && c.GetEndMs() > c.GetStartMs() {
		p.Shows = []pacing.Show{{StartMS: c.StartMs, EndMS: c.EndMs}}
	}
	return p, shows, err
}
