package show

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// catalogMax bounds the entries that are remembered from the catalog; more are not, and go without: shows without title
// and end, products without name, brands without lexicon.
const catalogMax = 100_000

// catalog is what the room needs of the catalog. Every partition sees all of it.
type catalog struct {
	entries map[string]*eventpb.Catalog // by kind/id
	version int64                       // grows with each change

	referred *reference // where the brands stand; nil: to be made anew

	lexicons   map[string]*lexicon // by their brands; of version lexiconsOf
	lexiconsOf int64
}

// kinds of entries that a room has use for.
var catalogKinds = []string{"brand", "campaign", "esol", "product", "show"}

// useful is what of an entry a room has use for: of an ESOL, her name and what she owns.
func useful(c *eventpb.Catalog) *eventpb.Catalog {
	if c.Kind != "esol" {
		return c
	}
	e := c.GetEsol()
	return &eventpb.Catalog{Kind: c.Kind, Id: c.Id, Deleted: c.Deleted, Esol: &eventpb.Esol{Name: e.GetName(), Owns: e.GetOwns()}}
}

func (c *catalog) get(kind, id string) *eventpb.Catalog { return c.entries[kind+"/"+id] }

func (c *catalog) show(id string) *eventpb.Show { return c.get("show", id).GetShow() }

// brandsOf are the brands that a show is about: those it names, and those of its campaigns. In order of id.
func (c *catalog) brandsOf(show string) []string {
	entry := c.show(show)
	brands := slices.Clone(entry.GetBrandIds())
	for _, id := range entry.GetCampaignIds() {
		brands = append(brands, c.get("campaign", id).GetCampaign().GetBrandId())
	}
	slices.Sort(brands)
	return slices.DeleteFunc(slices.Compact(brands), func(id string) bool { return id == "" })
}

// esolOf is whose show it is: the catalog says, or else the first event that names somebody.
func (f *Fold) esolOf(s *show) string { return cmp.Or(f.catalog.show(s.id).GetEsolId(), s.esol) }

// learn takes in a catalog entry.
func (f *Fold) learn(c *eventpb.Catalog) {
	if c == nil || !slices.Contains(catalogKinds, c.Kind) {
		return
	}
	c = useful(c)
	key := c.Kind + "/" + c.Id
	old, known := f.catalog.entries[key]
	switch {
	case c.Deleted:
		if !known {
			return
		}
		delete(f.catalog.entries, key)
		f.tables.catalog.Delete(key)
	case known && old.EqualVT(c) || !known && len(f.catalog.entries) >= catalogMax:
		return
	default:
		kept := operators.Owned(c)
		f.catalog.entries[key] = kept
		f.tables.catalog.Put(key, kept)
	}
	f.catalog.version++
	if !speakAlike(old, c) {
		f.catalog.referred = nil
	}
	if s := f.shows[c.Id]; s != nil && c.Kind == "show" {
		f.change(s)
	}
	f.rebrand(old, c)
}
