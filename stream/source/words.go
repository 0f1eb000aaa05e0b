package source

import (
	"maps"
	"slices"
	"strings"
)

// named is a value of the first of the names that is there and not empty. Those of have are in lower case.
func named(have map[string]string, names ...string) string {
	for _, name := range names {
		if v := strings.TrimSpace(have[name]); v != "" {
			return v
		}
	}
	return ""
}

// lowered is a map with its names in lower case. Of names that differ in case only, the lower ones count: capitals come
// first in order.
func lowered[V ~string](have map[string]V) map[string]string {
	low := make(map[string]string, len(have))
	for _, name := range slices.Sorted(maps.Keys(have)) {
		low[strings.ToLower(name)] = string(have[name])
	}
	return low
}

// What a shop may call the code of whose link an order came by, most telling first.
var affiliateNames = []string{"affiliate_code", "affiliate", "aff", "ref", "referral_code"}

// codeOf finds an affiliate's code in what came with a link: a parameter that is called one, else utm_source where
// utm_medium says that the source is a person who is paid.
func codeOf(link map[string]string) string {
	if code := named(link, affiliateNames...); code != "" {
		return code
	}
	switch strings.ToLower(link["utm_medium"]) {
	case "affiliate", "influencer", "creator", "kol", "live", "livestream":
		return link["utm_source"]
	}
	return ""
}

// channelOf is where a link was: as utm_medium says, in the words that orders use; empty where it says something else.
func channelOf(link map[string]string) string {
	switch strings.ToLower(link["utm_medium"]) {
	case "live", "livestream":
		return "live"
	case "email", "newsletter":
		return "email"
	case "sms", "line", "messaging", "messenger", "whatsapp", "push":
		return "messaging"
	}
	return ""
}

// methods puts the names of ways to pay into the words of orders. Ways that are paid later come first: an order that
// was paid in part by gift card and the rest at a shop's counter is one that is not paid yet.
var methods = []struct {
	word     string
	deferred bool // the money comes later than the order
	parts    []string
}{
	{"cod", true, []string{"cod", "cash on delivery", "cash_on_delivery", "代金引換", "代引", "货到付款", "貨到付款"}},
	{"konbini", true, []string{"konbini", "コンビニ", "convenience store", "convenience_store"}},
	{"bank_transfer", true, []string{"bank", "deposit", "wire", "振込", "customer_balance", "sepa_debit", "ach",
		"bacs_debit",
		"multibanco", "boleto", "oxxo", "pay-easy"}},
	{"wallet", false, []string{"paypal", "paypay", "apple_pay", "google_pay", "amazon_pay", "amazon pay", "alipay",
		"wechat", "line pay", "grabpay", "kakao_pay", "cashapp", "rakuten pay", "merpay", "link"}},
	{"gift_card", false, []string{"gift_card", "gift card"}},
	{"card", false, []string{"card", "shopify_payments", "stripe", "authorize_net", "braintree", "bogus", "クレジット"}},
}

// methodOf is the first of methods that one of the names stands for, else the first name itself. Of an order that was
// paid in part by gift card the other part is said.
func methodOf(names ...string) (word string, deferred bool) {
	var gift, other string
	for _, m := range methods {
		for _, name := range names {
			name = strings.ToLower(strings.TrimSpace(name))
			switch {
			case !slices.ContainsFunc(m.parts, func(part string) bool { return within(name, part) }):
			case m.word == "gift_card":
				gift = name
			case name != gift:
				return m.word, m.deferred
			}
			if other == "" {
				other = name
			}
		}
	}
	if gift != "" {
		return "gift_card", false
	}
	return shorten(other, maxWord), false
}

// within tells whether a name contains a part; a short one as a word, as many names contain it by chance.
func within(name, part string) bool {
	if len(part) > 4 {
		return strings.Contains(name, part)
	}
	return slices.Contains(strings.FieldsFunc(name, func(r rune) bool { return r < 0x80 && !letter(r) }), part)
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

// maxWord is how long a channel or payment method may be, in bytes.
const maxWord = 64

// shorten cuts text to at most n bytes, between characters.
func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "")
}
