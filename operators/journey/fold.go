package journey

import (
	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Schema is the version of this fold's state: no value in it is of a newer one.
const Schema = 1

const schema = Schema

// Fold is one partition of the journeys.
type Fold struct {
	orders  *state.Table[*journeypb.Order]
	persons *state.Table[*journeypb.Person] // by pseudonym
	catalog *catalog
	sweeps  *state.Table[*journeypb.Sweep]

	perTick int    // orders, and people, that one tick of a sweep revisits
	scratch []byte // of digests
}

// New returns the fold over one partition of the journeys, as store remembers it.
func New(store *state.Store, _ int32) (operators.Fold, error) {
	return &Fold{
		orders:  state.NewTable(store, "order", state.Proto[journeypb.Order](schema)),
		persons: state.NewTable(store, "person", state.Proto[journeypb.Person](schema)),
		sweeps:  state.NewTable(store, "sweep", state.Proto[journeypb.Sweep](schema)),
		catalog: newCatalog(store),
		perTick: perTick,
	}, nil
}

// Apply implements operators.Fold.
func (f *Fold) Apply(r *operators.Record, out *operators.Outputs) error {
	for _, e := range r.Events {
		var err error
		switch {
		case e.Kind == eventpb.Kind_KIND_ORDER:
			err = f.order(e, out)
		case e.Kind == eventpb.Kind_KIND_ATTRIBUTION:
			err = f.answered(e.Attribution, out)
		case e.Kind == eventpb.Kind_KIND_PURCHASE:
			err = f.purchase(e.Purchase, out)
		case isTouch(e.Kind):
			err = f.touch(e, out)
		case e.Kind == eventpb.Kind_KIND_SPEND:
			spend(e, out)
		case e.Kind == eventpb.Kind_KIND_IDENTITY:
			err = f.identity(e, out)
		case e.Kind == eventpb.Kind_KIND_DOSSIER:
			err = f.dossier(e.Dossier, out)
		case e.Kind == eventpb.Kind_KIND_REPLY:
			err = f.reply(e.Reply, out)
		case e.Kind == eventpb.Kind_KIND_CATALOG:
			err = f.learn(e.Catalog)
		case e.Kind == eventpb.Kind_KIND_TICK:
			err = f.sweepSome(out)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
