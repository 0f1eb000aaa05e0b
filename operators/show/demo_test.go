package show

import (
	"bytes"
	"cmp"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/source"
)

// rehearse plays four minutes of the demo's shows of these ids, with all its catalog, and returns their last insights.
func rehearse(t *testing.T, ids ...string) map[string]*eventpb.Insight {
	t.Helper()
	at := time.UnixMilli(base)
	conf := sim.Demo(1, at)
	conf.Shows = slices.DeleteFunc(conf.Shows, func(s sim.Spec) bool { return !slices.Contains(ids, s.ID) })
	for i := range conf.Shows {
		conf.Shows[i].Lasts = 4 * time.Minute
	}
	shows, err := sim.New(conf)
	if err != nil {
		t.Fatal(err)
	}
	type arrived struct {
		ms int64
		e  *eventpb.Event
	}
	var all []arrived
	raws := map[string]ingest.Raw{
		source.Comments: ingest.RawComments, source.Reactions: ingest.RawReactions, source.Orders: ingest.RawOrders,
		source.Catalog: ingest.RawCatalog,
	}
	d := ingest.NewDecoder(must(event.NewHasher(bytes.Repeat([]byte{7}, event.KeySize))), time.Time{},
		func() time.Time { return at.Add(time.Hour) })
	for r := range shows.All() {
		e, bad := d.Decode(&ingest.Input{
			Raw: raws[r.Topic], Topic: "raw", Offset: int64(len(all)), Key: r.Key, Value: r.Value, RecordMS: r.ArriveMS,
		})
		if bad == nil {
			all = append(all, arrived{r.ArriveMS, proto.Clone(e).(*eventpb.Event)})
		}
	}
	slices.SortStableFunc(all, func(a, b arrived) int { return cmp.Compare(a.ms, b.ms) })
	f, _ := newFold(t, state.Memory{})
	said := map[string]*eventpb.Insight{}
	var out operators.Outputs
	for _, a := range all {
		out.Reset()
		if err := f.Apply(&operators.Record{AppendMS: a.ms, Events: []*eventpb.Event{a.e}}, &out); err != nil {
			t.Fatal(err)
		}
		for _, m := range out.Meters {
			if i := m.Meter.GetInsight(); i != nil {
				said[m.Key] = i
			}
		}
	}
	return said
}

// The demo shows what it is a demo of: its rooms speak as their brands more than as any other, and people own things.
func TestTheDemoHasAWorldviewAndPossession(t *testing.T) {
	said := rehearse(t, "ploy-silk", "ren-kitchen", "mika-desk")
	for _, show := range []string{"ploy-silk", "ren-kitchen", "mika-desk"} {
		i := said["show/"+show+"/insight"]
		if i == nil {
			t.Fatalf("%s: no insight of %d", show, len(said))
		}
		a := i.Alignment
		if a.Worldview.Value < .8 || a.Worldview.N != 7 || a.WorldviewEsol.Insufficient != "" {
			t.Errorf("%s: worldview %v, of the ESOL %v", show, a.Worldview, a.WorldviewEsol)
		}
		if noTarget := a.Direction.Insufficient == "no_target"; noTarget != (show == "ren-kitchen") {
			t.Errorf("%s: direction %v", show, a.Direction)
		}
		if i.Sync.Possession.Insufficient != "" {
			t.Errorf("%s: possession %v", show, i.Sync.Possession)
		}
	}
}
