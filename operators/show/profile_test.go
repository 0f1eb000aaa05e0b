package show

import (
	"fmt"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators/likeness"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// TestProfileSaysWhatTheShowWasLike: a show of ten minutes in which 60 people say a term, and buy.
func TestProfileSaysWhatTheShowWasLike(t *testing.T) {
	th := newTheater(t)
	th.learn(
		&eventpb.Catalog{Kind: "esol", Id: "hanako", Esol: &eventpb.Esol{Name: "Hanako"}},
		&eventpb.Catalog{Kind: "show", Id: "S", Show: &eventpb.Show{EsolId: "hanako", BrandIds: []string{"b"}}},
		&eventpb.Catalog{Kind: "brand", Id: "b", Brand: &eventpb.Brand{
			Name: "Brand", Lexicon: []*eventpb.Term{{Id: "glow", Forms: []string{"Glow"}}},
			Negative: []*eventpb.Term{{Id: "bad", Forms: []string{"sticky"}}},
		}},
		&eventpb.Catalog{Kind: "product", Id: "p", Product: &eventpb.Product{
			Name: "Lip", BrandId: "b", Category: "lips",
		}},
	)
	for i := range 700 {
		who := uint64(1 + i%60)
		if i%10 == 0 {
			th.apply(th.say(who, fmt.Sprint("so much glow ", i)), th.say(who, "it is sticky"))
			o := th.order(who, fmt.Sprint("o", i), "p")
			o.Order.Currency, o.Order.Lines[0].UnitPriceMinor = "JPY", 1_980
			th.apply(o)
		}
		th.apply(th.act(eventpb.Kind_KIND_PRODUCT_CLICK, who, "p"))
		th.pass(1000)
	}
	th.pass(400_000)
	panes := slices.Sorted(func(yield func(int64) bool) {
		for k := range th.said.profiles {
			if !yield(k) {
				return
			}
		}
	})
	if len(panes) < 4 {
		t.Fatalf("the profile was said at %v", panes)
	}
	for _, k := range panes[:len(panes)-1] {
		if (k+1)%profilePanes != 0 {
			t.Errorf("said at pane %d", k)
		}
	}
	p, err := likeness.Read(th.said.profile)
	if err != nil {
		t.Fatal(err)
	}
	if p.Esol != "hanako" || p.Name != "Hanako" || p.Largest != 60 || p.Microjoules == 0 ||
		p.Pane != panes[len(panes)-1] {
		t.Errorf("%+v", p)
	}
	if s := p.People.Size(); s < 40 || s > 85 {
		t.Errorf("60 people are %.0f in the sketch", s)
	}
	if want := [8]int64{2: 70}; p.Prices != want {
		t.Errorf("prices %v", p.Prices)
	}
	var heat int64
	for _, h := range p.Hours {
		heat += h
	}
	if from := base / 3_600_000 % 24; p.Hours[from]+p.Hours[(from+1)%24] != heat || heat == 0 {
		t.Errorf("heat by the hour: %v", p.Hours)
	}
	if p.Theta.Samples < 40 || p.Theta.Samples > 110 {
		t.Errorf("%d samples of heat", p.Theta.Samples)
	}
	if n := p.Words[likeness.WordDim(th.f.shows["S"].profile.terms[0].word)]; n < 70 {
		t.Errorf("the term's bucket has %d", n)
	}
	var names []string
	for _, n := range p.Named {
		names = append(names, fmt.Sprint(n.ID, " ", n.Name, " ", n.Amount > 0))
	}
	slices.Sort(names)
	if want := []string{"b Brand true", "b/glow Glow true", "lips lips true"}; !slices.Equal(names, want) {
		t.Errorf("it names %q", names) // and never what a brand does not like to hear
	}
}

// warm has three people talk until the room's heat is known, and lets the room come to rest.
func (th *theater) warm(esol string) {
	for i := range uint64(ageMinPanes + 10) {
		e := th.say(1+i%3, "hello")
		e.EsolId = esol
		th.apply(e)
		th.pass(1000)
	}
	th.pass(400_000)
}

// TestProfileOutlivesItsShow: when a show is dropped all its meters are taken back but this, and who comes after all have
// gone does not begin it anew.
func TestProfileOutlivesItsShow(t *testing.T) {
	th := newTheater(t)
	th.warm("hanako")
	whole := th.said.profile
	if whole == nil || whole.Samples == 0 {
		t.Fatalf("when the room rests the profile is %v", whole)
	}
	var out = th.out
	th.f.drop(th.f.shows["S"], &out)
	for _, m := range out.Meters {
		if m.Meter == nil && m.Key == "show/S/"+partProfile {
			t.Error("the profile was taken back")
		}
	}
	th.memory.Write(th.store.Cut())
	if _, ok := th.memory["profile/S"]; ok {
		t.Error("its state is still there")
	}
	th.apply(th.say(1, "anybody?"))
	th.pass(400_000)
	if th.f.shows["S"] == nil || th.said.profile != whole {
		t.Errorf("after a straggler it is %v", th.said.profile)
	}
}

func TestAShowOfNobodyHasNoProfile(t *testing.T) {
	th := newTheater(t)
	th.warm("")
	if th.said.profile != nil {
		t.Errorf("it says %v", th.said.profile)
	}
}

// TestProfileStaysSmall: 2 KB of state at most, for a show of 50,000 people and a million words an hour.
func TestProfileStaysSmall(t *testing.T) {
	s := newShow("S", 0)
	p := &s.profile
	for i := range uint64(50_000) {
		p.people.Add(event.ID{Hi: i, Lo: i})
		p.mention(i)
	}
	for _, list := range p.lists() {
		for i := range list {
			list[i] = 1_000_000
		}
	}
	p.hours[20] = 1e12
	for i := range p.terms {
		p.terms[i].n = 100_000
	}
	p.theta = likeness.Theta{Samples: 1e4, Sum: -1e7, Squares: 1e10}
	if b := encodeProfile(s); len(b) > 2048 {
		t.Errorf("a profile has %d bytes", len(b))
	} else {
		t.Logf("%d bytes", len(b))
	}
}

func TestPriceBands(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     uint8
	}{
		{0, "JPY", 0}, {-5, "JPY", 0}, {100, "XXX", 0}, {100, "JPY", 1}, {1_000, "JPY", 3}, {1_500, "USD", 4},
		{1 << 62, "JPY", 8}, {1 << 62, "GBP", 8}, {1 << 40, "JPY", 8},
	} {
		if got := bandOf(c.minor, c.currency); got != c.want {
			t.Errorf("%d %s: %d, want %d", c.minor, c.currency, got, c.want)
		}
	}
}

func BenchmarkProfileStep(b *testing.B) {
	f, _ := newFold(b, nil)
	s := newShow("S", 0)
	sc := &scene{show: s, fold: f, heat: &eventpb.Heat{Insufficient: "too_few_acts"}, lx: noLexicon}
	for i := range uint64(300) {
		sc.heads = append(sc.heads, touched{id: event.ID{Hi: i << 40, Lo: i}, weight: 1, believed: 5})
	}
	for b.Loop() {
		s.profile.step(sc)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/300, "ns/head")
}
