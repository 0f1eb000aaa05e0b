package show

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A producer asks: which product do they want, and where do they stop? People by product and stage.
type products struct {
	all   map[string]*tally
	pairs idMap[stage] // of a person and a product
}

// Limits: products beyond productsMax of a show are not counted; when the pairs are more than pairsMax no new one is
// counted. Both are far above what a show sells.
const (
	productsMax  = 200
	pairsMax     = 100_000
	productsSaid = 20
)

func (p *products) step(sc *scene) {
	for i := range sc.deeds {
		d := &sc.deeds[i]
		if d.product == "" || d.person.IsZero() || d.kind == eventpb.Kind_KIND_PIN || d.kind == eventpb.Kind_KIND_CALL {
			continue
		}
		if d.kind == eventpb.Kind_KIND_ORDER && !sc.sold(d.id) {
			continue
		}
		p.enter(d.person, d.product, stageOf(d.kind))
	}
	for _, c := range sc.said {
		if !c.question || !audience(c.role) || c.person.IsZero() {
			continue
		}
		for _, w := range c.terms {
			if id, ok := sc.lx.productOf(w); ok {
				p.enter(c.person, id, stageSeen|stageEngaged|stageAsked)
			}
		}
	}
}

// sold tells whether an act is the version of an order that heated.
func (sc *scene) sold(id event.ID) bool {
	_, sold := slices.BinarySearchFunc(sc.heated, id, compareIDs)
	return sold
}

func (p *products) enter(who event.ID, product string, s stage) {
	t := p.all[product]
	if t == nil {
		if len(p.all) >= productsMax {
			return
		}
		t = &tally{}
		p.all[product] = t
	}
	pair := pairOf(who, product)
	if p.pairs.n >= pairsMax && p.pairs.get(pair) == nil {
		return
	}
	before, _ := p.pairs.put(pair)
	after := *before | s
	if *before&s&stageBought != 0 {
		after |= stageCameBack
	}
	t.enter(*before, after)
	*before = after
}

// pairOf is the identity of a person and a product: the person's keyed hash carried through the product's name.
func pairOf(who event.ID, product string) event.ID {
	const prime = 0x9e3779b97f4a7c15
	for i := range len(product) {
		who.Lo = (who.Lo ^ uint64(product[i])) * prime
		who.Hi = (who.Hi ^ who.Lo>>29) * prime
	}
	return who
}

// view lists the products that most people acted on.
func (p *products) view(f *Fold, t *trust.State) []*eventpb.ProductFunnel {
	ids := make([]string, 0, len(p.all))
	for id := range p.all {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(-cmp.Compare(p.all[a].people[0], p.all[b].people[0]), strings.Compare(a, b))
	})
	var said []*eventpb.ProductFunnel
	for _, id := range ids[:min(len(ids), productsSaid)] {
		var doubted [8]int64
		for who := range t.Suspected() {
			if s := p.pairs.get(pairOf(who, id)); s != nil {
				s.count(&doubted)
			}
		}
		said = append(said, &eventpb.ProductFunnel{
			ProductId: id, Name: f.catalog.get("product", id).GetProduct().GetName(), Stages: p.all[id].view(doubted),
		})
	}
	return said
}
