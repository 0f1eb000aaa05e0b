package feed

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/likeness"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// scope is what is held of one show, ESOL, campaign, brand or deal: the latest of each part.
type scope struct {
	name    string
	kind    string
	esol    string   // of a show: whose list it is in; of a deal: whose it is
	brand   string   // of a campaign: whose it is, as of the latest of its parts
	model   string   // of a campaign: the model that governs it, likewise; "": nobody has said
	brandAt place    // of that part
	brands  []string // of a show or a campaign: whose lists it is in
	room    *eventpb.Room
	money   *eventpb.Money
	insight *eventpb.Insight

	cost     *eventpb.Cost     // of a campaign
	returns  *eventpb.Returns  // of a campaign or a deal
	earnings *eventpb.Earnings // of a deal
	campaign string            // of a deal: whose list it is in

	trends []*eventpb.Trend // at most trendChunks, in order of time
	places map[string]place // by part: where what is held came from
	asOf   int64            // greatest append time, ms
	pace   pace             // of the trends

	// Encoded trends, context and insight; nil: to be made. They are by far the longest parts, and change each 10 s only,
	// while a room changes ten times a second.
	trendJSON, marksJSON, contextJSON json.RawMessage
	insightJSON                       map[string]json.RawMessage
}

// trendChunks bounds the trend that is held. The ten minutes that are shown and the ten before, that they are set
// against, are 120 points: the oldest lies 1190 s before the newest, so they touch three chunks of 600 s at most (two
// if the newest point ends its chunk).
const trendChunks = 3

// meters is the latest state of every scope, as far as memory allows. It is not safe for concurrent use.
//
// It holds at most maxScopes. One more evicts a batch: shows that have ended first, then whatever has not changed for
// longest. An evicted scope comes back with the parts that are emitted next.
type meters struct {
	scopes    map[string]*scope
	esols     map[string]map[string]*scope // esol id → its shows by scope
	deals     map[string]map[string]*scope // campaign id → its deals by scope
	campaigns map[string]map[string]bool   // esol id → the campaigns that have a deal with it
	brands    map[string]map[string]*scope // brand id → its campaigns, and the shows that sell it, by scope
	profiles  profiles
	graves    graves
	alerts    *alerts // for what a row asks attention for
	maxScopes int
}

func newMeters(maxScopes int) *meters {
	none := newAlerts()
	return &meters{
		scopes: map[string]*scope{}, esols: map[string]map[string]*scope{}, deals: map[string]map[string]*scope{},
		campaigns: map[string]map[string]bool{}, brands: map[string]map[string]*scope{}, profiles: newProfiles(), graves: graves{at: map[string]place{}}, alerts: &none, maxScopes: maxScopes,
	}
}

// change is a decoded meter record.
type change struct {
	key   string
	place place
	meter *eventpb.Meter // nil: taken back
	meterKey
	profile *likeness.Profile // of the part profile
}

var errMeter = errors.New("not a meter this program can show")

// decodeMeter reads a meter record; value nil is a tombstone.
func decodeMeter(key, value []byte, source string) (change, error) {
	c := change{key: string(key)}
	var err error
	if c.place, err = parsePlace(source); err != nil {
		return c, err
	}
	if c.meterKey, err = parseKey(c.key); err != nil {
		return c, err
	}
	if value == nil {
		return c, nil
	}
	m := &eventpb.Meter{}
	if err := m.UnmarshalVT(value); err != nil {
		return c, fmt.Errorf("decoding meter: %w", err)
	}
	switch {
	case m.Version > event.Version:
		return c, fmt.Errorf("%w: version %d is newer than %d", errMeter, m.Version, event.Version)
	case m.Scope != c.scope || m.Part != c.part:
		return c, fmt.Errorf("%w: its scope and part are not its key's", errMeter)
	case c.part == partRoom && m.Room == nil, c.part == partMoney && m.Money == nil,
		c.part == partInsight && m.Insight == nil, c.part == partProfile && m.Profile == nil,
		c.part == partCost && m.Cost == nil, c.part == partReturns && m.Returns == nil,
		c.part == partEarnings && m.Earnings == nil,
		strings.HasPrefix(c.part, partTrend) && (m.Trend == nil || m.Trend.FromPane != c.from):
		return c, fmt.Errorf("%w: the part that its key names is not in it", errMeter)
	}
	c.meter = m
	if c.part == partProfile {
		return c, c.readProfile()
	}
	return c, nil
}

// readProfile checks what a show says of its ESOL. One of another layout is of another version, and passed by.
func (c *change) readProfile() error {
	var err error
	switch c.profile, err = likeness.Read(c.meter.Profile); {
	case errors.Is(err, likeness.ErrLayout):
		return fmt.Errorf("%w: %w", errPart, err)
	case err != nil:
		return fmt.Errorf("%w: %w", errMeter, err)
	case event.Scope(event.ScopeShow, c.meter.Profile.ShowId) != c.scope:
		return fmt.Errorf("%w: the profile is of another show", errMeter)
	}
	c.meter.Profile = nil // read
	return nil
}

// apply takes a change in, and calls touched with each topic whose document it may change. It is false for a record
// that says nothing new: seen before, or a trend chunk that has left the window.
func (m *meters) apply(c change, touched func(topic string)) bool {
	if c.part == partProfile {
		return m.applyProfile(c)
	}
	s := m.scopes[c.scope]
	if held, ok := m.placeOf(s, c); ok && !c.place.supersedes(held) {
		return false
	}
	if c.meter == nil {
		m.graves.dig(c.key, c.place)
		return s != nil && m.takeBack(s, c, touched)
	}
	if s == nil {
		kind, id, _ := event.SplitScope(c.scope)
		s = &scope{name: c.scope, kind: kind, places: map[string]place{}}
		if kind == event.ScopeDeal {
			s.campaign, s.esol, _ = event.SplitDealID(id)
		}
	}
	if !s.set(c) {
		return false
	}
	if s.kind == event.ScopeCampaign && (s.brandAt == place{} || c.place.supersedes(s.brandAt)) {
		s.brand, s.model, s.brandAt = c.meter.BrandId, c.meter.Model, c.place // its parts come in any order, and one of them may be of before
	}
	s.places[c.part] = c.place
	s.asOf = max(s.asOf, c.meter.AppendMs)
	if m.scopes[c.scope] == nil {
		m.evict(touched)
		m.scopes[c.scope] = s
	}
	m.index(s, touched)
	m.touch(s, touched)
	return true
}

// applyProfile is apply for the part that outlives its scope and is in no document.
func (m *meters) applyProfile(c change) bool {
	held, known := m.graves.at[c.key]
	if s := m.profiles.shows[c.scope]; s != nil {
		held, known = s.place, true
	}
	switch {
	case known && !c.place.supersedes(held):
		return false
	case c.meter == nil:
		m.graves.dig(c.key, c.place)
		m.profiles.remove(c.scope)
	default:
		m.profiles.set(c)
	}
	return true
}

func (m *meters) placeOf(s *scope, c change) (place, bool) {
	if s != nil {
		if p, ok := s.places[c.part]; ok {
			return p, true
		}
	}
	p, ok := m.graves.at[c.key]
	return p, ok
}

// set stores a part; false for a trend chunk older than those held.
func (s *scope) set(c change) bool {
	switch c.part {
	case partRoom:
		s.setRoom(c.meter.Room)
	case partInsight:
		s.insight, s.insightJSON = c.meter.Insight, nil
	case partMoney:
		s.money = c.meter.Money
	case partCost:
		s.cost = c.meter.Cost
	case partReturns:
		s.returns = c.meter.Returns
	case partEarnings:
		s.earnings = c.meter.Earnings
	default:
		return s.setTrend(c.meter.Trend)
	}
	return true
}

// setRoom stores the room; nil: there is none any more.
func (s *scope) setRoom(r *eventpb.Room) {
	if r.OnAir() != s.room.OnAir() {
		s.contextJSON = nil // its standing among the shows on the air comes and goes with being one
	}
	s.room = r
}

func (s *scope) setTrend(t *eventpb.Trend) bool {
	if n := len(s.trends); n > 0 && t.FromPane <= s.trends[n-1].FromPane-trendChunks*trendSeconds {
		return false
	}
	i, found := slices.BinarySearchFunc(s.trends, t.FromPane, byFrom)
	if found {
		s.trends[i] = t
	} else {
		s.trends = slices.Insert(s.trends, i, t)
	}
	newest := s.trends[len(s.trends)-1].FromPane
	for len(s.trends) > trendChunks || s.trends[0].FromPane <= newest-trendChunks*trendSeconds {
		delete(s.places, fmt.Sprintf("%s%d", partTrend, s.trends[0].FromPane))
		s.trends = slices.Delete(s.trends, 0, 1)
	}
	s.retrend()
	return true
}

// retrend follows a change of the trends.
func (s *scope) retrend() {
	s.pace = paceOf(s.trends)
	s.trendJSON, s.marksJSON, s.contextJSON = nil, nil, nil
}

func byFrom(t *eventpb.Trend, from int64) int { return cmp.Compare(t.FromPane, from) }

// takeBack drops a part, and the scope with its last one.
func (m *meters) takeBack(s *scope, c change, touched func(string)) bool {
	delete(s.places, c.part)
	switch c.part {
	case partRoom:
		m.touch(s, touched) // under the ESOL that it will no longer have
		m.unindex(s)
		s.setRoom(nil)
	case partMoney:
		s.money = nil
	case partCost:
		s.cost = nil
	case partReturns:
		s.returns = nil
	case partEarnings:
		s.earnings = nil
	case partInsight:
		s.insight, s.insightJSON = nil, nil
	default:
		i, found := slices.BinarySearchFunc(s.trends, c.from, byFrom)
		if !found {
			return false
		}
		s.trends = slices.Delete(s.trends, i, i+1)
		s.retrend()
	}
	if len(s.places) == 0 {
		m.forget(s)
	}
	m.touch(s, touched)
	return true
}

func (m *meters) forget(s *scope) {
	m.unindex(s)
	delete(m.scopes, s.name)
}

// evict makes room for one more scope, if there is none: a 64th of the scopes at a time, since choosing them takes a
// walk.
func (m *meters) evict(touched func(string)) {
	if len(m.scopes) < m.maxScopes {
		return
	}
	all := make([]*scope, 0, len(m.scopes))
	for _, s := range m.scopes {
		all = append(all, s)
	}
	ended := func(s *scope) int {
		if s.room.GetState() == eventpb.RoomState_ROOM_STATE_ENDED {
			return 0
		}
		return 1
	}
	slices.SortFunc(all, func(a, b *scope) int {
		return cmp.Or(ended(a)-ended(b), cmp.Compare(a.asOf, b.asOf), cmp.Compare(a.name, b.name))
	})
	for _, s := range all[:1+len(all)/64] {
		m.forget(s)
		m.touch(s, touched)
	}
}

// graves remembers where tombstones came from, so that an older re-emission does not raise what was taken back. It
// holds the latest maxGraves; one that it forgot can come back until its tombstone is re-emitted, which follows by
// itself.
type graves struct {
	at   map[string]place
	ring []string
	next int
}

const maxGraves = 16384

func (g *graves) dig(key string, p place) {
	if _, ok := g.at[key]; !ok {
		if len(g.ring) < maxGraves {
			g.ring = append(g.ring, key)
		} else {
			delete(g.at, g.ring[g.next])
			g.ring[g.next] = key
			g.next = (g.next + 1) % maxGraves
		}
	}
	g.at[key] = p
}
