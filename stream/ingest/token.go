package ingest

// shape is what a JSON value looks like.
type shape uint8

const (
	absent shape = iota
	null
	text
	number
	boolTrue
	boolFalse
	object
	array
)

func (s shape) String() string {
	return [...]string{"nothing", "null", "a string", "a number", "true", "false", "an object", "an array"}[s]
}

// token is one JSON value. b is the unescaped content of a string, the digits of a number, the whole text of an object
// or array; it aliases the record or the scanner's scratch.
type token struct {
	b       []byte
	shape   shape
	escaped bool // a string that was written with escapes: only such a one can hold control characters
}

// fields are the known members of one object. Duplicate members: the last wins, as in encoding/json; null is absent.
type fields struct {
	seen  [2]uint64
	token [fieldCount]token
}

func (f *fields) get(name field) token {
	if f.seen[name>>6]&(1<<(name&63)) == 0 {
		return token{}
	}
	return f.token[name]
}

func (f *fields) set(name field, t token) {
	if t.shape == null {
		f.seen[name>>6] &^= 1 << (name & 63)
		return
	}
	f.seen[name>>6] |= 1 << (name & 63)
	f.token[name] = t
}

// field is a member name that some topic knows. One list for all topics and for nested objects keeps the scanner
// simple; a name that a topic has no use for is ignored there like an unknown one. At most 128: fields.seen is two
// words.
type field uint8

// names is the one place that spells them; the constants below index it.
var names = [...]string{
	"event_id", "time", "show_id", "esol_id", "platform", "person_id", "campaign_id", "kind", "retracts", "text", "lang",
	"role", "reply_to", "count", "product_id", "amount", "currency", "channel", "code", "order_id", "version",
	"updated_at",
	"status", "lines", "refunds", "payment_method", "test", "line_id", "brand_id", "quantity", "unit_price", "discount",
	"refund_id", "id", "name", "lexicon", "facts", "beats", "negative", "return_window_ms", "tier", "platform_ids",
	"title",
	"campaign_ids", "start", "end", "aliases", "category", "return_rate_ppm", "esol_ids", "spend", "gmv_commitment",
	"margin_ppm", "commission_ppm", "attribution_model", "attribution_window_ms", "base", "quote", "rate", "from",
	"forms", "contradicted_by", "brand_ids", "owns", "account_created", "action", "tax_included", "tax", "shipping",
	"affiliate_code",
	"codes", "rounding", "windows", "surface", "window_ms", "organic_counts", "closes_on_order",
	"contract", "fixed_fee", "rates", "tiers", "versions", "esol_tier", "ppm", "valid_from", "legs", "party",
	"cap_order", "cap_item", "cap_month", "lock_ms", "notice_ms", "guarantee", "commitment", "shortfall", "penalty_ppm",
	"payout_delay_ms", "payout_monthly", "close_ms", "month_offset_ms", "through",
	"corpus", "target", "base_owned_ppm",
	"other_platform", "other_person_id", "same",
	"holdout_ppm",
}

const (
	fEventID field = iota
	fTime
	fShowID
	fEsolID
	fPlatform
	fPersonID
	fCampaignID
	fKind
	fRetracts
	fText
	fLang
	fRole
	fReplyTo
	fCount
	fProductID
	fAmount
	fCurrency
	fChannel
	fCode
	fOrderID
	fVersion
	fUpdatedAt
	fStatus
	fLines
	fRefunds
	fPaymentMethod
	fTest
	fLineID
	fBrandID
	fQuantity
	fUnitPrice
	fDiscount
	fRefundID
	fID
	fName
	fLexicon
	fFacts
	fBeats
	fNegative
	fReturnWindowMS
	fTier
	fPlatformIDs
	fTitle
	fCampaignIDs
	fStart
	fEnd
	fAliases
	fCategory
	fReturnRatePPM
	fEsolIDs
	fSpend
	fGMVCommitment
	fMarginPPM
	fCommissionPPM
	fAttributionModel
	fAttributionWindowMS
	fBase
	fQuote
	fRate
	fFrom
	fForms
	fContradictedBy
	fBrandIDs
	fOwns
	fAccountCreated
	fAction
	fTaxIncluded
	fTax
	fShipping
	fAffiliateCode
	fCodes
	fRounding
	fWindows
	fSurface
	fWindowMS
	fOrganicCounts
	fClosesOnOrder
	fContract
	fFixedFee
	fRates
	fTiers
	fVersions
	fEsolTier
	fPPM
	fValidFrom
	fLegs
	fParty
	fCapOrder
	fCapItem
	fCapMonth
	fLockMS
	fNoticeMS
	fGuarantee
	fCommitment
	fShortfall
	fPenaltyPPM
	fPayoutDelayMS
	fPayoutMonthly
	fCloseMS
	fMonthOffsetMS
	fThrough
	fCorpus
	fTarget
	fBaseOwnedPPM
	fOtherPlatform
	fOtherPersonID
	fSame
	fHoldoutPPM
	fieldCount
)

func (f field) String() string { return names[f] }

// fieldOf is the inverse of String; ok is false for a name that nobody knows. The compiler searches by length and value
// without allocating.
func fieldOf(name []byte) (f field, ok bool) {
	switch string(name) {
	case "event_id":
		return fEventID, true
	case "time":
		return fTime, true
	case "show_id":
		return fShowID, true
	case "esol_id":
		return fEsolID, true
	case "platform":
		return fPlatform, true
	case "person_id":
		return fPersonID, true
	case "campaign_id":
		return fCampaignID, true
	case "kind":
		return fKind, true
	case "retracts":
		return fRetracts, true
	case "text":
		return fText, true
	case "lang":
		return fLang, true
	case "role":
		return fRole, true
	case "reply_to":
		return fReplyTo, true
	case "count":
		return fCount, true
	case "product_id":
		return fProductID, true
	case "amount":
		return fAmount, true
	case "currency":
		return fCurrency, true
	case "channel":
		return fChannel, true
	case "code":
		return fCode, true
	case "order_id":
		return fOrderID, true
	case "version":
		return fVersion, true
	case "updated_at":
		return fUpdatedAt, true
	case "status":
		return fStatus, true
	case "lines":
		return fLines, true
	case "refunds":
		return fRefunds, true
	case "payment_method":
		return fPaymentMethod, true
	case "test":
		return fTest, true
	case "line_id":
		return fLineID, true
	case "brand_id":
		return fBrandID, true
	case "quantity":
		return fQuantity, true
	case "unit_price":
		return fUnitPrice, true
	case "discount":
		return fDiscount, true
	case "refund_id":
		return fRefundID, true
	case "id":
		return fID, true
	case "name":
		return fName, true
	case "lexicon":
		return fLexicon, true
	case "facts":
		return fFacts, true
	case "beats":
		return fBeats, true
	case "negative":
		return fNegative, true
	case "return_window_ms":
		return fReturnWindowMS, true
	case "tier":
		return fTier, true
	case "platform_ids":
		return fPlatformIDs, true
	case "title":
		return fTitle, true
	case "campaign_ids":
		return fCampaignIDs, true
	case "start":
		return fStart, true
	case "end":
		return fEnd, true
	case "aliases":
		return fAliases, true
	case "category":
		return fCategory, true
	case "return_rate_ppm":
		return fReturnRatePPM, true
	case "esol_ids":
		return fEsolIDs, true
	case "spend":
		return fSpend, true
	case "gmv_commitment":
		return fGMVCommitment, true
	case "margin_ppm":
		return fMarginPPM, true
	case "commission_ppm":
		return fCommissionPPM, true
	case "attribution_model":
		return fAttributionModel, true
	case "attribution_window_ms":
		return fAttributionWindowMS, true
	case "base":
		return fBase, true
	case "quote":
		return fQuote, true
	case "rate":
		return fRate, true
	case "from":
		return fFrom, true
	case "forms":
		return fForms, true
	case "contradicted_by":
		return fContradictedBy, true
	case "brand_ids":
		return fBrandIDs, true
	case "owns":
		return fOwns, true
	case "account_created":
		return fAccountCreated, true
	case "action":
		return fAction, true
	case "tax_included":
		return fTaxIncluded, true
	case "tax":
		return fTax, true
	case "shipping":
		return fShipping, true
	case "affiliate_code":
		return fAffiliateCode, true
	case "codes":
		return fCodes, true
	case "rounding":
		return fRounding, true
	case "windows":
		return fWindows, true
	case "surface":
		return fSurface, true
	case "window_ms":
		return fWindowMS, true
	case "organic_counts":
		return fOrganicCounts, true
	case "closes_on_order":
		return fClosesOnOrder, true
	case "contract":
		return fContract, true
	case "fixed_fee":
		return fFixedFee, true
	case "rates":
		return fRates, true
	case "tiers":
		return fTiers, true
	case "versions":
		return fVersions, true
	case "esol_tier":
		return fEsolTier, true
	case "ppm":
		return fPPM, true
	case "valid_from":
		return fValidFrom, true
	case "legs":
		return fLegs, true
	case "party":
		return fParty, true
	case "cap_order":
		return fCapOrder, true
	case "cap_item":
		return fCapItem, true
	case "cap_month":
		return fCapMonth, true
	case "lock_ms":
		return fLockMS, true
	case "notice_ms":
		return fNoticeMS, true
	case "guarantee":
		return fGuarantee, true
	case "commitment":
		return fCommitment, true
	case "shortfall":
		return fShortfall, true
	case "penalty_ppm":
		return fPenaltyPPM, true
	case "payout_delay_ms":
		return fPayoutDelayMS, true
	case "payout_monthly":
		return fPayoutMonthly, true
	case "close_ms":
		return fCloseMS, true
	case "month_offset_ms":
		return fMonthOffsetMS, true
	case "through":
		return fThrough, true
	case "corpus":
		return fCorpus, true
	case "target":
		return fTarget, true
	case "base_owned_ppm":
		return fBaseOwnedPPM, true
	case "other_platform":
		return fOtherPlatform, true
	case "other_person_id":
		return fOtherPersonID, true
	case "same":
		return fSame, true
	case "holdout_ppm":
		return fHoldoutPPM, true
	}
	return 0, false
}
