package contract

import (
	"sort"

	"github.com/netsu/netsu/stream/event"
)

// Span is a stretch of time, its end excluded.
type Span struct{ FromMS, ToMS int64 }

// InForce returns the versions whose rates an order at a time may have: the one in force, those whose end is not
// longer ago than the notice, and those whose end is not longer ago than the lock, if sold says that the ESOL has an
// order in the part of their time that lies within the lock. Rate takes the greatest of their rates.
func (t *Terms) InForce(ms int64, sold func(Span) (bool, error)) ([]int, error) {
	last := t.inForce(ms)
	counted := []int{last}
	if len(t.legs) > 0 {
		return counted, nil
	}
	for i := last - 1; i >= 0; i-- {
		end := t.versions[i+1].fromMS
		switch {
		case event.AddCapped(end, t.contract.GetNoticeMs()) > ms:
			counted = append(counted, i)
		case event.AddCapped(end, t.contract.GetLockMs()) > ms:
			yes, err := sold(Span{max(t.versions[i].fromMS, ms-t.contract.GetLockMs()), end})
			if err != nil {
				return nil, err
			}
			if yes {
				counted = append(counted, i)
			}
		default:
			return counted, nil // those before it ended earlier
		}
	}
	return counted, nil
}

func (t *Terms) inForce(ms int64) int {
	return sort.Search(len(t.versions), func(i int) bool { return t.versions[i].fromMS > ms }) - 1
}

// Locks returns the time whose orders' rates may depend on whether there is an order at ms: from the end of the version
// that was in force then, as long as the lock. It is empty where there is no lock or no later version.
func (t *Terms) Locks(ms int64) Span {
	if lock := t.contract.GetLockMs(); lock > 0 && len(t.legs) == 0 {
		if next := t.inForce(ms) + 1; next < len(t.versions) && event.AddCapped(ms, lock) >= t.versions[next].fromMS {
			return Span{t.versions[next].fromMS, event.AddCapped(event.AddCapped(ms, lock), 1)}
		}
	}
	return Span{}
}

// rate is what the version pays for a product at a point of the month's GMV.
func (v *version) rate(product, tier string, at int64) int64 {
	best, rank := v.bracket(at), 0
	for _, r := range v.rates {
		if r.ProductId != "" && r.ProductId != product || r.EsolTier != "" && r.EsolTier != tier {
			continue
		}
		specific := 0
		if r.EsolTier != "" {
			specific++
		}
		if r.ProductId != "" {
			specific += 2
		}
		if specific > rank {
			best, rank = int64(r.Ppm), specific
		}
	}
	return best
}

// bracket is the rate where no other is more specific.
func (v *version) bracket(at int64) int64 {
	ppm := v.standard
	for _, b := range v.tiers {
		if b.FromMinor > at {
			break
		}
		ppm = int64(b.Ppm)
	}
	return ppm
}
