package feed

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// soldMeter is of a show that sells for some brands, with a heat in halves: sums of those are exact.
func soldMeter(show string, state eventpb.RoomState, halves, heads int64, brands ...string) *eventpb.Meter {
	m := roomMeter(show, "hana", 40, 1)
	m.Room.State, m.Room.BrandIds = state, brands
	m.Room.Provisional.Heat = &eventpb.Heat{
		HeatJoules: float64(halves) / 2, CapacityHeads: float64(heads), ActiveHeads: heads, PowerWatts: .25, EffectiveActs: 40,
		Temperature: float64(halves) / 2 / float64(heads), TemperatureLo: float64(halves) / 4 / float64(heads),
		TemperatureHi: float64(halves) / float64(heads), Gauge: 50, GaugeLo: 40, GaugeHi: 60, Grade: eventpb.Grade_GRADE_B, Viewers: -1,
	}
	return m
}

// brandMeter is a part of a campaign of a brand.
func brandMeter(campaign, part, brand string) *eventpb.Meter {
	for _, m := range campaignMeters(campaign) {
		if m.Part == part {
			m.BrandId = brand
			return m
		}
	}
	panic("cannot happen: no such part of a campaign")
}

// brandOracle is a world of shows and campaigns, looked through from the start each time.
type brandOracle struct {
	rooms map[string]*eventpb.Room
	parts map[string]string // of campaigns that are there, by scope/part
	whose map[string]string // by scope, by the last part that was said of it
}

// of is a brand's document as far as it is of others, in plain words: T = ΣQ/ΣC in exact fractions.
func (o *brandOracle) of(brand string) string {
	q, c, heads := new(big.Rat), new(big.Rat), int64(0)
	var shows, shared []string
	known := false // also by a show that has ended, as long as it is remembered
	for name, r := range o.rooms {
		known = known || slices.Contains(r.BrandIds, brand)
		if r.State == eventpb.RoomState_ROOM_STATE_ENDED || !slices.Contains(r.BrandIds, brand) {
			continue
		}
		shows = append(shows, name)
		if len(r.BrandIds) > 1 {
			shared = append(shared, name)
		}
		h := r.Provisional.Heat
		q.Add(q, new(big.Rat).SetFloat64(h.HeatJoules))
		c.Add(c, new(big.Rat).SetFloat64(h.CapacityHeads))
		heads += h.ActiveHeads
	}
	campaigns := map[string]bool{}
	for name := range o.parts {
		scope := name[:strings.LastIndexByte(name, '/')]
		if o.whose[scope] == brand {
			campaigns[scope] = true
		}
	}
	if !known && len(campaigns) == 0 {
		return "nothing"
	}
	heat := "no heat"
	if len(shows) > 0 {
		t, _ := new(big.Rat).Quo(q, c).Float64()
		joules, _ := q.Float64()
		heat = fmt.Sprintf("%d %.4f J %.4f J/head %d heads", len(shows), joules, math.Round(t*1e4)/1e4, heads)
	}
	return fmt.Sprintf("%s, %d on air, %d shared, %d campaigns", heat, len(shows), len(shared), len(campaigns))
}

func saidOfBrand(document string) (string, error) {
	var d *Brand
	if err := json.Unmarshal([]byte(document), &d); err != nil || d == nil {
		return "nothing", err
	}
	heat := "no heat"
	if h := d.Heat; h != nil {
		heat = fmt.Sprintf("%d %.4f J %.4f J/head %d heads", h.Shows, *h.Joules, *h.Temperature, h.ActiveHeads)
		if lo, hi := h.TemperatureLo, h.TemperatureHi; h.Gauge == nil || lo == nil || *lo > *h.Temperature || *hi < *h.Temperature {
			return "", fmt.Errorf("no gauge, or an interval without its number: %+v", h)
		}
	}
	if len(d.Shows) != min(d.OnAir, brandRows) {
		return "", fmt.Errorf("%d rows of %d shows", len(d.Shows), d.OnAir)
	}
	if !slices.IsSortedFunc(d.Shows, hotterOfBrand) {
		return "", fmt.Errorf("the rows are not the hottest first: %+v", d.Shows)
	}
	return fmt.Sprintf("%s, %d on air, %d shared, %d campaigns", heat, d.OnAir, d.OnAirShared, len(d.Campaigns)), nil
}

// TestABrandIsWhatItsShowsAndCampaignsComeTo: shows that sell it and go off the air, campaigns that change hands, parts that are
// taken back. What is made is what a plain look at all of them comes to, and what a subscriber holds is the same.
func TestABrandIsWhatItsShowsAndCampaignsComeTo(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		brands := []string{"acme", "bolt", "coco"}
		type step struct {
			does, show, campaign, part, brand string
			sells                             []string
			state                             eventpb.RoomState
			halves, heads                     int64
		}
		var steps []step
		for range rapid.IntRange(1, 25).Draw(rt, "steps") { // drawn before: a bubble ends by itself, and not when drawing does
			s := step{
				does:     rapid.SampledFrom([]string{"room", "room", "campaign", "campaign", "no room", "no part"}).Draw(rt, "does"),
				show:     rapid.SampledFrom([]string{"S1", "S2", "S3"}).Draw(rt, "show"),
				campaign: rapid.SampledFrom([]string{"spring", "fall"}).Draw(rt, "campaign"),
				part:     rapid.SampledFrom([]string{partMoney, partCost, partReturns}).Draw(rt, "part"),
				brand:    rapid.SampledFrom(append([]string{""}, brands...)).Draw(rt, "brand"),
				sells:    rapid.SliceOfNDistinct(rapid.SampledFrom(brands), 0, 3, rapid.ID).Draw(rt, "sells"),
				state:    eventpb.RoomState(rapid.Int32Range(1, 3).Draw(rt, "state")),
				halves:   rapid.Int64Range(1, 90).Draw(rt, "heat"),
				heads:    rapid.Int64Range(3, 9).Draw(rt, "heads"),
			}
			slices.Sort(s.sells)
			steps = append(steps, s)
		}
		var wrong error
		inBubble(t, Config{}, func(t *testing.T, r *rig) {
			o := &brandOracle{rooms: map[string]*eventpb.Room{}, parts: map[string]string{}, whose: map[string]string{}}
			c := r.client()
			defer c.close()
			for _, b := range brands {
				c.subscribe("brand/"+b, "")
			}
			for _, s := range steps {
				campaign := "campaign/" + s.campaign
				switch s.does {
				case "room":
					m := soldMeter(s.show, s.state, s.halves, s.heads, s.sells...)
					o.rooms[s.show] = m.Room
					r.apply(m)
				case "campaign":
					r.apply(brandMeter(s.campaign, s.part, s.brand))
					o.parts[campaign+"/"+s.part], o.whose[campaign] = s.brand, s.brand
				case "no room":
					r.takeBack("show/"+s.show, partRoom)
					delete(o.rooms, s.show)
				case "no part":
					r.takeBack(campaign, s.part)
					delete(o.parts, campaign+"/"+s.part)
				}
				time.Sleep(2 * boardEvery)
				synctest.Wait()
				for _, b := range brands {
					document := r.document("brand/" + b)
					got, err := saidOfBrand(document)
					if want := o.of(b); wrong == nil && (err != nil || got != want) {
						wrong = fmt.Errorf("%s: %v: it says %s, expected %s", b, err, got, want)
					}
					if err := c.has("brand/"+b, document); wrong == nil && err != nil {
						wrong = err
					}
					seen[strings.Map(digits, got)]++
				}
			}
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
	if len(seen) < 3 { // with heat, without, and of whom nothing is known
		t.Errorf("the test has lost its teeth: %v", seen)
	}
}

func digits(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

// TestTheLatestPartSaysWhoseACampaignIs: its parts lie in other partitions, and the log may give an old one after a new one.
func TestTheLatestPartSaysWhoseACampaignIs(t *testing.T) {
	parts := []string{partMoney, partCost, partReturns}
	rapid.Check(t, func(rt *rapid.T) {
		type said struct {
			at    int64
			part  string
			brand string
		}
		var all []said
		for i := range rapid.Int64Range(1, 12).Draw(rt, "emissions") {
			brand := rapid.SampledFrom([]string{"", "acme", "bolt"}).Draw(rt, "brand")
			for j, part := range parts {
				all = append(all, said{10*i + int64(j), part, brand})
			}
		}
		m, latest := newMeters(100), said{at: -1}
		for _, s := range rapid.Permutation(all).Draw(rt, "order") { // of one part a partition has the order, and a re-emission has not
			meter := brandMeter("spring", s.part, s.brand)
			value, err := meter.MarshalVTStrict()
			if err != nil {
				rt.Fatal(err)
			}
			c, err := decodeMeter([]byte("campaign/spring/"+s.part), value, fmt.Sprintf("ledger/0/%d/0", s.at))
			if err != nil {
				rt.Fatal(err)
			}
			m.apply(c, func(string) {})
			if s.at > latest.at {
				latest = s
			}
			want, owner := latest.brand, ""
			if want != "" {
				owner = "brand/" + want
			}
			if got := m.owner("campaign/spring"); got != owner || (m.brands[want] != nil) != (want != "") || len(m.brands) > 1 {
				rt.Fatalf("after %+v it is %q's, expected %q; lists %v", s, got, owner, m.brands)
			}
		}
	})
}

// TestNoRouteTellsABrandOfAnother: on every way to read, whoever has brand/acme reads its campaign, and of another brand's is told
// what somebody is told who asks for one that does not exist.
func TestNoRouteTellsABrandOfAnother(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		r.server.c.Series = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, "series") })
		r.server.c.SeriesNeeds = func(*http.Request) access.Fields { return access.Money }
		r.apply(dealMeters("spring", "hana", 40, 90_000, 9_000, 5)...)
		r.apply(dealMeters("bolts", "hana", 40, 90_000, 9_000, 5)...)
		for _, part := range []string{partMoney, partCost, partReturns} {
			r.apply(brandMeter("spring", part, "acme"), brandMeter("bolts", part, "bolt"), brandMeter("nobodys", part, ""))
		}
		r.apply(moneyMeter("brand/acme", 1), moneyMeter("brand/bolt", 1), soldMeter("S1", eventpb.RoomState_ROOM_STATE_ON_AIR, 9, 9, "acme", "bolt"))
		for i, campaign := range []string{"spring", "bolts"} {
			restated := exampleRestatement()
			restated.Id, restated.Scope, restated.EsolId = "r"+campaign, "campaign/"+campaign, ""
			r.take(fmt.Sprintf("ledger/0/%d/0", 20+i), restated)
		}
		bearer := token(t, key, "acme", []string{"brand/acme"}, []string{"room", "money", "insight"})
		for _, path := range []string{
			"/v1/meters/campaign/%s", "/v1/explain?topic=campaign/%s&path=money.gmv", "/v1/campaigns/%s/advice?budget=5",
			"/v1/series?scope=campaign/%s&name=gmv.JPY.net",
		} {
			own := ask(r.server, fmt.Sprintf(path, "spring"), bearer)
			if own.Code != http.StatusOK && !strings.Contains(path, "advice") || own.Code == http.StatusForbidden {
				t.Errorf("%s of its own campaign: %d %s", path, own.Code, own.Body)
			}
			none := ask(r.server, fmt.Sprintf(path, "none"), bearer)
			for _, other := range []string{"bolts", "nobodys"} {
				if w := ask(r.server, fmt.Sprintf(path, other), bearer); w.Code != http.StatusForbidden || w.Body.String() != none.Body.String() {
					t.Errorf("%s of %s: %d %s; of none: %s", path, other, w.Code, w.Body, none.Body)
				}
			}
		}
		for _, path := range []string{
			"/v1/meters/brand/bolt", "/v1/meters/show/S1", "/v1/shows", "/v1/explain?topic=brand/bolt&path=heat.shows",
			"/v1/export?topic=show/S1", "/v1/esols/hana/similar", "/v1/series?scope=brand/bolt&name=gmv.JPY.net", "/metrics",
		} {
			if w := ask(r.server, path, bearer); w.Code != http.StatusForbidden {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
		// What lists many lists its own, and names no other's anywhere.
		for path, own := range map[string]string{
			"/v1/meters/brand/acme": `"id":"spring"`, "/v1/alerts?kind=restate": `"rspring"`, "/v1/alerts": `"alerts":[]`,
			"/v1/explain?topic=brand/acme&path=campaigns.bolts.gmv_net": `"records":[]`,
			"/v1/explain?topic=brand/acme&path=campaigns.spring.hit":    `"campaign/spring/money"`,
			"/v1/explain?topic=brand/acme&path=heat.shows":              `"show/S1/room"`,
			"/v1/explain?topic=brand/acme&path=shows.S2.gauge":          `"records":[]`,
		} {
			w := ask(r.server, path, bearer)
			text := strings.ReplaceAll(w.Body.String(), "campaigns.bolts", "")
			if w.Code != http.StatusOK || !strings.Contains(text, own) || strings.Contains(text, "bolt") || strings.Contains(text, "S2") && !strings.Contains(path, "S2") {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
		for _, frame := range []string{
			`{"t":"sub","topic":"%s"}`, `{"t":"sub","topic":"%s","fields":[]}`, `{"t":"sub","topic":"%s","fields":["as_of"]}`,
			`{"t":"watch","topic":"%s","when":"money.buyers > 0"}`, `{"t":"explain","topic":"%s","path":"money.buyers"}`,
		} {
			c := r.as(t, bearer) // one each: a client of which many frames are refused is sent away
			say := func(frame string) received {
				c.say(frame)
				synctest.Wait()
				all := c.all()
				return all[len(all)-1]
			}
			none := say(fmt.Sprintf(frame, "campaign/none"))
			for _, other := range []string{"campaign/bolts", "campaign/nobodys", "brand/bolt"} {
				if got := say(fmt.Sprintf(frame, other)); got.Code != "FORBIDDEN" || got.raw != none.raw {
					t.Errorf("%s of %s: %s; of none: %s", frame, other, got.raw, none.raw)
				}
			}
			if got := say(fmt.Sprintf(frame, "campaign/spring")); got.T == "err" {
				t.Errorf("%s of its own: %s", frame, got.raw)
			}
			c.close()
		}
		// Nor is an ESOL told of another's show by asking for it as one of her own.
		hana := token(t, key, "hana", []string{"esol/hana"}, []string{"room", "money", "insight"})
		for show, own := range map[string]bool{"S1": true, "S2": false} {
			w := ask(r.server, "/v1/explain?topic=esol/hana&path=shows."+show+".gauge", hana)
			if strings.Contains(w.Body.String(), `"key":"show/`+show) != own {
				t.Errorf("%s as one of hana's: %s", show, w.Body)
			}
		}
		// A signed address is a grant as any other.
		q, err := access.SignAddress(key, "brand/acme", access.Money, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		signed, _, err := r.open("?"+q.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer signed.close()
		for topic, want := range map[string]string{"campaign/spring": "snap", "campaign/bolts": "err"} {
			signed.say(`{"t":"sub","topic":"` + topic + `"}`)
			synctest.Wait()
			if all := signed.all(); all[len(all)-1].T != want {
				t.Errorf("%s of a signed address: %s", topic, all[len(all)-1].raw)
			}
		}
	})
}

// TestACampaignThatChangesHandsIsRevoked: its brand has it no more, by sub or watch, and nothing that was said after; who has it by
// name still does, and the next brand may have it.
func TestACampaignThatChangesHandsIsRevoked(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		const topic = "campaign/spring"
		r.apply(brandMeter("spring", partMoney, "acme"), brandMeter("spring", partReturns, "acme"))
		as := func(name string, scopes ...string) *client {
			return r.as(t, token(t, key, name, scopes, []string{"room", "money", "insight"}))
		}
		acme, bolt, byName := as("acme", "brand/acme"), as("bolt", "brand/bolt"), as("name", topic)
		defer acme.close()
		defer bolt.close()
		defer byName.close()
		for _, c := range []*client{acme, byName} {
			c.subscribe(topic, "")
		}
		acme.say(`{"t":"watch","topic":"` + topic + `","when":"money.buyers > 700"}`)
		synctest.Wait()
		time.Sleep(time.Second)
		moved := brandMeter("spring", partMoney, "bolt")
		moved.Money.Buyers = 777
		r.apply(moved)
		time.Sleep(time.Second)
		synctest.Wait()
		ended := map[string]bool{}
		for _, f := range acme.all() {
			if f.Code == "REVOKED" {
				ended[f.raw[:strings.Index(f.raw, " has ended")]] = true
			}
			if strings.Contains(f.raw, "777") || strings.Contains(f.raw, `"bolt"`) {
				t.Errorf("acme was told of what is bolt's: %s", f.raw)
			}
		}
		if len(ended) != 2 {
			t.Errorf("a sub and a watch should have ended: %v", ended)
		}
		if err := byName.has(topic, r.document(topic)); err != nil {
			t.Error(err)
		}
		for c, want := range map[*client]string{acme: "err", bolt: "snap"} {
			c.say(`{"t":"sub","topic":"` + topic + `"}`)
			synctest.Wait()
			if all := c.all(); all[len(all)-1].T != want {
				t.Errorf("then: %s, expected a %s", all[len(all)-1].raw, want)
			}
		}
	})
}

// TestAnOverlayNeedsOneConnection: an address with a goal opens both of its scopes on it, each with its own fields.
func TestAnOverlayNeedsOneConnection(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		r.apply(campaignMeters("spring")...)
		r.apply(campaignMeters("fall")...)
		text, err := access.OverlayAddress(key, "https://netsu.example", "S1", "spring", access.Room|access.Insight, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		address, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := r.open("?"+address.RawQuery, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		for frame, want := range map[string]string{
			`{"t":"sub","topic":"show/S1","fields":["room.provisional.heat.gauge","ignition"]}`: "snap",
			`{"t":"sub","topic":"campaign/spring","fields":["returns.pace.target"]}`:            "snap",
			`{"t":"sub","topic":"show/S1","fields":["money"]}`:                                  "err",
			`{"t":"sub","topic":"campaign/fall"}`:                                               "err",
			`{"t":"sub","topic":"show/S2"}`:                                                     "err",
		} {
			c.say(frame)
			synctest.Wait()
			if all := c.all(); all[len(all)-1].T != want {
				t.Errorf("%s: %s", frame, all[len(all)-1].raw)
			}
		}
	})
}

// TestABrandsLabelsAreInTheScrape: what the dashboards choose by.
func TestABrandsLabelsAreInTheScrape(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(soldMeter("S", eventpb.RoomState_ROOM_STATE_ON_AIR, 9, 9, "acme", "bolt"), soldMeter("T", eventpb.RoomState_ROOM_STATE_ENDED, 9, 9, "acme"),
			brandMeter("spring", partMoney, "acme"))
		for brand, want := range map[string]float64{"acme": 1, "bolt": 1, "coco": 0} {
			if n := r.metric("netsu_brand_shows_on_air", brand); n != want {
				t.Errorf("%v shows on the air sell %s, expected %v", n, brand, want)
			}
			if n := r.metric("netsu_brand_active_heads", brand); n != 9*want {
				t.Errorf("%v heads in the shows that sell %s", n, brand)
			}
		}
		families, err := r.reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "netsu_campaign_info" {
				if got := fmt.Sprint(f.GetMetric()[0].GetLabel()); !strings.Contains(got, `"acme"`) || !strings.Contains(got, `"spring"`) {
					t.Errorf("the campaign's labels are %v", got)
				}
				return
			}
		}
		t.Errorf("no campaign says whose it is")
	})
}
