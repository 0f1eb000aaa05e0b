package journey

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// naive says what should be credited, from the sets of touches, orders and catalog entries: all at once, with exact
// fractions, in the plainest way. What a brand's part of an order comes to it takes from the brand's credit, which
// other oracles check.
type naive struct {
	touches []*eventpb.Event
	joined  map[uint64]uint64 // a person to the one that answers for it
	orders  map[string]*naiveOrder
	shows   map[string]*eventpb.Show
	esols   map[string]*eventpb.Esol
	camps   map[string]*eventpb.Campaign
	brands  map[string]string // of products
	rates   map[string]uint32 // of products
}

type naiveOrder struct {
	id                         string
	atMS                       int64
	person                     uint64
	show, esol, code, campaign string
	products                   map[string][]string // by brand
	paid, back                 bool
}

// want is what an ESOL has of the parts of an order.
type want struct {
	created, paid, refunded, cancelled, units int64
	inLive                                    bool
}

func (w *want) add(o want) {
	w.created += o.created
	w.paid += o.paid
	w.refunded += o.refunded
	w.cancelled += o.cancelled
	w.units += o.units
	w.inLive = w.inLive || o.inLive
}

const hourMS, dayMS = 3600_000, 24 * 3600_000

func (n *naive) human(person uint64) uint64 {
	for n.joined[person] != 0 {
		person = n.joined[person]
	}
	return person
}

func (n *naive) seller(esol, show, code string) string {
	if esol != "" {
		return esol
	}
	if s := n.shows[show]; s.GetEsolId() != "" {
		return s.EsolId
	}
	var owners []string
	for id, e := range n.esols {
		if code != "" && slices.Contains(e.Codes, code) {
			owners = append(owners, id)
		}
	}
	if len(owners) == 0 {
		return ""
	}
	return slices.Min(owners)
}

func hasModel(c *eventpb.Campaign) bool {
	return slices.Contains([]string{"last", "first", "linear", "time_decay", "position", "shapley"}, c.AttributionModel)
}

func (n *naive) runs(id string, o *naiveOrder) bool {
	c := n.camps[id]
	return c != nil && c.StartMs <= o.atMS && (c.EndMs == 0 || o.atMS < c.EndMs)
}

// counts are the campaigns that an order counts for by itself.
func (n *naive) counts(o *naiveOrder) (ids []string) {
	esol := n.seller(o.esol, o.show, o.code)
	for id, c := range n.camps {
		if n.runs(id, o) && (id == o.campaign || esol != "" && slices.Contains(c.EsolIds, esol) ||
			slices.Contains(n.shows[o.show].GetCampaignIds(), id)) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (n *naive) modelsOf(o *naiveOrder, brand string) (ids []string) {
	if o.person == 0 {
		return nil
	}
	fits := func(id string) bool {
		c := n.camps[id]
		return hasModel(c) && (c.BrandId == "" || c.BrandId == brand)
	}
	for _, id := range n.counts(o) {
		if fits(id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 && n.seller(o.esol, o.show, o.code) == "" {
		for id := range n.camps {
			if n.runs(id, o) && fits(id) {
				ids = append(ids, id)
			}
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		x, y := n.camps[a], n.camps[b]
		return cmp.Or(cmp.Compare(y.BrandId, x.BrandId), cmp.Compare(y.StartMs, x.StartMs), cmp.Compare(a, b))
	})
	return ids
}

type naiveTouch struct {
	atMS           int64
	id             event.ID
	esol, show     string
	inLive         bool
	weight         *big.Rat
	product, brand string
}

func surface(e *eventpb.Event) string {
	switch {
	case slices.Contains([]string{"live", "app", "web", "messaging", "email", "code"}, e.Channel):
		return e.Channel
	case e.Code != "":
		return "code"
	case e.ShowId != "":
		return "live"
	}
	return "web"
}

func (n *naive) window(c *eventpb.Campaign, surface string) int64 {
	ms := map[string]int64{"live": 7, "app": 7, "web": 30, "messaging": 7, "email": 7, "code": 30}[surface] * dayMS
	for _, w := range c.Windows {
		if w.Surface == surface {
			ms = w.WindowMs
		}
	}
	if c.AttributionWindowMs > 0 {
		ms = min(ms, c.AttributionWindowMs)
	}
	return ms
}

// counting are the touches that count for a brand's part of an order under a campaign, with their weights.
func (n *naive) counting(o *naiveOrder, brand, id string) []naiveTouch {
	c := n.camps[id]
	all := slices.Clone(n.touches)
	if o.show != "" || o.esol != "" || o.code != "" {
		all = append(all, &eventpb.Event{TimeMs: o.atMS, ShowId: o.show, EsolId: o.esol, Code: o.code, PersonLo: o.person})
	}
	var list []naiveTouch
	for _, e := range all {
		t := naiveTouch{atMS: e.TimeMs, id: event.ID{Hi: e.IdHi, Lo: e.IdLo}, esol: n.seller(e.EsolId, e.ShowId, e.Code),
			show: e.ShowId, product: e.ProductId, brand: n.brands[e.ProductId]}
		about := func(x *naiveOrder, brand string) bool {
			return t.product == "" || slices.Contains(x.products[brand], t.product) || t.brand == brand && brand != ""
		}
		itself := t.id.IsZero()
		mine := itself || t.esol == "" || len(c.EsolIds) == 0 || slices.Contains(c.EsolIds, t.esol) ||
			e.CampaignId == id || slices.Contains(n.shows[t.show].GetCampaignIds(), id)
		spent := false
		for _, x := range n.orders {
			if c.ClosesOnOrder && n.human(x.person) == n.human(o.person) && n.asked(x) && cmp.Or(cmp.Compare(x.atMS, o.atMS),
				cmp.Compare(x.id, o.id)) < 0 && t.atMS <= x.atMS {
				for b := range x.products {
					spent = spent || about(x, b)
				}
			}
		}
		if n.human(e.PersonLo) != n.human(o.person) || !mine || spent || t.atMS > o.atMS ||
			o.atMS-t.atMS > n.window(c, surface(e)) || !about(o, brand) || t.esol == "" && !c.OrganicCounts {
			continue
		}
		end := n.shows[t.show].GetEndMs()
		t.inLive = t.show != "" && (end != 0 && o.atMS <= end || end == 0 && o.atMS-t.atMS <= 4*hourMS)
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b naiveTouch) int {
		return cmp.Or(cmp.Compare(a.atMS, b.atMS), cmp.Compare(a.id.Hi, b.id.Hi), cmp.Compare(a.id.Lo, b.id.Lo))
	})
	list = list[max(0, len(list)-16):]
	for i := range list {
		list[i].weight = weight(c.AttributionModel, list, i, o.atMS)
	}
	return list
}

func weight(model string, list []naiveTouch, i int, atMS int64) *big.Rat {
	last := len(list) - 1
	switch {
	case model == "last":
		return big.NewRat(bit(i == last), 1)
	case model == "first":
		return big.NewRat(bit(i == 0), 1)
	case model == "time_decay":
		h := 7.0 * dayMS
		if list[i].inLive {
			h = .5 * hourMS
		}
		w := math.Round(math.Exp2(32 - float64(atMS-list[i].atMS)/h))
		return new(big.Rat).SetFloat64(max(1, w))
	case model == "position" && last >= 2 && (i == 0 || i == last):
		return big.NewRat(2, 5)
	case model == "position" && last >= 2:
		return big.NewRat(1, int64(5*(last-1)))
	case model == "shapley":
		same := int64(0)
		for _, t := range list {
			same += bit(t.esol == list[i].esol)
		}
		return big.NewRat(1, same)
	}
	return big.NewRat(1, 1)
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// shareOut divides an amount over the ESOLs (or shows) of the touches.
func shareOut(total int64, names []string, weights map[string]*big.Rat, webster bool) map[string]int64 {
	out := map[string]int64{}
	sign, left := int64(1), total
	if total < 0 {
		sign, left = -1, -total
	}
	sum := new(big.Rat)
	for _, w := range weights {
		sum.Add(sum, w)
	}
	quota := map[string]*big.Rat{}
	rest := left
	for _, name := range names {
		q := new(big.Rat).Mul(new(big.Rat).Quo(weights[name], sum), new(big.Rat).SetInt64(left))
		quota[name] = q
		if !webster {
			out[name] = new(big.Int).Quo(q.Num(), q.Denom()).Int64()
			rest -= out[name]
		}
	}
	for ; rest > 0; rest-- { // one unit after the other to who is furthest behind
		best, most := "", new(big.Rat)
		for _, name := range names {
			v := new(big.Rat).Sub(quota[name], new(big.Rat).SetInt64(out[name]))
			if webster {
				v = new(big.Rat).Quo(quota[name], new(big.Rat).SetInt64(2*out[name]+1))
			}
			if best == "" || v.Cmp(most) > 0 {
				best, most = name, v
			}
		}
		out[best]++
	}
	for name := range out {
		out[name] *= sign
	}
	return out
}

// shares is who has what of a part, by ESOL or show; "-" is nobody.
func (n *naive) shares(
	o *naiveOrder, brand, id string, part *eventpb.Credit, by func(naiveTouch) string,
) map[string]want {
	list := n.counting(o, brand, id)
	byID := slices.Clone(list)
	least := map[string]event.ID{}
	weights := map[string]*big.Rat{}
	out := map[string]want{}
	for _, t := range byID {
		if t.weight.Sign() == 0 {
			continue
		}
		name := cmp.Or(by(t), "-")
		if weights[name] == nil {
			weights[name], least[name] = new(big.Rat), t.id
		}
		weights[name].Add(weights[name], t.weight)
		if t.id.Less(least[name]) {
			least[name] = t.id
		}
		w := out[name]
		w.inLive = w.inLive || t.inLive
		out[name] = w
	}
	var names []string
	for name := range weights {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(least[a].Hi, least[b].Hi), cmp.Compare(least[a].Lo, least[b].Lo))
	})
	if len(names) == 0 {
		return nil
	}
	split := func(total int64) map[string]int64 {
		return shareOut(total, names, weights, n.camps[id].Rounding == "webster")
	}
	created, paid, left := split(part.CreatedMinor), split(part.PaidMinor), split(part.PaidMinor-part.RefundedMinor)
	units := split(part.Units)
	for _, name := range names {
		w := out[name]
		w.created, w.paid, w.refunded, w.units = created[name], paid[name], paid[name]-left[name], units[name]
		if part.CancelledMinor != 0 {
			w.cancelled = left[name]
		}
		out[name] = w
	}
	return out
}

// asked tells whether an order speaks to its buyer at all.
func (n *naive) asked(o *naiveOrder) bool {
	esol := n.seller(o.esol, o.show, o.code)
	for brand := range o.products {
		if len(n.modelsOf(o, brand)) > 0 {
			return o.person != 0
		}
		for _, id := range n.counts(o) {
			if b := n.camps[id].BrandId; esol != "" && (b == "" || b == brand) {
				return o.person != 0
			}
		}
	}
	return false
}

// holds of an order, without self_purchase.
func (n *naive) holds(o *naiveOrder) (holds []string) {
	if !n.asked(o) {
		return nil
	}
	within := func(from int64) (count int) {
		for _, x := range n.orders {
			if n.human(x.person) == n.human(o.person) && n.asked(x) && x.atMS >= from && x.atMS < from+hourMS {
				count++
			}
		}
		return count
	}
	brushing, paid, back := false, 0, 0
	for _, x := range n.orders {
		if n.human(x.person) != n.human(o.person) || !n.asked(x) {
			continue
		}
		if x.atMS <= o.atMS && o.atMS-x.atMS < hourMS && within(x.atMS) > 5 {
			brushing = true
		}
		if x.atMS <= o.atMS && x.paid {
			paid++
			back += int(bit(x.back))
		}
	}
	if brushing {
		holds = append(holds, "brushing")
	}
	for _, e := range n.touches {
		if n.human(e.PersonLo) == n.human(o.person) && e.Kind == eventpb.Kind_KIND_PRODUCT_CLICK && e.TimeMs <= o.atMS &&
			o.atMS-e.TimeMs < 2000 {
			holds = append(holds, "click_to_order")
			break
		}
	}
	if back >= 3 && 4*back >= 3*paid {
		holds = append(holds, "order_then_refund")
	}
	return holds
}
