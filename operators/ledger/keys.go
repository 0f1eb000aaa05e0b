package ledger

import (
	"fmt"
	"math"
	"strconv"

	"github.com/netsu/netsu/stream/event"
)

// Keys of the tables. A scope stands with its length before it, so that no id can run into the part behind it; times
// are 16 hex digits in order of time.
//
//	credit   LEN:SCOPE ORDER
//	buyer    LEN:SCOPE PERSON
//	latest   LEN:SCOPE TIME(greatest first) ORDER
//	due      TIME LEN:SCOPE ORDER
//	restated SCOPE
//
// Of the commissions, where DEAL is the id of a deal's scope and MONTH a month's TIME and currency:
//
//	campaign CAMPAIGN
//	esol     ESOL
//	cost     CAMPAIGN
//	deal     DEAL
//	again    DEAL
//	owed     LEN:DEAL ORDER
//	fee      LEN:DEAL NAME
//	entry    LEN:DEAL NUMBER(as TIME)
//	month    LEN:DEAL MONTH
//	leaf     LEN:DEAL MONTH/NUMBER
//	gone     LEN:DEAL ORDER
//	turn     TIME o LEN:DEAL ORDER, TIME f DEAL, or TIME p CAMPAIGN
//
// Of what money was spent, and returned:
//
//	spend    LEN:CAMPAIGN EVENT
//	returns  SCOPE of a campaign or a deal
//	armed    LEN:SCOPE PERSON CURRENCY, where SCOPE is an arm's
//	aired    SHOW
//	airing   LEN:CAMPAIGN SHOW
//
// Of what was sold over all currencies:
//
//	rate     ID of the catalog entry
//	mixed    CAMPAIGN

const minTime, maxTime = math.MinInt64, math.MaxInt64

// scoped is the form of a deal's id, for the same reason.
func scoped(scope, rest string) string { return event.DealID(scope, rest) }

func unscope(key string) (scope, rest string, err error) {
	scope, rest, ok := event.SplitDealID(key)
	if !ok {
		return "", "", fmt.Errorf("state key %q has no scope", key)
	}
	return scope, rest, nil
}

const timeDigits = 16

// timeText orders as ms does.
func timeText(ms int64) string {
	const hex = "0123456789abcdef"
	var b [timeDigits]byte
	v := uint64(ms) ^ 1<<63
	for i := range b {
		b[i] = hex[v>>60]
		v <<= 4
	}
	return string(b[:])
}

func parseTime(text string) (int64, error) {
	v, err := strconv.ParseUint(text, 16, 64)
	return int64(v ^ 1<<63), err
}
