package feed

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/netsu/netsu/stream/event"
)

// boardTopic is the topic of the board; every other topic is a scope.
const boardTopic = "shows"

const (
	boardRows   = 200 // bounds the board; on_air still counts all
	esolRows    = 50  // bounds an ESOL's shows; the newest stay
	maxTopicLen = 256 // bytes

	boardCampaigns = 100 // bounds the campaigns of the board
)

var errTopic = errors.New("expected shows, show/ID, esol/ID, campaign/ID or brand/ID, at most 256 bytes")

// checkTopic tells whether a topic can exist.
func checkTopic(name string) error {
	if name == boardTopic {
		return nil
	}
	kind, id, ok := event.SplitScope(name)
	if !ok || id == "" || len(name) > maxTopicLen || !utf8.ValidString(name) || !isKind(kind) {
		return errTopic
	}
	return nil
}

func isKind(kind string) bool {
	switch kind {
	case event.ScopeShow, event.ScopeEsol, event.ScopeCampaign, event.ScopeBrand:
		return true
	}
	return false
}

// Parts of a scope's meters.
const (
	partRoom    = "room"
	partMoney   = "money"
	partInsight = "insight"
	partProfile = "profile"
	partTrend   = "trend/" // with the chunk's first pane

	partEarnings = "earnings" // of a deal
	partCost     = "cost"     // of a campaign
	partReturns  = "returns"  // of either
)

// plainParts are those whose key is their name.
var plainParts = []string{
	partRoom, partMoney, partInsight, partProfile, partEarnings, partCost, partReturns,
}

func ofLedger(part string) bool {
	return part == partEarnings || part == partCost || part == partReturns
}

var (
	errKey = errors.New("key must be scope/room, scope/insight, scope/profile, scope/trend/FROM (a multiple of 600) or " +
		"scope/money; of a campaign also scope/cost or scope/returns, of a deal scope/earnings or scope/returns")
	// errPart is a key of a show whose part is none that this program knows: one of a later version, to be passed by.
	errPart = errors.New("a part of a show that this program does not know")
)

// meterKey is a meter record's key. An id may hold slashes, so the part is read from the end.
type meterKey struct {
	scope, part string
	from        int64 // of a trend chunk
}

func parseKey(key string) (meterKey, error) {
	cut := strings.LastIndexByte(key, '/')
	if cut < 0 {
		return meterKey{}, errKey
	}
	k := meterKey{scope: key[:cut], part: key[cut+1:]}
	known := slices.Contains(plainParts, k.part)
	if scope, ok := strings.CutSuffix(k.scope, "/trend"); ok && !known {
		from, err := strconv.ParseInt(k.part, 10, 64)
		if err != nil || from < 0 || from%trendSeconds != 0 {
			return meterKey{}, errKey
		}
		k, known = meterKey{scope, fmt.Sprintf("%s%d", partTrend, from), from}, true
	}
	kind, id, ok := event.SplitScope(k.scope)
	switch {
	case !ok || id == "":
		return meterKey{}, errKey
	case kind == event.ScopeDeal && (k.part == partEarnings || k.part == partReturns),
		kind == event.ScopeCampaign && (k.part == partCost || k.part == partReturns):
		return k, nil
	case !isKind(kind) || kind != event.ScopeShow && k.part != partMoney || ofLedger(k.part):
		return meterKey{}, errKey
	case !known && k.part == "":
		return meterKey{}, errKey
	case !known:
		return meterKey{}, errPart
	}
	return k, nil
}
