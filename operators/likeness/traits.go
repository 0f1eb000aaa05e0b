package likeness

import (
	"cmp"
	"slices"
	"strings"
)

// Trait is something that two ESOLs share, and what it adds to their cosine.
type Trait struct {
	Kind  Kind
	Band  int      // of a price: index of PriceBands; of an hour: the hour
	Names []string // of the catalog, that both have there, at most traitNames; of prices and hours none
	IDs   []string
	Share float64 // of the cosine: all together are the whole
}

// traitNames bounds the names of a trait.
const traitNames = 4

// Traits lists what two ESOLs share, most of it first, at most limit. Dimensions of words, categories and interests in
// which they have nothing of a name in common are one trait without a name for each kind: what it is is nobody's to
// read.
func Traits(a, b *Entry, limit int) []Trait {
	whole := 0.
	var nameless [kinds]float64
	var all []Trait
	for dim := range Dims {
		share := float64(a.vector[dim]) * float64(b.vector[dim])
		if share == 0 {
			continue
		}
		whole += share
		t := Trait{Kind: kindOf(dim), Share: share}
		switch t.Kind {
		case Prices, Hours:
			t.Band = dim - blocks[t.Kind].from
		default:
			t.IDs, t.Names = common(a.Profile.Named, b.Profile.Named, dim)
			if len(t.IDs) == 0 {
				nameless[t.Kind] += share
				continue
			}
		}
		all = append(all, t)
	}
	for k, share := range nameless {
		if share > 0 {
			all = append(all, Trait{Kind: Kind(k), Share: share})
		}
	}
	for i := range all {
		all[i].Share /= whole
	}
	slices.SortStableFunc(all, func(a, b Trait) int { return -cmp.Compare(a.Share, b.Share) })
	return all[:min(len(all), max(limit, 0))]
}

// common lists what both name in a dimension, the one with the larger of the lesser amounts first.
func common(a, b []Named, dim int) (ids, names []string) {
	type shared struct {
		*Named
		least int64
	}
	var all []shared
	for i := firstOf(a, dim); i < len(a) && a[i].Dim == dim; i++ {
		if j, ok := slices.BinarySearchFunc(b, a[i], compareNamed); ok {
			all = append(all, shared{&a[i], min(a[i].Amount, b[j].Amount)})
		}
	}
	slices.SortFunc(all, func(x, y shared) int {
		return cmp.Or(-cmp.Compare(x.least, y.least), strings.Compare(x.ID, y.ID))
	})
	for _, s := range all[:min(len(all), traitNames)] {
		ids, names = append(ids, s.ID), append(names, s.Name)
	}
	return ids, names
}

func firstOf(all []Named, dim int) int {
	i, _ := slices.BinarySearchFunc(all, Named{Dim: dim}, compareNamed)
	return i
}
