package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/event/eventpb"
)

func TestAnInsightIsPartOfItsShow(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1))
		c := r.client()
		defer c.close()
		c.subscribe("show/S1", "")
		if got := c.part("show/S1", "sync"); got != "null" {
			t.Fatalf("sync before the first insight: %s", got)
		}
		r.apply(insightMeter("S1", exampleInsight()))
		time.Sleep(time.Second)
		if got := c.part("show/S1", "insight_at"); got != `"2026-03-08T11:59:20.000Z"` {
			t.Errorf("insight_at: %s", got)
		}
		if got := c.part("show/S1", "sync"); !strings.Contains(got, `"rate":{"grade":"B","hi":61,"insufficient":null,"lo":37.5,`) ||
			!strings.Contains(got, `"value":48.2`) {
			t.Errorf("sync: %s", got)
		}
		r.takeBack("show/S1", "insight")
		time.Sleep(time.Second)
		if got := c.part("show/S1", "products"); got != "null" {
			t.Errorf("products after the insight was taken back: %s", got)
		}
		if err := c.has("show/S1", r.document("show/S1")); err != nil {
			t.Error(err)
		}
	})
}

// TestAScopeOfAnInsightAlone: it comes before its room and goes after it, and the scope with it.
func TestAScopeOfAnInsightAlone(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(insightMeter("S1", exampleInsight()))
		for _, want := range []string{`"state":"unknown"`, `"room":null`, `"backed_share":0.34`} {
			if got := r.document("show/S1"); !strings.Contains(got, want) {
				t.Errorf("an insight alone lacks %s: %s", want, got)
			}
		}
		r.takeBack("show/S1", "insight")
		if got := r.document("show/S1"); got != "null" {
			t.Errorf("a show of nothing: %s", got)
		}
	})
}

// TestDocumentsNameNoPerson: whatever an insight holds, its persons' ids are in no document.
func TestDocumentsNameNoPerson(t *testing.T) {
	b, err := encode(insightDocument(exampleInsight()))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []uint64{aPersonHi, aPersonLo} {
		for _, form := range []string{fmt.Sprint(id), fmt.Sprintf("%x", id), fmt.Sprint(float64(id))} {
			if strings.Contains(string(b), form) {
				t.Errorf("the document holds %s", form)
			}
		}
	}
	if strings.Contains(string(b), "person") {
		t.Error("the document speaks of a person")
	}
}

// TestFewerThanThreePeopleAreACount: no weight, reason, evidence or time of one or two people.
func TestFewerThanThreePeopleAreACount(t *testing.T) {
	for n := range int64(5) {
		i := exampleInsight()
		i.Trust.Suspects, i.Trust.Floods[0].Accounts, i.Questions.Bought = n, n, n
		d := insightDocument(i)
		enough := n >= 3
		if (len(d.Trust.Worst) > 0) != enough || d.Trust.Suspects != n {
			t.Errorf("%d suspects: %+v", n, d.Trust)
		}
		if f := d.Trust.Floods[0]; (len(f.Evidence) > 0) != enough || f.Accounts != n {
			t.Errorf("a flood of %d accounts: %+v", n, f)
		}
		if (d.Questions.SecondsToBuy != nil) != enough {
			t.Errorf("%d buyers: %v", n, d.Questions.SecondsToBuy)
		}
	}
}

func TestEstimates(t *testing.T) {
	for _, c := range []struct {
		name string
		in   *eventpb.Estimate
		want string
	}{
		{"nothing said", nil, `null`},
		{"known", known(.4, .3, .5, gradeB, 12), `{"value":0.4,"lo":0.3,"hi":0.5,"grade":"B","insufficient":null,"n":12}`},
		{"without an interval", known(.4, 0, 0, gradeA, 12),
			`{"value":0.4,"lo":null,"hi":null,"grade":"A","insufficient":null,"n":12}`},
		{"an interval that ends at zero", known(-.1, -.2, 0, 0, 3),
			`{"value":-0.1,"lo":-0.2,"hi":0,"grade":null,"insufficient":null,"n":3}`},
		{"not known", unknown("no_transcript", 5),
			`{"value":null,"lo":null,"hi":null,"grade":null,"insufficient":"no_transcript","n":5}`},
		{"no number", known(math.NaN(), math.Inf(-1), math.Inf(1), gradeC, 1),
			`{"value":null,"lo":null,"hi":null,"grade":"C","insufficient":null,"n":1}`},
	} {
		if got, err := encode(estimate(c.in)); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, expected %s (%v)", c.name, got, c.want, err)
		}
	}
}

// TestAnEmptyInsightIsWhole: a fold that says little leaves a document in which lists are lists.
func TestAnEmptyInsightIsWhole(t *testing.T) {
	i := &eventpb.Insight{Sync: &eventpb.Sync{}, Trust: &eventpb.Trust{Worst: []*eventpb.Suspect{{}}, Suspects: 3}}
	b, err := encode(insightDocument(i))
	if err != nil || !json.Valid(b) {
		t.Fatalf("%v: %s", err, b)
	}
	for _, name := range []string{"bodies", "flows", "products", "beats", "pins", "missing", "calls", "floods"} {
		if regexp.MustCompile(`"` + name + `":null`).Match(b) {
			t.Errorf("%s is null in an insight: %s", name, b)
		}
	}
}

// chunksOf makes trends of n points that end at noon, with the values that f gives to the k-th from the end.
func chunksOf(n int, f func(k int, p *eventpb.TrendPoint)) []*eventpb.Trend {
	held := &scope{places: map[string]place{}}
	byFrom := map[int64]*eventpb.Trend{}
	for k := n - 1; k >= 0; k-- {
		p := &eventpb.TrendPoint{Pane: noon - 1 - 10*int64(k), Heat: &eventpb.Heat{}}
		f(k, p)
		from := p.Pane / 600 * 600
		if byFrom[from] == nil {
			byFrom[from] = &eventpb.Trend{FromPane: from}
		}
		byFrom[from].Points = append(byFrom[from].Points, p)
		held.setTrend(byFrom[from])
	}
	return held.trends
}

func TestContext(t *testing.T) {
	// Twice the comments and half the temperature of the ten minutes before; hours before those count for nothing.
	of := func(n int) *Context {
		return contextDocument(paceOf(chunksOf(n, func(k int, p *eventpb.TrendPoint) {
			p.Comments, p.Heat.Temperature, p.Viewers = 10, .5, -1
			switch {
			case k >= 120:
				p.Comments, p.Heat.Temperature = 1000, 1000
			case k >= 60:
				p.Comments, p.Heat.Temperature = 5, 1
			}
		})), nil)
	}
	say := func(c *Context) string {
		b, err := encode(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	relative := func(name string, last, before any, minutes float64, change any) string {
		b, err := encode(map[string]any{name: map[string]any{
			"last_10m": last, "before_10m": before, "change_ratio": change, "percentile": nil,
			"last_minutes": 10, "before_minutes": minutes,
		}})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for n, want := range map[int][]string{
		180: {relative("temperature_j_per_head", .5, 1, 10, -.5), relative("comments", 600, 300, 10, 1)},
		120: {relative("comments", 600, 300, 10, 1), relative("orders", 0, 0, 10, nil)},
		// Five minutes before are enough, and set against ten by the minute.
		90: {relative("temperature_j_per_head", .5, 1, 5, -.5), relative("comments", 600, 150, 5, 1)},
		89: {relative("temperature_j_per_head", .5, 1, 4.8, nil), relative("comments", 600, 145, 4.8, nil)},
		60: {relative("comments", 600, nil, 0, nil)},
		0:  nil,
	} {
		got := of(n)
		if (got == nil) != (want == nil) {
			t.Fatalf("%d points: %v", n, got)
		}
		for _, w := range want {
			same(t, say(got), w)
		}
		if got != nil && (got.Viewers.Last != nil || got.Viewers.LastMinutes != 0) {
			t.Errorf("%d points: viewers that nobody told: %+v", n, got.Viewers)
		}
	}
}

// same compares the one field of want with the same of got, both JSON, whatever the order in them.
func same(t *testing.T, got, want string) {
	t.Helper()
	var g, w map[string]any
	if err := errors.Join(json.Unmarshal([]byte(got), &g), json.Unmarshal([]byte(want), &w)); err != nil {
		t.Fatal(err)
	}
	for name := range w {
		if !reflect.DeepEqual(g[name], w[name]) {
			t.Errorf("%s: %v, expected %v", name, g[name], w[name])
		}
	}
}

// TestTwentyMinutesFitTheChunks: whatever second a show's newest point is at, the chunks held reach back to the oldest
// of its 120 points.
func TestTwentyMinutesFitTheChunks(t *testing.T) {
	for shift := range int64(60) {
		s := &scope{places: map[string]place{}}
		for k := int64(200); k >= 0; k-- {
			pane := noon - 1 + 10*(shift-k)
			from := pane / 600 * 600
			var chunk *eventpb.Trend
			if n := len(s.trends); n > 0 && s.trends[n-1].FromPane == from {
				chunk = s.trends[n-1]
			} else {
				chunk = &eventpb.Trend{FromPane: from}
			}
			chunk.Points = append(chunk.Points, &eventpb.TrendPoint{Pane: pane})
			s.setTrend(chunk)
		}
		if w := s.pace[paceComments]; w.last.points != 60 || w.before.points != 60 {
			t.Fatalf("shifted by %d points: %d and %d in the two windows", shift, w.last.points, w.before.points)
		}
	}
}

// TestPercentile: it is the share of the others that are lower, whatever their order, and nothing among few.
func TestPercentile(t *testing.T) {
	at := func(v float64, points int) pace {
		var p pace
		for range points {
			p[paceComments].last.add(v)
		}
		return p
	}
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 9), 0, 30).Draw(rt, "others")
		own := rapid.Float64Range(0, 9).Draw(rt, "own")
		var others []pace
		lower := 0
		for i, v := range values {
			others = append(others, at(v, 30+i)) // of other lengths: it is the rate that counts
			if at(v, 30+i)[paceComments].last.mean() < at(own, 60)[paceComments].last.mean() {
				lower++
			}
		}
		others = append(others, at(0, 29)) // too young to count
		got := at(own, 60).percentile(paceComments, others)
		if len(values) < 5 {
			if got != nil {
				rt.Fatalf("%v among %d", *got, len(values))
			}
			return
		}
		if want := float64(lower) / float64(len(values)); got == nil || math.Abs(*got-want) > 1e-4 {
			rt.Fatalf("%v, expected %v", got, want)
		}
		if at(own, 29).percentile(paceComments, others) != nil {
			rt.Fatal("a standing after less than five minutes")
		}
	})
}

// TestContextCountsTheShowsOnTheAir: ended shows and one's own are no others, and who is off the air has no standing.
func TestContextCountsTheShowsOnTheAir(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		for i := range 7 {
			m := roomMeter(fmt.Sprint("S", i), "hanako", 40, 1)
			if i == 6 {
				m.Room.State = eventpb.RoomState_ROOM_STATE_ENDED
			}
			chunk := trendChunk(noon-600, 60)
			for _, p := range chunk.Points {
				p.Comments = int64(i)
			}
			r.apply(m, &eventpb.Meter{
				Version: 1, Scope: m.Scope, Part: fmt.Sprint(partTrend, chunk.FromPane), Trend: chunk,
			})
		}
		standing := func(show string) *float64 {
			var d Show
			if err := json.Unmarshal([]byte(r.document("show/"+show)), &d); err != nil {
				t.Fatal(err)
			}
			return d.Context.Comments.Percentile
		}
		for show, want := range map[string]float64{"S0": 0, "S4": .8, "S5": 1} {
			if got := standing(show); got == nil || *got != want {
				t.Errorf("%s: %v, expected %v", show, got, want)
			}
		}
		if got := standing("S6"); got != nil {
			t.Errorf("an ended show stands at %v", *got)
		}
		c := r.client()
		defer c.close()
		c.subscribe("show/S4", "")
		if got := c.part("show/S4", "context"); !strings.Contains(got, `"percentile":0.8`) {
			t.Errorf("S4 on the air: %s", got)
		}
		m := roomMeter("S4", "hanako", 40, 1)
		m.Room.State = eventpb.RoomState_ROOM_STATE_ENDED
		r.apply(m)
		time.Sleep(time.Second)
		if got := c.part("show/S4", "context"); strings.Contains(got, `"percentile":0`) {
			t.Errorf("S4 after its end: %s", got)
		}
	})
}

func TestRowsAskForAttention(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1), insightMeter("S1", exampleInsight()))
		c := r.client()
		defer c.close()
		c.subscribe("shows", "")
		watermark := exampleRoom("S1", "hanako", 40, 1).WatermarkMs
		offset := int64(0)
		alert := func(kind string, before time.Duration) {
			offset++
			at := watermark - before.Milliseconds()
			r.alert(offset, alertDocument(&eventpb.Alert{
				Id: fmt.Sprint(kind, at), Scope: "show/S1", ShowId: "S1", EsolId: "hanako", Kind: kind, TimeMs: at,
			}))
			time.Sleep(time.Second)
		}
		want := func(when, attention string) {
			t.Helper()
			if got := c.part("shows", "shows"); !strings.Contains(got, `"attention":`+attention+`,`) {
				t.Errorf("%s: %s", when, got)
			}
		}
		want("before", "null")
		alert("ignition", time.Second)
		want("a moment is no diagnosis", "null")
		alert("no_order", 301*time.Second)
		want("long ago", "null")
		alert("cold_brand", 300*time.Second)
		want("five minutes ago", `"cold_brand"`)
		alert("hot_not_buying", 10*time.Second)
		want("a later one", `"hot_not_buying"`)
		alert("reverse_flow", time.Minute)
		want("one that comes late", `"hot_not_buying"`)
		for _, field := range []string{`"sync":48.2,`, `"contagion_lo":0.12,`, `"contagion_hi":0.41,`, `"contagion_grade":"B",`,
			`"ignition_level":2,`, `"trend":null`} {
			if got := c.part("shows", "shows"); !strings.Contains(got, field) {
				t.Errorf("the row of an insight lacks %s: %s", field, got)
			}
		}
	})
}

// TestDiagnosesAreBoundedWithTheAlerts: one that has been pushed out asks for nothing.
func TestDiagnosesAreBoundedWithTheAlerts(t *testing.T) {
	l := newAlerts()
	for i := range int64(3 * maxAlerts) {
		id := fmt.Sprint(i)
		l.add(place{origin{"show", 0}, parsed(i)}, AlertView{ID: id, ShowID: id, Kind: "no_order", timeMS: i})
	}
	if len(l.diagnoses) != maxAlerts || l.attention("0", 1) != "" || l.attention("1499", 1500) != "no_order" {
		t.Errorf("%d diagnoses of %d alerts", len(l.diagnoses), len(l.latest))
	}
}

// TestTheFunnelOfAnESOL sums those of the shows, whichever stages they name, and follows their insights.
func TestTheFunnelOfAnESOL(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1), roomMeter("S2", "hanako", 20, 1), roomMeter("S3", "mateo", 20, 1))
		funnel := func(want string) {
			t.Helper()
			if got := r.document("esol/hanako"); !strings.Contains(got, `"funnel":`+want+`,"shows":[`) {
				t.Errorf("the funnel should be %s: %s", want, got)
			}
		}
		funnel("null")
		insight := func(show string, stages ...*eventpb.Stage) {
			i := exampleInsight()
			i.Funnel = &eventpb.Funnel{Stages: stages}
			r.apply(insightMeter(show, i))
		}
		insight("S1", &eventpb.Stage{Name: "seen", People: 90, Bought: 4, Doubted: 2},
			&eventpb.Stage{Name: "bought", People: 4, Bought: 4})
		insight("S2", &eventpb.Stage{Name: "seen", People: 10, Bought: 1, Doubted: 1}, &eventpb.Stage{Name: "asked", People: 2})
		insight("S3", &eventpb.Stage{Name: "seen", People: 1000})
		funnel(`{"shows":2,"stages":[{"name":"seen","people":100,"bought":5,"trusted":97},` +
			`{"name":"bought","people":4,"bought":4,"trusted":4},{"name":"asked","people":2,"bought":0,"trusted":2}]}`)
		r.takeBack("show/S1", "insight")
		funnel(`{"shows":1,"stages":[{"name":"seen","people":10,"bought":1,"trusted":9},` +
			`{"name":"asked","people":2,"bought":0,"trusted":2}]}`)
	})
}
