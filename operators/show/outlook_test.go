package show

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// tongues are how seven brands speak; the eighth is where the first wants to be.
var tongues = [8]string{"さくらの花びら", "冷たい鉄の音", "夜の海を走る", "焼きたてのパン", "古い時計の針", "白い猫と毛布", "山小屋の煙突", "都会の屋上庭園"}

// speak is the n-th sentence of a tongue.
func speak(tongue string, n int) string {
	r := []rune(tongue)
	return fmt.Sprintf("%s、%s %d", tongue, string(r[n%3:]), n*7919%1000)
}

// speakers are the brands' entries, and the show that is about the first.
func speakers() []*eventpb.Catalog {
	show := &eventpb.Show{BrandIds: []string{"b0"}, EsolId: "hanako"}
	all := []*eventpb.Catalog{{Kind: "show", Id: "S", Show: show}}
	for i, tongue := range tongues[:7] {
		b := &eventpb.Brand{}
		for n := range 20 {
			b.Corpus = append(b.Corpus, speak(tongue, n))
			if i == 0 {
				b.Target = append(b.Target, speak(tongues[7], n))
			}
		}
		all = append(all, &eventpb.Catalog{Kind: "brand", Id: fmt.Sprint("b", i), Brand: b})
	}
	return all
}

// talk has people say sentences of a tongue, one a second.
func (th *theater) talk(tongue string, seconds int) {
	for range seconds {
		n := int(th.ids)
		th.apply(th.say(uint64(1+n%40), speak(tongue, n)))
		th.ms += 1000
	}
}

// A room that speaks as its brand ranks it first; and when its talk moves where the brand wants to be, it is told so. Both
// are terms of the alignment then.
func TestARoomThatSpeaksAsItsBrandAndMovesWhereItWants(t *testing.T) {
	th := newTheater(t)
	th.learn(speakers()...)
	for range 30 {
		th.apply(th.host(speak(tongues[3], int(th.ids))))
		th.talk(tongues[0], 40)
		if th.ids%5 == 0 {
			th.reload()
		}
	}
	th.pass(60_000)
	a := th.said.insight.Alignment
	if a.Worldview.Value != 1 || a.Worldview.N != 6 || a.Worldview.Grade != eventpb.Grade_GRADE_C {
		t.Errorf("the room speaks as the brand: %v", a.Worldview)
	}
	if a.WorldviewEsol.Insufficient != "" || a.WorldviewEsol.Value == 1 {
		t.Errorf("the ESOL speaks as another: %v", a.WorldviewEsol)
	}
	if a.Direction.Insufficient != "no_movement" || !slices.Contains(a.Missing, "direction") {
		t.Errorf("the room stays where it is: %v, missing %v", a.Direction, a.Missing)
	}
	th.talk(tongues[7], 300)
	th.pass(60_000)
	a = th.said.insight.Alignment
	if a.Direction.Value < .5 || slices.Contains(a.Missing, "direction") || slices.Contains(a.Missing, "worldview") {
		t.Errorf("the room moves where the brand wants it: %v, missing %v", a.Direction, a.Missing)
	}
}

// Neither what was taken back counts nor what somebody says who is not believed, nor a person without a name.
func TestOnlyTheTrustedRoomHasAnOutlook(t *testing.T) {
	th := newTheater(t)
	th.learn(speakers()...)
	for n := range 60 {
		own := th.say(uint64(1+n%40), speak(tongues[0], n))
		gone, noone := th.say(uint64(1+n%40), speak(tongues[1], n)), th.say(0, speak(tongues[2], n))
		back := th.event(eventpb.Kind_KIND_RETRACT, 1)
		back.RefHi, back.RefLo = gone.IdHi, gone.IdLo
		th.apply(own, gone, noone, back)
		th.ms += 1000
	}
	th.pass(60_000)
	o := th.f.shows["S"].study.outlook
	if o.audience.N != 60 || th.said.insight.Alignment.Worldview.Value != 1 {
		t.Errorf("%d texts count, rank %v", o.audience.N, th.said.insight.Alignment.Worldview)
	}
	farm := func(n int) *eventpb.Event {
		bot := th.say(uint64(1000+n%40), "今すぐプロフィールのリンクから無料で登録してギフト券をもらおう")
		bot.AccountCreatedMs = th.ms - 3_600_000
		return bot
	}
	before := int64(0)
	for n := range 1500 {
		if n == 1200 {
			th.pass(60_000)
			before = o.audience.N
		}
		th.apply(farm(n), th.say(uint64(1+n%60), speak(tongues[0], n)))
		th.ms += 333
	}
	th.pass(60_000)
	if of := o.audience.N - before; of < 300 || of > 500 { // not all of the 40 are found out
		t.Errorf("%d texts count, want the 300 of the room and few of a farm's 300", of)
	}
}

// A show of brands without a corpus keeps nothing for it, in memory or state, and says why there is no number.
func TestOutlookCostsOthersNothing(t *testing.T) {
	th := newTheater(t)
	all := speakers()
	few := slices.Clone(all[1].Brand.Corpus[:9])
	all[1].Brand.Corpus = few // one text too few
	th.learn(all...)
	th.talk(tongues[0], 50)
	for _, p := range th.f.shows["S"].panes {
		if cap(p.keep.bytes) > 0 {
			t.Fatal("a pane keeps where its comments are")
		}
	}
	th.pass(40_000)
	th.memory.Write(th.store.Cut())
	a := th.said.insight.Alignment
	for _, e := range []*eventpb.Estimate{a.Worldview, a.WorldviewEsol, a.Direction} {
		if e.Insufficient != "no_reference" {
			t.Errorf("%v", e)
		}
	}
	if n := len(th.memory["outlook/S"]); n != 0 {
		t.Errorf("%d bytes of state", n)
	}
}

// A corpus is in force from its place in the journal; what else changes in the catalog makes nothing anew.
func TestACorpusIsInForceFromItsPlace(t *testing.T) {
	th := newTheater(t)
	all := speakers()
	th.learn(all...)
	made := th.f.catalog.reference()
	brand := operators.Owned(all[1])
	brand.Brand.ReturnWindowMs = 5
	th.learn(brand, &eventpb.Catalog{Kind: "product", Id: "p", Product: &eventpb.Product{Name: "P", BrandId: "b0"}})
	if th.f.catalog.reference() != made {
		t.Error("what is no corpus moves the brands")
	}
	th.talk(tongues[0], 90)
	th.pass(60_000)
	if e := th.said.insight.Alignment.Worldview; e.Value != 1 {
		t.Errorf("%v", e)
	}
	brand.Brand.Target = nil
	th.learn(brand, &eventpb.Catalog{Kind: "brand", Id: "b6", Deleted: true}, &eventpb.Catalog{Kind: "brand", Id: "b5", Deleted: true})
	th.talk(tongues[0], 90)
	th.pass(60_000)
	a := th.said.insight.Alignment
	if a.Worldview.Insufficient != "too_few_brands" || a.Direction.Insufficient != "no_target" {
		t.Errorf("four others and no target: %v, %v", a.Worldview, a.Direction)
	}
	brand.Brand.Corpus = nil
	th.learn(brand)
	th.talk(tongues[0], 10)
	th.pass(60_000)
	if e := th.said.insight.Alignment.Worldview; e.Insufficient != "no_reference" {
		t.Errorf("no corpus: %v", e)
	}
}

// The reference is the same whatever the order in which the catalog came, and bounded.
func TestReferenceIsAFunctionOfTheCatalog(t *testing.T) {
	a, b := newTheater(t), newTheater(t)
	all := speakers()
	all[2].Brand.Corpus = append(all[2].Brand.Corpus, strings.Repeat("長い話", 10_000)) // beyond what is read
	a.learn(all...)
	slices.Reverse(all)
	b.learn(all...)
	x, y := a.f.catalog.reference(), b.f.catalog.reference()
	if !slices.Equal(x.ids, y.ids) || *x.weights != *y.weights {
		t.Fatal("they differ")
	}
	for _, id := range x.ids {
		if *x.brands[id] != *y.brands[id] {
			t.Errorf("brand %s differs", id)
		}
	}
	if n := x.brands["b1"].now.N; n != 20 {
		t.Errorf("%d texts are read, want those before the long one", n)
	}
}

func TestOfAnESOLNameAndPossessionsAreKept(t *testing.T) {
	th := newTheater(t)
	esol := func(owns ...string) *eventpb.Catalog {
		return &eventpb.Catalog{Kind: "esol", Id: "hanako", Esol: &eventpb.Esol{Name: "Hanako", Tier: "gold", Owns: owns}}
	}
	th.learn(esol("lip"))
	if e := th.f.catalog.get("esol", "hanako"); e.Esol.Name != "Hanako" || e.Esol.Tier != "" || !slices.Equal(e.Esol.Owns, []string{"lip"}) {
		t.Errorf("kept %v", e)
	}
	version := th.f.catalog.version
	th.learn(esol("lip"))
	if th.f.catalog.version != version {
		t.Error("the same again is a change")
	}
	gone := esol("lip")
	gone.Deleted = true
	th.learn(gone)
	th.memory.Write(th.store.Cut())
	if th.f.catalog.get("esol", "hanako") != nil || bytes.Contains(th.memory["catalog/esol/hanako"], []byte("lip")) {
		t.Error("who was taken back is kept")
	}
}
