package show

import (
	"fmt"
	"slices"
	"testing"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// act is an event of a person on a product.
func (th *theater) act(kind eventpb.Kind, person uint64, product string) *eventpb.Event {
	e := th.event(kind, person)
	e.Text, e.ProductId = "", product
	return e
}

func (th *theater) say(person uint64, text string) *eventpb.Event {
	e := th.event(eventpb.Kind_KIND_COMMENT, person)
	e.Text = text
	return e
}

func (th *theater) order(person uint64, id, product string) *eventpb.Event {
	e := th.act(eventpb.Kind_KIND_ORDER, person, "")
	e.Order = &eventpb.Order{OrderId: id, Status: eventpb.OrderStatus_ORDER_STATUS_PAID, Lines: []*eventpb.OrderLine{
		{ProductId: product, Quantity: 1},
	}}
	return e
}

// host is what the ESOL says.
func (th *theater) host(text string) *eventpb.Event {
	e := th.say(999, text)
	e.Role = eventpb.Role_ROLE_ESOL
	return e
}

func (th *theater) learn(entries ...*eventpb.Catalog) {
	for _, c := range entries {
		th.apply(&eventpb.Event{Kind: eventpb.Kind_KIND_CATALOG, Catalog: c})
	}
}

func stagesOf(stages []*eventpb.Stage) string {
	s := ""
	for _, x := range stages {
		if x.People > 0 {
			s += fmt.Sprintf("%s %d/%d ", x.Name, x.People, x.Bought)
		}
	}
	return s
}

// A person may enter any stage first; each counts once, whatever they repeat; who bought is told of every stage.
func TestFunnelCountsPeopleUnordered(t *testing.T) {
	th := newTheater(t)
	retracted := th.say(8, "oh")
	gone := th.event(eventpb.Kind_KIND_RETRACT, 8)
	gone.RefHi, gone.RefLo = retracted.IdHi, retracted.IdLo
	th.apply(
		th.act(eventpb.Kind_KIND_JOIN, 1, ""), th.act(eventpb.Kind_KIND_JOIN, 1, ""),
		th.order(2, "o2", "lip"), // buys first, looks later
		th.act(eventpb.Kind_KIND_PRODUCT_CLICK, 3, "lip"), th.act(eventpb.Kind_KIND_ADD_TO_CART, 3, "lip"),
		th.say(4, "送料込みですか"), th.act(eventpb.Kind_KIND_INQUIRY, 5, "lip"), th.host("いくらですか"),
		th.act(eventpb.Kind_KIND_CHECKOUT, 6, "lip"), th.say(7, "かわいい"), th.act(eventpb.Kind_KIND_LIKE, 0, ""),
		retracted, gone,
	)
	th.ms += 5_000
	th.apply(th.act(eventpb.Kind_KIND_PRODUCT_CLICK, 2, "lip"), th.order(6, "o6", "pen"), th.order(2, "o2b", "lip"))
	th.ms += 1000
	th.apply(th.order(2, "o2", "lip"), th.order(6, "o6", "pen")) // the same orders again
	th.pass(60_000)
	i := th.said.insight
	want := "seen 7/2 engaged 3/0 asked 2/0 clicked 2/1 carted 1/0 checked_out 1/1 bought 2/2 came_back 1/1 "
	if got := stagesOf(i.Funnel.Stages); got != want {
		t.Errorf("the funnel is\n%s, want\n%s", got, want)
	}
	if len(i.Products) != 2 || i.Products[0].ProductId != "lip" || i.Products[1].ProductId != "pen" {
		t.Fatalf("products %v", i.Products)
	}
	want = "seen 4/1 engaged 1/0 asked 1/0 clicked 2/1 carted 1/0 checked_out 1/0 bought 1/1 came_back 1/1 "
	if got := stagesOf(i.Products[0].Stages); got != want {
		t.Errorf("the funnel of the lip is\n%s, want\n%s", got, want)
	}
	if got, want := stagesOf(i.Products[1].Stages), "seen 1/1 bought 1/1 "; got != want {
		t.Errorf("the funnel of the pen is\n%s, want\n%s", got, want)
	}
}

func TestPeopleAreBounded(t *testing.T) {
	th := newTheater(t)
	for n := range uint64(peopleMax + 10) {
		if n%2000 == 0 {
			th.ms += 1000
		}
		e := th.act(eventpb.Kind_KIND_JOIN, n+1, "")
		e.PersonHi = (n + 1) * 0x9e3779b97f4a7c15
		th.apply(e)
	}
	th.pass(50_000)
	if st := th.f.shows["S"].study; st.people.n > peopleMax || st.people.n < peopleMax*8/10 {
		t.Errorf("%d people are remembered", st.people.n)
	}
	if seen := th.said.insight.Funnel.Stages[0].People; seen != peopleMax+10 {
		t.Errorf("%d people were seen", seen)
	}
}

// A question is answered by a reply, or by naming its product in time; by nobody of the audience; and it has sold when who
// asked has ordered afterwards.
func TestQuestionsAreAnsweredAndSell(t *testing.T) {
	th := newTheater(t)
	th.learn(
		&eventpb.Catalog{Kind: "show", Id: "S", Show: &eventpb.Show{BrandIds: []string{"b"}}},
		&eventpb.Catalog{Kind: "brand", Id: "b", Brand: &eventpb.Brand{}},
		&eventpb.Catalog{Kind: "product", Id: "lip", Product: &eventpb.Product{Name: "リップ", BrandId: "b"}},
		&eventpb.Catalog{Kind: "product", Id: "pen", Product: &eventpb.Product{Name: "ペン", BrandId: "b"}},
	)
	replied, named, late, open := th.say(1, "何色ありますか"), th.say(2, "リップは敏感肌でも大丈夫？"), th.say(3, "ペンいつ届きますか"), th.say(4, "いくら？")
	th.apply(replied, named, late, open)
	th.ms += 10_000
	answer := th.host("三色です")
	answer.RefHi, answer.RefLo = replied.IdHi, replied.IdLo
	fan := th.say(5, "ペンは明日だよ")
	th.apply(answer, th.host("リップは大丈夫ですよ"), fan)
	th.ms += 110_001
	th.apply(th.host("ペンは明日です"), th.order(2, "o1", "lip"), th.order(9, "o2", "pen"))
	th.ms += 60_000
	th.apply(th.order(2, "o3", "lip"), th.order(1, "o4", "lip"))
	th.pass(60_000)
	q := th.said.insight.Questions
	if q.Asked != 4 || q.Answered != 2 || q.Bought != 2 {
		t.Errorf("%v", q)
	}
	if q.SecondsToBuy < 105 || q.SecondsToBuy > 140 {
		t.Errorf("half of those who asked bought within %v s, it was 120 and 180", q.SecondsToBuy)
	}
}

// What a pin does is told against the minute before it.
func TestPinsHaveTheirLift(t *testing.T) {
	th := newTheater(t)
	click := func(from, to uint64) {
		for n := from; n < to; n++ {
			th.apply(th.act(eventpb.Kind_KIND_PRODUCT_CLICK, n, "lip"))
		}
	}
	th.apply(th.act(eventpb.Kind_KIND_JOIN, 1, ""))
	th.ms += 30_000
	click(1, 5)
	th.ms += 20_000
	th.apply(th.act(eventpb.Kind_KIND_PIN, 0, "lip"))
	click(4, 20)
	th.ms += 30_000
	th.apply(th.order(30, "o", "lip"), th.act(eventpb.Kind_KIND_PRODUCT_CLICK, 31, "pen"))
	th.ms += 31_000
	click(40, 50) // after the minute
	th.pass(60_000)
	pins := th.said.insight.Pins
	if len(pins) != 1 {
		t.Fatalf("pins %v", pins)
	}
	p := pins[0]
	if p.ProductId != "lip" || p.ClicksBefore != 4 || p.Clicks != 16 || p.Orders != 1 || p.OrdersBefore != 0 {
		t.Errorf("%v", p)
	}
	near(t, "lift", p.Lift.Value, 17.5/4.5, 1e-12)
	if !(p.Lift.Lo > 1 && p.Lift.Hi > p.Lift.Value) {
		t.Errorf("lift %v", p.Lift)
	}
}

// Ignition needs many different people at once: it starts, levels up by new people only, runs out, and rests.
func TestIgnitionNeedsManyPeople(t *testing.T) {
	th := newTheater(t)
	second := func(people ...uint64) {
		for _, n := range people {
			th.apply(th.act(eventpb.Kind_KIND_ADD_TO_CART, n, "lip"))
		}
		th.apply(th.act(eventpb.Kind_KIND_LIKE, 1, ""))
		th.ms += 1000
	}
	for range 200 { // one fan does what a crowd should
		second(1, 1, 1)
	}
	if got := th.alerts(); slices.Contains(got, "ignition") {
		t.Fatalf("one fan ignites a room: %v", got)
	}
	for n := range uint64(12) {
		second(10 + n)
	}
	for range 45 {
		second()
	}
	if got := th.alerts(); !slices.Equal(got, []string{"ignition", "ignition_up"}) { // by the fan and four, and five more of the twelve
		t.Fatalf("twelve people in twelve seconds: %v", got)
	}
	g := th.said.insight.Ignition
	if g.Level != 2 || g.Goal != ignitionMin+1 || g.People != 3 || g.ExpiresMs == 0 {
		t.Errorf("%v", g)
	}
	for n := range uint64(5) {
		second(30 + n)
	}
	for range 200 {
		second()
	}
	up := slices.DeleteFunc(th.alerts(), func(k string) bool { return k != "ignition_up" })
	if len(up) != 2 { // the three that were left, and three of the five
		t.Errorf("levels told: %v", up)
	}
	if g := th.said.insight.Ignition; g.Level != 0 || g.BestLevel != 3 {
		t.Errorf("after the timer: %v", g)
	}
}

// Fewer copies by many new accounts weigh less from 40 s on; the twin that believes everything tells by how much, and what
// distrust takes is a sink. Nothing else of the room changes, and money least of all.
func TestWhoIsNotBelievedHeatsLess(t *testing.T) {
	th := newTheater(t)
	second := func(n uint64) {
		for i := range uint64(4) {
			th.apply(th.say(1+(n*4+i)%60, fmt.Sprint("unlike any other ", n*7919%1000, " ", i)))
		}
		for i := range uint64(3) {
			bot := th.say(1000+(n*3+i)%40, "今すぐプロフィールのリンクから無料で登録してギフト券をもらおう")
			bot.AccountCreatedMs = th.ms - 3_600_000
			th.apply(bot)
		}
		th.ms += 1000
	}
	for n := range uint64(60) {
		second(n)
	}
	r := th.said.room.Final
	if r.Raw.HeatJoules != r.Heat.HeatJoules {
		t.Errorf("within the delay: %v J of %v", r.Heat.HeatJoules, r.Raw.HeatJoules)
	}
	for n := range uint64(300) {
		second(60 + n)
	}
	r = th.said.room.Final
	if !(r.Heat.HeatJoules < .99*r.Raw.HeatJoules) || r.Heat.ActiveHeads != r.Raw.ActiveHeads {
		t.Errorf("%v J of %v are believed", r.Heat.HeatJoules, r.Raw.HeatJoules)
	}
	if lost := th.f.shows["S"].final.balance.distrust; !(lost > 0) {
		t.Errorf("distrust takes %v watts", lost)
	}
	i := th.said.insight.Trust
	if len(i.Floods) == 0 || len(i.Floods[0].Evidence) == 0 {
		t.Errorf("no flood with evidence: %v", i)
	}
	if got := th.alerts(); !slices.Contains(got, "lookalike_flood") {
		t.Errorf("alerts %v", got)
	}
}

// The funnel tells how many of each stage are not believed: whoever speaks by the clock, and only where they have been.
func TestFunnelHasItsTrustedTwin(t *testing.T) {
	th := newTheater(t)
	for n := range uint64(900) {
		for i := range uint64(4) {
			th.apply(th.say(1+(n*4+i*i)%60, fmt.Sprint("unlike any other ", n*7919%1000, " ", i)))
		}
		if n%6 == 0 {
			for bot := range uint64(5) {
				th.apply(th.say(1000+bot, "今すぐプロフィールのリンクから無料で登録してギフト券をもらおう"))
			}
		}
		if n == 10 {
			th.apply(th.act(eventpb.Kind_KIND_PRODUCT_CLICK, 1000, "lip"), th.act(eventpb.Kind_KIND_PRODUCT_CLICK, 7, "lip"))
		}
		th.ms += 1000
	}
	i := th.said.insight
	doubted := func(stages []*eventpb.Stage) (all []int64) {
		for _, s := range stages {
			all = append(all, s.Doubted)
		}
		return all
	}
	if i.Trust.Suspects != 5 {
		t.Fatalf("%d suspects", i.Trust.Suspects)
	}
	if got := doubted(i.Funnel.Stages); !slices.Equal(got, []int64{5, 5, 0, 1, 0, 0, 0, 0}) {
		t.Errorf("of the room are doubted %v", got)
	}
	if got := doubted(i.Products[0].Stages); !slices.Equal(got, []int64{1, 0, 0, 1, 0, 0, 0, 0}) {
		t.Errorf("of the product are doubted %v", got)
	}
}

// A hot room that stops buying is told so once, with its numbers; and again only after it has bought.
func TestNoOrderIsToldOnce(t *testing.T) {
	th := newTheater(t)
	minute := func(orders int) {
		for s := range 60 {
			for i := range uint64(2) {
				th.apply(th.say(1+(uint64(s)*2+i)%50, fmt.Sprint("text ", th.ids)))
			}
			if s < orders {
				th.apply(th.order(uint64(1+s), fmt.Sprint("o", th.ids), "lip"))
			}
			th.ms += 1000
		}
	}
	for range 3 {
		minute(2)
	}
	for range 15 {
		minute(0)
	}
	only := func(kind string) []string {
		return slices.DeleteFunc(th.alerts(), func(k string) bool { return k != kind })
	}
	if n := len(only("no_order")); n != 1 {
		t.Errorf("no order for a quarter of an hour was told %d times", n)
	}
	minute(2)
	for range 12 {
		minute(0)
	}
	if n := len(only("no_order")); n != 2 {
		t.Errorf("two dry spells were told %d times", n)
	}
}

// A call after which the room clearly cools is told.
func TestCooledAfterCall(t *testing.T) {
	th := newTheater(t)
	for s := range uint64(300) {
		for i := range uint64(10) {
			th.apply(th.say(1+(s*10+i)%120, fmt.Sprint("text ", th.ids)))
		}
		th.ms += 1000
	}
	th.apply(th.act(eventpb.Kind_KIND_CALL, 0, ""))
	for s := range uint64(150) {
		if s%3 == 0 {
			th.apply(th.say(1+s%120, fmt.Sprint("text ", th.ids)))
		}
		th.ms += 1000
	}
	th.pass(40_000)
	if got := th.alerts(); !slices.Contains(got, "cooled_after_call") {
		t.Errorf("alerts %v", got)
	}
}

// The flow between two bodies is not known before five minutes, and is graded C whatever it is. After a rest it begins anew.
func TestConductanceIsDescriptive(t *testing.T) {
	th := newTheater(t)
	heat := 0. // the ESOL's, who talks in every other minute
	warm := func(seconds int) {
		for i := range seconds {
			var events []*eventpb.Event
			for n := range 1 + int(heat/3) { // the hotter, the more people of the room do something
				events = append(events, th.act(eventpb.Kind_KIND_SHARE, uint64(20*(i%60)+n)+2, ""))
			}
			heat *= .9885
			if i/60%2 == 0 {
				events = append(events, th.host("次はこちら"))
				heat++
			}
			th.apply(events...)
			th.ms += 1000
		}
	}
	flow := func() *eventpb.Flow { return th.said.insight.Flows[1] } // as of some 40 s ago
	warm(300)
	if f := flow(); f.Conductance.Insufficient != "too_few_panes" || !(f.Conductance.N > 100) {
		t.Errorf("after 300 s: %v", f.Conductance)
	}
	warm(900)
	f := flow()
	if c := f.Conductance; f.To != "audience" || c.Insufficient != "" || c.Grade != eventpb.Grade_GRADE_C ||
		!(c.Lo > 0 && c.Lo <= c.Value && c.Value <= c.Hi) {
		t.Errorf("after 1200 s: %v", f)
	}
	th.pass(400_000)
	warm(200)
	if f := flow(); !(f.Conductance.N < 200) {
		t.Errorf("after a rest: %v", f.Conductance)
	}
}
