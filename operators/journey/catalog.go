package journey

import (
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// catalog is what crediting needs of the catalog, and no more of it: who sells in a show, whose a product is, how
// long a brand takes returns, which campaigns name an ESOL. An entry that says none of that is not kept.
type catalog struct {
	shows     *state.Table[*eventpb.Show]     // esol, campaigns
	products  *state.Table[*eventpb.Product]  // brand
	brands    *state.Table[*eventpb.Brand]    // return window
	campaigns *state.Table[*eventpb.Campaign] // brand, ESOLs, dates
	esols     *state.Table[*journeypb.Esol]   // campaigns that name the ESOL: the index of the former
}

func newCatalog(store *state.Store) *catalog {
	return &catalog{
		shows:     state.NewTable(store, "show", state.Proto[eventpb.Show](schema)),
		products:  state.NewTable(store, "product", state.Proto[eventpb.Product](schema)),
		brands:    state.NewTable(store, "brand", state.Proto[eventpb.Brand](schema)),
		campaigns: state.NewTable(store, "campaign", state.Proto[eventpb.Campaign](schema)),
		esols:     state.NewTable(store, "esol", state.Proto[journeypb.Esol](schema)),
	}
}

// learn takes a change of the catalog, and where it bears on credits starts a sweep over the orders.
func (f *Fold) learn(c *eventpb.Catalog) error {
	if c == nil {
		return nil
	}
	id := strings.Clone(c.Id)
	var changed bool
	var err error
	switch c.Kind {
	case "show":
		v := &eventpb.Show{EsolId: strings.Clone(c.Show.GetEsolId()), CampaignIds: clones(c.Show.GetCampaignIds())}
		_, changed, err = keep(f.catalog.shows, id, v, !c.Deleted && (v.EsolId != "" || len(v.CampaignIds) > 0))
	case "product":
		v := &eventpb.Product{BrandId: strings.Clone(c.Product.GetBrandId())}
		_, changed, err = keep(f.catalog.products, id, v, !c.Deleted && v.BrandId != "")
	case "brand":
		v := &eventpb.Brand{ReturnWindowMs: c.Brand.GetReturnWindowMs()}
		_, changed, err = keep(f.catalog.brands, id, v, !c.Deleted && v.ReturnWindowMs > 0)
	case "campaign":
		changed, err = f.catalog.learnCampaign(id, c)
	}
	if err != nil || !changed {
		return err
	}
	return f.startSweep()
}

func (c *catalog) learnCampaign(id string, in *eventpb.Catalog) (changed bool, err error) {
	var v *eventpb.Campaign
	if p := in.Campaign; p != nil && !in.Deleted {
		v = &eventpb.Campaign{
			BrandId: strings.Clone(p.BrandId), EsolIds: clones(p.EsolIds), StartMs: p.StartMs, EndMs: p.EndMs,
		}
		slices.Sort(v.EsolIds)
		v.EsolIds = slices.Compact(v.EsolIds)
	}
	old, changed, err := keep(c.campaigns, id, v, v != nil)
	if err != nil || !changed {
		return false, err
	}
	for _, esol := range old.GetEsolIds() {
		if !slices.Contains(v.GetEsolIds(), esol) {
			if err := c.index(esol, id, false); err != nil {
				return false, err
			}
		}
	}
	for _, esol := range v.GetEsolIds() {
		if err := c.index(esol, id, true); err != nil {
			return false, err
		}
	}
	return true, nil
}

// index says whether the campaign names the ESOL.
func (c *catalog) index(esol, campaign string, named bool) error {
	have, _, err := c.esols.Get(esol)
	if err != nil {
		return err
	}
	ids := have.GetCampaignIds()
	i, found := slices.BinarySearch(ids, campaign)
	switch {
	case found == named:
		return nil
	case named:
		ids = slices.Insert(ids, i, campaign)
	default:
		ids = slices.Delete(ids, i, i+1)
	}
	if len(ids) == 0 {
		c.esols.Delete(esol)
	} else {
		c.esols.Put(esol, &journeypb.Esol{CampaignIds: ids})
	}
	return nil
}

// keep makes v the entry of id, or removes it, and tells what was there and whether that is a change.
func keep[P interface{ EqualVT(P) bool }](
	t *state.Table[P], id string, v P, present bool,
) (old P, changed bool, err error) {
	old, had, err := t.Get(id)
	switch {
	case err != nil || !had && !present:
		return old, false, err
	case !present:
		t.Delete(id)
	case had && old.EqualVT(v):
		return old, false, nil
	default:
		t.Put(id, v)
	}
	return old, true, nil
}

func clones(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = strings.Clone(s)
	}
	return out
}
