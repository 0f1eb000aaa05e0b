package show

import (
	"strings"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// catalogMax bounds the shows that are remembered from the catalog; more are not, and go without title and end.
const catalogMax = 100_000

// info is what the room needs of a show's catalog entry.
type info struct {
	title, esol, platform string
	endMS                 int64
}

// learn takes in a catalog entry. Every partition sees the whole catalog.
func (f *Fold) learn(c *eventpb.Catalog) {
	if c == nil || c.Kind != "show" {
		return
	}
	old, known := f.catalog[c.Id]
	switch {
	case c.Deleted || c.Show == nil:
		if !known {
			return
		}
		delete(f.catalog, c.Id)
		f.tables.catalog.Delete(c.Id)
	case known || len(f.catalog) < catalogMax:
		i := info{
			strings.Clone(c.Show.Title), strings.Clone(c.Show.EsolId), strings.Clone(c.Show.Platform), c.Show.EndMs,
		}
		if known && i == old {
			return
		}
		id := strings.Clone(c.Id)
		f.catalog[id] = i
		f.tables.catalog.Put(id, i)
	}
	if s := f.shows[c.Id]; s != nil {
		f.change(s)
	}
}
