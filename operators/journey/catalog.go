package journey

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// catalog is what crediting needs of the catalog, and no more of it: who sells in a show and under which codes, whose a
// product is, how often it comes back and how long its brand takes it, which campaigns name an ESOL, which have a model
// and which hold people out. An entry that says none of that is not kept.
type catalog struct {
	shows     *state.Table[*eventpb.Show]     // esol, campaigns, end
	products  *state.Table[*eventpb.Product]  // brand, return rate
	brands    *state.Table[*eventpb.Brand]    // return window
	campaigns *state.Table[*eventpb.Campaign] // brand, ESOLs, dates, attribution, holdout
	sellers   *state.Table[*eventpb.Esol]     // persons, codes

	byEsol *state.Table[*journeypb.Index] // campaigns that name an ESOL
	models *state.Table[*journeypb.Index] // campaigns of a brand that have a model
	trials *state.Table[*journeypb.Index] // campaigns of a brand that hold people out
	byCode *state.Table[*journeypb.Index] // ESOLs of a code
}

func newCatalog(store *state.Store) *catalog {
	index := func(name string) *state.Table[*journeypb.Index] {
		return state.NewTable(store, name, state.Proto[journeypb.Index](schema))
	}
	return &catalog{
		shows:     state.NewTable(store, "show", state.Proto[eventpb.Show](schema)),
		products:  state.NewTable(store, "product", state.Proto[eventpb.Product](schema)),
		brands:    state.NewTable(store, "brand", state.Proto[eventpb.Brand](schema)),
		campaigns: state.NewTable(store, "campaign", state.Proto[eventpb.Campaign](schema)),
		sellers:   state.NewTable(store, "seller", state.Proto[eventpb.Esol](schema)),
		byEsol:    index("esol"),
		models:    index("model"),
		trials:    index("trial"),
		byCode:    index("code"),
	}
}

// learn takes a change of the catalog, and where it bears on credits starts a sweep over orders and people.
func (f *Fold) learn(c *eventpb.Catalog) error {
	if c == nil {
		return nil
	}
	id := strings.Clone(c.Id)
	var changed bool
	var err error
	switch c.Kind {
	case "show":
		v := &eventpb.Show{
			EsolId: strings.Clone(c.Show.GetEsolId()), CampaignIds: operators.OwnedList(c.Show.GetCampaignIds()), EndMs: c.Show.GetEndMs(),
		}
		_, changed, err = keep(f.catalog.shows, id, v,
			!c.Deleted && (v.EsolId != "" || len(v.CampaignIds) > 0 || v.EndMs != 0))
	case "product":
		v := &eventpb.Product{BrandId: strings.Clone(c.Product.GetBrandId()), ReturnRatePpm: c.Product.GetReturnRatePpm()}
		_, changed, err = keep(f.catalog.products, id, v, !c.Deleted && (v.BrandId != "" || v.ReturnRatePpm > 0))
	case "brand":
		v := &eventpb.Brand{ReturnWindowMs: c.Brand.GetReturnWindowMs()}
		_, changed, err = keep(f.catalog.brands, id, v, !c.Deleted && v.ReturnWindowMs > 0)
	case "campaign":
		changed, err = f.catalog.learnCampaign(id, c)
	case "esol":
		changed, err = f.catalog.learnSeller(id, c)
	}
	if err != nil || !changed {
		return err
	}
	return f.startSweeps()
}

func (c *catalog) learnCampaign(id string, in *eventpb.Catalog) (changed bool, err error) {
	var v *eventpb.Campaign
	if p := in.Campaign; p != nil && !in.Deleted {
		v = &eventpb.Campaign{
			BrandId: strings.Clone(p.BrandId), EsolIds: set(p.EsolIds), StartMs: p.StartMs, EndMs: p.EndMs,
			AttributionModel: strings.Clone(p.AttributionModel), AttributionWindowMs: p.AttributionWindowMs,
			Rounding: strings.Clone(p.Rounding), OrganicCounts: p.OrganicCounts, ClosesOnOrder: p.ClosesOnOrder,
			HoldoutPpm: p.HoldoutPpm,
		}
		for _, w := range p.Windows {
			v.Windows = append(v.Windows, &eventpb.Window{Surface: strings.Clone(w.Surface), WindowMs: w.WindowMs})
		}
	}
	old, changed, err := keep(c.campaigns, id, v, v != nil)
	if err != nil || !changed {
		return false, err
	}
	if err := reindex(c.byEsol, id, old.GetEsolIds(), v.GetEsolIds()); err != nil {
		return false, err
	}
	if err := reindex(c.models, id, modelled(old), modelled(v)); err != nil {
		return false, err
	}
	return true, reindex(c.trials, id, tried(old), tried(v))
}

// modelled is the brand of a campaign that has a model.
func modelled(c *eventpb.Campaign) []string {
	if attribution.ParseModel(c.GetAttributionModel()) == attribution.None {
		return nil
	}
	return []string{c.BrandId}
}

func (c *catalog) learnSeller(id string, in *eventpb.Catalog) (changed bool, err error) {
	v := &eventpb.Esol{Codes: set(in.Esol.GetCodes())}
	for _, p := range in.Esol.GetPersons() {
		v.Persons = append(v.Persons, &eventpb.PersonId{Hi: p.Hi, Lo: p.Lo})
	}
	present := !in.Deleted && (len(v.Codes) > 0 || len(v.Persons) > 0)
	old, changed, err := keep(c.sellers, id, v, present)
	if err != nil || !changed {
		return false, err
	}
	if !present {
		v.Codes = nil
	}
	return true, reindex(c.byCode, id, old.GetCodes(), v.Codes)
}

// reindex moves id from the keys that named it to those that do now; both are sets in order.
func reindex(t *state.Table[*journeypb.Index], id string, before, now []string) error {
	for _, key := range before {
		if _, still := slices.BinarySearch(now, key); !still {
			if err := enter(t, key, id, false); err != nil {
				return err
			}
		}
	}
	for _, key := range now {
		if err := enter(t, key, id, true); err != nil {
			return err
		}
	}
	return nil
}

// enter says whether key names id.
func enter(t *state.Table[*journeypb.Index], key, id string, named bool) error {
	have, _, err := t.Get(key)
	if err != nil {
		return err
	}
	ids := have.GetIds()
	i, found := slices.BinarySearch(ids, id)
	switch {
	case found == named:
		return nil
	case named:
		ids = slices.Insert(ids, i, id)
	default:
		ids = slices.Delete(ids, i, i+1)
	}
	if len(ids) == 0 {
		t.Delete(key)
	} else {
		t.Put(key, &journeypb.Index{Ids: ids})
	}
	return nil
}

// seller is the ESOL whom an order or a touch names: itself, by its show, or by a code. Of several ESOLs with one code
// it is the first by id.
func (c *catalog) seller(esol string, show *eventpb.Show, code string) (string, error) {
	if esol = cmp.Or(esol, show.GetEsolId()); esol != "" || code == "" {
		return esol, nil
	}
	owners, _, err := c.byCode.Get(code)
	if err != nil || len(owners.GetIds()) == 0 {
		return "", err
	}
	return owners.Ids[0], nil
}

// show is a show's entry; empty where there is none.
func (c *catalog) show(id string) (*eventpb.Show, error) {
	if id == "" {
		return nil, nil
	}
	s, _, err := c.shows.Get(id)
	return s, err
}

// brand is whose a product is; empty where that is not known.
func (c *catalog) brand(product string) (string, error) {
	if product == "" {
		return "", nil
	}
	p, _, err := c.products.Get(product)
	return p.GetBrandId(), err
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

// set is the distinct strings of a list, in order.
func set(in []string) []string {
	out := operators.OwnedList(in)
	slices.Sort(out)
	return slices.Compact(out)
}
