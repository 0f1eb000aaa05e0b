package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A month of a deal holds its orders in order of (time, order id), for that is the order in which they use up brackets
// and caps. It is a tree of two levels: the month is a list of chunks, each says what its orders used up and what those
// before it had when they were last rated. So rating after a change reads the chunks that have changed, and those for
// which what comes before them matters (contract.Alike), and skips the others:
//
//	month   [0, 1000) used 200 | [1000, 1900) used 90 | [1900, …       one row, ~60 bytes a chunk
//	             │                    │
//	leaf    order order …        order order …                         at most 128 to a row
//
// At the bound of 8192 chunks, 500,000 orders and more of one ESOL in one campaign and month, chunks are not divided
// any more but grow: slower, and still right.
const (
	leafItems   = 128
	monthChunks = 8192
)

// monthKey names a month and currency within a deal.
func monthKey(terms *contract.Terms, c *eventpb.Credit) string {
	return timeText(terms.Month(c.OrderedMs)) + c.Currency
}

func leafKey(deal, month string, id int64) string { return scoped(deal, month+"/"+timeText(id)) }

// place moves an order from the month where it was (by o; nil: none) to where it is, or marks it there as changed.
func (f *Fold) place(deal string, d *ledgerpb.Deal, order string, o *ledgerpb.Owed, is *eventpb.Credit) error {
	was := o.Credit
	terms, err := f.terms(d.Campaign)
	if err != nil {
		return err
	}
	moved := was == nil || is == nil || was.OrderedMs != is.OrderedMs || was.Currency != is.Currency
	if was != nil && moved {
		if err := f.takeOut(deal, d, order, o); err != nil {
			return err
		}
	}
	switch {
	case is == nil:
		o.Month = ""
	case moved:
		o.Month = monthKey(terms, is)
		fallthrough
	default:
		if err := f.putIn(deal, d, order, o.Month, is.OrderedMs); err != nil {
			return err
		}
	}
	if !moved {
		return nil
	}
	for _, c := range []*eventpb.Credit{was, is} {
		if err := f.unlock(deal, d, terms, c); err != nil {
			return err
		}
	}
	return nil
}

// unlock goes through the deal again if whether there is an order at c's time may change what another is worth.
func (f *Fold) unlock(deal string, d *ledgerpb.Deal, terms *contract.Terms, c *eventpb.Credit) error {
	if c == nil {
		return nil
	}
	span := terms.Locks(c.OrderedMs)
	if span.FromMS >= span.ToMS {
		return nil
	}
	yes, err := f.sold(deal, d, terms, span)
	if err == nil && yes {
		err = f.goThrough(deal)
	}
	return err
}

func before(ms int64, order string, thanMS int64, than string) bool {
	return cmp.Or(cmp.Compare(ms, thanMS), cmp.Compare(order, than)) < 0
}

// chunkOf is the index of the chunk that an order belongs in: the last that does not begin after it.
func chunkOf(m *ledgerpb.Month, ms int64, order string) int {
	i := sort.Search(len(m.Chunks), func(i int) bool {
		return before(ms, order, m.Chunks[i].FirstMs, m.Chunks[i].FirstOrder)
	})
	return max(0, i-1)
}

// itemOf is where an order stands in a leaf, or would.
func itemOf(l *ledgerpb.Leaf, ms int64, order string) (int, bool) {
	i := sort.Search(len(l.Items), func(i int) bool { return !before(l.Items[i].OrderedMs, l.Items[i].Order, ms, order) })
	return i, i < len(l.Items) && l.Items[i].OrderedMs == ms && l.Items[i].Order == order
}

func (f *Fold) openMonth(deal, month string) (*ledgerpb.Month, error) {
	key := scoped(deal, month)
	m, ok, err := f.months.Get(key)
	if err != nil {
		return nil, err
	}
	if !ok {
		m = &ledgerpb.Month{}
	}
	f.months.Put(key, m)
	return m, nil
}

func (f *Fold) openLeaf(deal, month string, id int64) (*ledgerpb.Leaf, error) {
	key := leafKey(deal, month, id)
	l, ok, err := f.leaves.Get(key)
	if err == nil && !ok {
		err = fmt.Errorf("state key %q is a month's, and not there", key)
	}
	if err == nil {
		f.leaves.Put(key, l)
	}
	return l, err
}

// putIn places an order, or finds it placed, and marks it to be rated.
func (f *Fold) putIn(deal string, d *ledgerpb.Deal, order, month string, orderedMS int64) error {
	m, err := f.openMonth(deal, month)
	if err != nil {
		return err
	}
	f.rateLater(scoped(deal, month))
	d.Months = with(d.Months, month)
	i := chunkOf(m, orderedMS, order)
	if len(m.Chunks) == 0 {
		f.newChunk(deal, month, m, 0, &ledgerpb.Leaf{})
	}
	l, err := f.openLeaf(deal, month, m.Chunks[i].Id)
	if err != nil {
		return err
	}
	j, found := itemOf(l, orderedMS, order)
	if found {
		l.Items[j].Dirty, m.Chunks[i].Dirty = true, true
		return nil
	}
	if len(l.Items) >= leafItems && len(m.Chunks) < monthChunks {
		i, l = f.divide(deal, month, m, i, l, j)
		j, _ = itemOf(l, orderedMS, order)
	}
	l.Items = slices.Insert(l.Items, j, &ledgerpb.Item{OrderedMs: orderedMS, Order: order, Dirty: true})
	head(m.Chunks[i], l)
	m.Chunks[i].Dirty = true
	return nil
}

// divide makes two chunks of a full one and returns that in which place j of it now lies. Orders that come in order of
// time leave full chunks behind.
func (f *Fold) divide(
	deal, month string, m *ledgerpb.Month, i int, l *ledgerpb.Leaf, j int,
) (int, *ledgerpb.Leaf) {
	at := len(l.Items) / 2
	if j == len(l.Items) {
		at = j
	}
	right := &ledgerpb.Leaf{Items: slices.Clone(l.Items[at:])}
	clear(l.Items[at:])
	l.Items = l.Items[:at]
	f.newChunk(deal, month, m, i+1, right)
	first, second := m.Chunks[i], m.Chunks[i+1]
	second.Dirty, second.All = first.Dirty, first.All
	second.GmvBefore, second.FullBefore = first.GmvBefore, first.FullBefore
	first.Gmv, first.Full = 0, 0
	for _, item := range l.Items {
		first.Gmv, first.Full = first.Gmv+item.Gmv, first.Full+item.Full
	}
	second.GmvBefore, second.FullBefore = second.GmvBefore+first.Gmv, second.FullBefore+first.Full
	for _, item := range right.Items {
		second.Gmv, second.Full = second.Gmv+item.Gmv, second.Full+item.Full
	}
	if j >= at {
		return i + 1, right
	}
	return i, l
}

func (f *Fold) newChunk(deal, month string, m *ledgerpb.Month, i int, l *ledgerpb.Leaf) {
	c := &ledgerpb.Chunk{Id: m.Next}
	m.Next++
	head(c, l)
	m.Chunks = slices.Insert(m.Chunks, i, c)
	f.leaves.Put(leafKey(deal, month, c.Id), l)
}

// head notes the first order of a leaf in its chunk.
func head(c *ledgerpb.Chunk, l *ledgerpb.Leaf) {
	if len(l.Items) > 0 {
		c.FirstMs, c.FirstOrder = l.Items[0].OrderedMs, l.Items[0].Order
	}
}

// takeOut removes an order from its month. All of its chunk is rated again: what those after it in the chunk had before
// them is not known any more.
func (f *Fold) takeOut(deal string, d *ledgerpb.Deal, order string, o *ledgerpb.Owed) error {
	month, orderedMS := o.Month, o.Credit.OrderedMs
	m, err := f.openMonth(deal, month)
	if err != nil {
		return err
	}
	i := chunkOf(m, orderedMS, order)
	if i >= len(m.Chunks) {
		return fmt.Errorf("order %q of deal %q is not in its month", order, deal)
	}
	l, err := f.openLeaf(deal, month, m.Chunks[i].Id)
	if err != nil {
		return err
	}
	j, found := itemOf(l, orderedMS, order)
	if !found {
		return fmt.Errorf("order %q of deal %q is not in its month", order, deal)
	}
	l.Items = slices.Delete(l.Items, j, j+1)
	f.rateLater(scoped(deal, month))
	if len(l.Items) > 0 {
		head(m.Chunks[i], l)
		m.Chunks[i].Dirty, m.Chunks[i].All = true, true
		return nil
	}
	f.leaves.Delete(leafKey(deal, month, m.Chunks[i].Id))
	m.Chunks = slices.Delete(m.Chunks, i, i+1)
	if len(m.Chunks) == 0 {
		f.months.Delete(scoped(deal, month))
		if k, found := slices.BinarySearch(d.Months, month); found {
			d.Months = slices.Delete(d.Months, k, k+1)
		}
	}
	return nil
}

// sold tells whether the deal has an order in a span of time.
func (f *Fold) sold(deal string, d *ledgerpb.Deal, terms *contract.Terms, s contract.Span) (bool, error) {
	from, to := timeText(terms.Month(s.FromMS)), timeText(terms.Month(s.ToMS-1))
	for _, month := range d.Months {
		if month[:timeDigits] < from || month[:timeDigits] > to {
			continue
		}
		m, ok, err := f.months.Get(scoped(deal, month))
		if err != nil || !ok {
			return false, err
		}
		for i := chunkOf(m, s.FromMS, ""); i < len(m.Chunks) && m.Chunks[i].FirstMs < s.ToMS; i++ {
			if m.Chunks[i].FirstMs >= s.FromMS {
				return true, nil
			}
			l, ok, err := f.leaves.Get(leafKey(deal, month, m.Chunks[i].Id))
			if err != nil || !ok {
				return false, err
			}
			if j, _ := itemOf(l, s.FromMS, ""); j < len(l.Items) {
				if l.Items[j].OrderedMs < s.ToMS {
					return true, nil
				}
				break // the month's other orders are later still
			}
		}
	}
	return false, nil
}
