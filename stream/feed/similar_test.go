package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators/likeness"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// exampleProfile is what a show of an hour says: people from a number on, who talk of glow and buy lipstick in the
// evening.
func exampleProfile(esol string, people uint64, theta float64) *likeness.Profile {
	p := &likeness.Profile{
		Esol: esol, Name: strings.ToUpper(esol), Pane: 1000, Largest: int64(people), Microjoules: 5e9,
	}
	for n := range people {
		p.People.Add(event.ID{Hi: n + 1})
	}
	p.Words[likeness.WordDim(7)], p.Words[likeness.WordDim(7)^1] = 400, 9
	p.Prices[3], p.Prices[7], p.Hours[12] = 30, 2, 4e9
	p.Named = likeness.Collect([]likeness.Named{
		{Dim: likeness.WordDim(7), ID: "b/glow", Name: "Glow", Amount: 300},
		{Dim: likeness.CategoryDim("lips"), ID: "lips", Name: "lips", Amount: 1e9},
	})
	for range 360 {
		p.Theta.Add(theta)
	}
	return p
}

func profileMeter(show string, p *likeness.Profile) *eventpb.Meter {
	return &eventpb.Meter{Version: event.Version, Scope: "show/" + show, Part: partProfile, Profile: p.Message(show)}
}

func (r *rig) similar(path string) (int, Similar, string) {
	code, body, _ := r.get("/v1/esols/" + path)
	var d Similar
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		r.t.Fatalf("%s: %v in %s", path, err, body)
	}
	return code, d, body
}

func TestSimilar(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		other := exampleProfile("other/one", 5000, 1)
		other.Words, other.Named, other.Hours = [64]int64{50: 1000}, nil, [24]int64{3: 5}
		for i, p := range []*likeness.Profile{
			exampleProfile("hanako", 200, 1), exampleProfile("twin", 100, 1.25), other, exampleProfile("hot", 200, 2.1),
		} {
			r.apply(profileMeter(fmt.Sprint(i, "a"), p), profileMeter(fmt.Sprint(i, "b"), p))
		}
		r.apply(profileMeter("new", exampleProfile("new", 200, 1)))

		_, d, body := r.similar("hanako/similar")
		if d.EsolID != "hanako" || d.Name != "HANAKO" || d.Shows != 2 || d.Insufficient != nil || len(d.Similar) != 2 {
			t.Fatalf("%s", body)
		}
		h := d.Similar[0]
		if h.EsolID != "twin" || math.Abs(number(h.HeatMatch)-.8) > .001 || number(h.Cosine) != 1 ||
			number(h.LowerBound) != 1 ||
			number(h.Score) != number(h.HeatMatch) || d.Similar[1].EsolID != "other/one" {
			t.Errorf("%s", body)
		}
		if o := h.Overlap; o == nil || number(o.Jaccard) < .3 || number(o.Jaccard) > .7 || number(o.SE) > .06 ||
			o.People < 70 || o.People > 130 {
			t.Errorf("half of the people are the same: %+v", o)
		}
		kinds := map[string]int{}
		for _, tr := range h.Traits {
			kinds[fmt.Sprint(tr.Kind, tr.Names)]++
			hour, price := tr.Kind == "hour", tr.Kind == "price"
			if hour != (tr.HourUTC != nil) || price != (tr.FromYen != nil) || number(tr.Share) <= 0 {
				t.Errorf("%+v", tr)
			}
		}
		want := map[string]int{"word[Glow]": 1, "word[]": 1, "category[lips]": 1, "price[]": 2, "hour[]": 1}
		if !maps.Equal(kinds, want) {
			t.Errorf("they share %v", kinds)
		}

		for _, c := range []struct {
			path string
			code int
			has  string
		}{
			{"hanako/similar?limit=1", 200, `"esol_id":"twin"`},
			{"hanako/similar?min_audience=1000", 200, `"esol_id":"other/one"`},
			{"other%2Fone/similar", 200, `"esol_id":"other/one"`},
			{"new/similar", 200, `"insufficient":"too_few_shows","layout":1,"similar":[]`},
			{"nobody/similar", 404, `"code":"NOT_FOUND"`},
			{"hanako/similar?limit=0", 400, `"code":"BAD_PARAMETER"`},
			{"hanako/similar?limit=101", 400, `"code":"BAD_PARAMETER"`},
			{"hanako/similar?min_audience=-1", 400, `"code":"BAD_PARAMETER"`},
			{"hanako/similar?min_followers=5", 400, `"code":"UNKNOWN_PARAMETER"`},
			{"hanako/alike", 404, `"code":"NOT_FOUND"`},
		} {
			if code, _, body := r.similar(c.path); code != c.code || !strings.Contains(body, c.has) {
				t.Errorf("%s: %d %s", c.path, code, body)
			}
		}
		if _, d, body := r.similar("hanako/similar?min_audience=1000"); len(d.Similar) != 1 {
			t.Errorf("of more than 1000 people: %s", body)
		}
		r.server.hub.live = false
		if code, _, body := r.similar("hanako/similar"); code != 503 {
			t.Errorf("while catching up: %d %s", code, body)
		}
	})
}

// TestProfilesAreAbsoluteAndFollowTheirShow: what is said again replaces, what is older does not, a show may change
// hands, and a tombstone takes back.
func TestProfilesAreAbsoluteAndFollowTheirShow(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		a, b := exampleProfile("hanako", 60, 1), exampleProfile("hanako", 90, 1)
		older := r.change(profileMeter("1", a))
		r.apply(profileMeter("1", b), profileMeter("2", a))
		r.server.hub.apply([]change{older}, nil)
		if _, d, body := r.similar("hanako/similar"); d.Shows != 2 || d.Audience < 90 {
			t.Fatalf("%s", body)
		}
		r.apply(profileMeter("2", exampleProfile("jiro", 60, 1)))
		_, h, _ := r.similar("hanako/similar")
		if _, j, body := r.similar("jiro/similar"); h.Shows != 1 || j.Shows != 1 {
			t.Errorf("hanako has %d, jiro %s", h.Shows, body)
		}
		r.takeBack("show/1", partProfile)
		if code, _, body := r.similar("hanako/similar"); code != 404 {
			t.Errorf("taken back: %d %s", code, body)
		}
		r.server.hub.apply([]change{older}, nil)
		if code, _, body := r.similar("hanako/similar"); code != 404 {
			t.Errorf("an older one came back from the grave: %d %s", code, body)
		}
		if _, j, body := r.similar("jiro/similar"); j.Shows != 1 {
			t.Errorf("jiro: %s", body)
		}
		if code, _, _ := r.get("/v1/meters/show/1"); code != 404 {
			t.Error("a profile makes a show's document")
		}
	})
}

// TestProfilesAreMergedBeforeTheFeedIsLive: merging all of them takes half a second, which is no request's to wait for.
func TestProfilesAreMergedBeforeTheFeedIsLive(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		h := r.server.hub
		h.live = false
		r.apply(profileMeter("1", exampleProfile("hanako", 60, 1)), profileMeter("2", exampleProfile("jiro", 60, 1)))
		if code, _, body := r.similar("hanako/similar"); code != 503 || len(h.meters.profiles.all) != 0 {
			t.Errorf("while catching up: %d %s, and %d are merged", code, body, len(h.meters.profiles.all))
		}
		h.goLive()
		if n, stale := len(h.meters.profiles.all), len(h.meters.profiles.stale); n != 2 || stale != 0 {
			t.Errorf("live with %d merged, %d to be", n, stale)
		}
		if code, d, body := r.similar("hanako/similar"); code != 200 || d.Shows != 1 {
			t.Errorf("once live: %d %s", code, body)
		}
	})
}

func TestProfilesAreBounded(t *testing.T) {
	p := newProfiles()
	for i := range maxProfiles + 10 {
		c := change{profile: &likeness.Profile{Esol: fmt.Sprint("e", i%5000), Pane: int64(i), Shows: 1}}
		c.scope = fmt.Sprint("show/", i)
		p.set(c)
	}
	if n := len(p.shows); n > maxProfiles || n < maxProfiles*9/10 {
		t.Errorf("%d profiles are held", n)
	}
	if p.shows["show/0"] != nil || p.shows[fmt.Sprint("show/", maxProfiles)] == nil {
		t.Error("it was not the oldest that went")
	}
	if _, all := p.find("e1"); len(all) != 5000 {
		t.Errorf("%d ESOLs", len(all))
	}
}

func TestProfilesThatCannotBe(t *testing.T) {
	good := profileMeter("S1", exampleProfile("e", 60, 1))
	for name, c := range map[string]struct {
		spoil func(m *eventpb.Meter)
		want  error
	}{
		"another layout": {func(m *eventpb.Meter) { m.Profile.Layout = 2 }, errPart},
		"another show":   {func(m *eventpb.Meter) { m.Profile.ShowId = "S2" }, errMeter},
		"no profile":     {func(m *eventpb.Meter) { m.Profile = nil }, errMeter},
		"short":          {func(m *eventpb.Meter) { m.Profile.Words = nil }, errMeter},
	} {
		m := &eventpb.Meter{}
		b, err := good.MarshalVTStrict()
		if err == nil {
			err = m.UnmarshalVT(b)
		}
		if err != nil {
			t.Fatal(err)
		}
		c.spoil(m)
		if b, err = m.MarshalVTStrict(); err != nil {
			t.Fatal(err)
		}
		if _, err := decodeMeter([]byte("show/S1/profile"), b, "show/0/1/0"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
