package show

import (
	"math"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Energies are microjoules: 1 J is one plain authentic comment of one head (MODEL §1). All are [JUDG], judgements.
const (
	joule              = 1_000_000
	inquiryMicrojoule  = 2 * joule
	clickMicrojoule    = 1_500_000
	cartMicrojoule     = 5 * joule
	checkoutMicrojoule = 8 * joule
	orderMicrojoule    = 12 * joule
	againMicrojoule    = 15 * joule // an order of a head that has bought in this show before
	likeCountMax       = 1000       // taps of one like event beyond this add nothing
)

// baseMicrojoules is e_type of MODEL §1 for one event. Orders are priced at evaluation, where it is known whether one
// is the first of its head. Only the audience heats the room.
func baseMicrojoules(e *eventpb.Event) int64 {
	if !audience(e.Role) {
		return 0
	}
	switch e.Kind {
	case eventpb.Kind_KIND_COMMENT:
		return joule
	case eventpb.Kind_KIND_LIKE:
		return 300_000 * min(max(e.Count, 0), likeCountMax)
	case eventpb.Kind_KIND_GIFT:
		return giftMicrojoules(e.AmountMinor, e.Currency)
	case eventpb.Kind_KIND_SHARE, eventpb.Kind_KIND_FOLLOW, eventpb.Kind_KIND_COUPON_CLAIM:
		return 3 * joule
	case eventpb.Kind_KIND_JOIN:
		return 50_000
	case eventpb.Kind_KIND_PRODUCT_CLICK, eventpb.Kind_KIND_LINK_VISIT:
		return clickMicrojoule
	case eventpb.Kind_KIND_ADD_TO_CART:
		return cartMicrojoule
	case eventpb.Kind_KIND_CHECKOUT:
		return checkoutMicrojoule
	case eventpb.Kind_KIND_INQUIRY:
		return inquiryMicrojoule
	}
	return 0 // leave, pin, call, viewers, spend, touch, retract: they say something, but add no heat
}

func audience(r eventpb.Role) bool {
	return r == eventpb.Role_ROLE_UNSPECIFIED || r == eventpb.Role_ROLE_VIEWER
}

// giftMicrojoules is 2 + log2(1 + v/100 JPY) joules.
func giftMicrojoules(minor int64, currency string) int64 {
	yen := float64(float64(max(minor, 0))*microyenPerMinor(currency)) / 1e6
	return int64(math.Round(float64((2 + stable.Log2(1+yen/100)) * joule)))
}

// microyenPerMinor is what one minor unit of a currency counts for in a gift. JPY is exact; the others are fixed
// round numbers (about 2025) that never follow the market, because a show's heat must not change with an exchange
// rate: a rate that is 10 % off moves a gift by .14 J at most. Money proper uses the catalog's rates (ledger). An
// unlisted currency counts nothing beyond the 2 J of the gesture.
func microyenPerMinor(currency string) float64 {
	switch currency {
	case "JPY":
		return 1e6
	case "USD":
		return 1.5e6
	case "EUR":
		return 1.7e6
	case "GBP":
		return 2e6
	case "CNY":
		return .21e6
	case "THB":
		return .045e6
	case "IDR":
		return 95
	case "KRW":
		return .11e6
	case "VND":
		return .006e6
	case "KWD":
		return .49e6
	case "BHD":
		return .4e6
	}
	return 0
}

// novel is what novelty leaves of the energy of one of copies+1 equal comments, rounded to a microjoule: copy-paste is
// cheap energy.
func novel(microjoules, copies int64) int64 {
	if copies <= 0 {
		return microjoules
	}
	return scale(microjoules, 1/math.Sqrt(1+float64(copies)/5))
}

// scale is a part of an energy, rounded to a microjoule.
func scale(microjoules int64, by float64) int64 {
	return int64(math.Round(float64(float64(microjoules) * by)))
}
