package source

// Brand is a catalog entry: whose products are sold.
type Brand struct {
	ID, Name                        string
	Lexicon, Facts, Beats, Negative []Term
	ReturnWindowMS                  int64    // 0: the default
	Corpus, Target                  []string // texts by which it speaks, and of where it wants to be
}

// Term is something that a brand listens for.
type Term struct {
	ID             string
	Forms          []string // none: ID
	ContradictedBy []string // of a fact
}

// Terms are terms that are their own and only form.
func Terms(ids ...string) []Term {
	list := make([]Term, len(ids))
	for i, id := range ids {
		list[i].ID = id
	}
	return list
}

// Esol is a catalog entry: who sells.
type Esol struct {
	ID, Name, Tier string
	Owns, Codes    []string
	Accounts       []Account
}

// Account is an ESOL's id on a platform.
type Account struct{ Platform, ID string }

// Show is a catalog entry: a broadcast.
type Show struct {
	ID, Title, EsolID, Platform string
	CampaignIDs, BrandIDs       []string
	StartMS, EndMS              int64 // EndMS 0: open
}

// Product is a catalog entry: what is sold.
type Product struct {
	ID, Name, BrandID, Category string
	Aliases                     []string
	ReturnRatePPM               int64
	BaseOwnedPPM                int64 // of people in its category who own one anyway; 0: not known
}

// Campaign is a catalog entry: what a brand spends, on whom and for what.
type Campaign struct {
	ID, Name, BrandID        string
	EsolIDs                  []string
	StartMS, EndMS           int64
	Currency                 string
	Spend, GMVCommitment     string // decimal text
	MarginPPM, CommissionPPM int64
	AttributionModel         string
	AttributionWindowMS      int64
	Rounding                 string
	Windows                  []Window
	OrganicCounts            bool
	ClosesOnOrder            bool
	HoldoutPPM               int64 // of all people, who are not shown it by chance
	Contract                 *Contract
}

// Window is how long a touch on a surface counts.
type Window struct {
	Surface  string
	WindowMS int64
}

// Contract is what a campaign owes its ESOLs; amounts are decimal text in its currency, "": none.
type Contract struct {
	FixedFee                    string
	Rates                       []Rate
	Tiers                       []Tier
	Versions                    []RateVersion
	Base                        string // net, margin
	Legs                        []Leg
	CapOrder, CapItem, CapMonth string
	LockMS, NoticeMS            int64
	Guarantee, Commitment       string
	Shortfall                   string // pro_rata, penalty
	PenaltyPPM                  int64
	PayoutDelayMS, CloseMS      int64
	PayoutMonthly               bool
	MonthOffsetMS               int64
}

// Rate is that of a product, of a tier of ESOLs, or of both.
type Rate struct {
	ProductID, EsolTier string
	PPM                 int64
}

// Tier is a bracket of the month's net GMV.
type Tier struct {
	From string // decimal text
	PPM  int64
}

// RateVersion is the rates from a time on.
type RateVersion struct {
	ValidFromMS, CommissionPPM int64
	Rates                      []Rate
	Tiers                      []Tier
}

// Leg is a party's part of a revenue share.
type Leg struct {
	Party string
	PPM   int64
}

// Payout is a catalog entry: a campaign's statements up to a time have been paid.
type Payout struct {
	ID, CampaignID, EsolID string // no ESOL: all
	ThroughMS              int64
}

// FX is a catalog entry: how much of Quote one Base buys from a time on.
type FX struct {
	Base, Quote, Rate string // Rate is decimal text
	FromMS            int64
}

// Record wraps the entry for the catalog topic.
func (e Brand) Record() Record {
	return entry("brand", e.ID, func(o *object) {
		o.text("name", e.Name)
		o.terms("lexicon", e.Lexicon)
		o.terms("facts", e.Facts)
		o.terms("beats", e.Beats)
		o.terms("negative", e.Negative)
		o.positive("return_window_ms", e.ReturnWindowMS)
		o.list("corpus", e.Corpus)
		o.list("target", e.Target)
	})
}

// Record wraps the entry for the catalog topic.
func (e Esol) Record() Record {
	return entry("esol", e.ID, func(o *object) {
		o.text("name", e.Name)
		o.text("tier", e.Tier)
		o.list("owns", e.Owns)
		o.list("codes", e.Codes)
		objects(o, "platform_ids", e.Accounts, func(o *object, a Account) {
			o.text("platform", a.Platform)
			o.text("id", a.ID)
		})
	})
}

// Record wraps the entry for the catalog topic.
func (e Show) Record() Record {
	return entry("show", e.ID, func(o *object) {
		o.text("title", e.Title)
		o.text("esol_id", e.EsolID)
		o.text("platform", e.Platform)
		o.list("campaign_ids", e.CampaignIDs)
		o.list("brand_ids", e.BrandIDs)
		o.span(e.StartMS, e.EndMS)
	})
}

// Record wraps the entry for the catalog topic.
func (e Product) Record() Record {
	return entry("product", e.ID, func(o *object) {
		o.text("name", e.Name)
		o.list("aliases", e.Aliases)
		o.text("brand_id", e.BrandID)
		o.text("category", e.Category)
		o.positive("return_rate_ppm", e.ReturnRatePPM)
		o.positive("base_owned_ppm", e.BaseOwnedPPM)
	})
}

// Record wraps the entry for the catalog topic.
func (e Campaign) Record() Record {
	return entry("campaign", e.ID, func(o *object) {
		o.text("name", e.Name)
		o.text("brand_id", e.BrandID)
		o.list("esol_ids", e.EsolIDs)
		o.span(e.StartMS, e.EndMS)
		o.text("currency", e.Currency)
		o.text("spend", e.Spend)
		o.text("gmv_commitment", e.GMVCommitment)
		o.positive("margin_ppm", e.MarginPPM)
		o.positive("commission_ppm", e.CommissionPPM)
		o.text("attribution_model", e.AttributionModel)
		o.positive("attribution_window_ms", e.AttributionWindowMS)
		o.text("rounding", e.Rounding)
		objects(o, "windows", e.Windows, func(o *object, w Window) {
			o.text("surface", w.Surface)
			o.number("window_ms", w.WindowMS)
		})
		o.truth("organic_counts", e.OrganicCounts)
		o.truth("closes_on_order", e.ClosesOnOrder)
		o.positive("holdout_ppm", e.HoldoutPPM)
		if e.Contract != nil {
			o.object("contract", e.Contract.members)
		}
	})
}

func (k *Contract) members(o *object) {
	o.text("fixed_fee", k.FixedFee)
	o.rates(k.Rates)
	o.tiers(k.Tiers)
	objects(o, "versions", k.Versions, func(o *object, v RateVersion) {
		o.time("valid_from", v.ValidFromMS, false)
		o.positive("commission_ppm", v.CommissionPPM)
		o.rates(v.Rates)
		o.tiers(v.Tiers)
	})
	o.text("base", k.Base)
	objects(o, "legs", k.Legs, func(o *object, l Leg) {
		o.text("party", l.Party)
		o.positive("ppm", l.PPM)
	})
	o.text("cap_order", k.CapOrder)
	o.text("cap_item", k.CapItem)
	o.text("cap_month", k.CapMonth)
	o.positive("lock_ms", k.LockMS)
	o.positive("notice_ms", k.NoticeMS)
	o.text("guarantee", k.Guarantee)
	o.text("commitment", k.Commitment)
	o.text("shortfall", k.Shortfall)
	o.positive("penalty_ppm", k.PenaltyPPM)
	o.positive("payout_delay_ms", k.PayoutDelayMS)
	o.truth("payout_monthly", k.PayoutMonthly)
	o.positive("close_ms", k.CloseMS)
	if k.MonthOffsetMS != 0 {
		o.number("month_offset_ms", k.MonthOffsetMS)
	}
}

func (o *object) rates(rates []Rate) {
	objects(o, "rates", rates, func(o *object, r Rate) {
		o.text("product_id", r.ProductID)
		o.text("esol_tier", r.EsolTier)
		o.positive("ppm", r.PPM)
	})
}

func (o *object) tiers(tiers []Tier) {
	objects(o, "tiers", tiers, func(o *object, b Tier) {
		o.text("from", b.From)
		o.positive("ppm", b.PPM)
	})
}

// Record wraps the entry for the catalog topic.
func (e Payout) Record() Record {
	return entry("payout", e.ID, func(o *object) {
		o.text("campaign_id", e.CampaignID)
		o.text("esol_id", e.EsolID)
		o.time("through", e.ThroughMS, false)
	})
}

// Record wraps the entry for the catalog topic; its id is BASE-QUOTE.
func (e FX) Record() Record {
	return entry("fx", e.Base+"-"+e.Quote, func(o *object) {
		o.text("base", e.Base)
		o.text("quote", e.Quote)
		o.text("rate", e.Rate)
		if e.FromMS != 0 {
			o.time("from", e.FromMS, false)
		}
	})
}

// Deletion takes a catalog entry back.
func Deletion(kind, id string) Record {
	return Record{Topic: Catalog, Key: []byte(kind + "/" + id)}
}

func entry(kind, id string, fields func(*object)) Record {
	o := begin(nil)
	o.text("kind", kind)
	o.text("id", id)
	fields(&o)
	return Record{Topic: Catalog, Key: []byte(kind + "/" + id), Value: o.end()}
}

func (o *object) positive(name string, v int64) {
	if v > 0 {
		o.number(name, v)
	}
}

func (o *object) span(start, end int64) {
	if start != 0 {
		o.time("start", start, false)
	}
	if end != 0 {
		o.time("end", end, false)
	}
}

func (o *object) terms(name string, v []Term) {
	if len(v) == 0 {
		return
	}
	o.name(name)
	o.b = append(o.b, '[')
	for i, t := range v {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		if len(t.Forms) == 0 && len(t.ContradictedBy) == 0 {
			o.b = appendString(o.b, t.ID)
			continue
		}
		inner := begin(o.b)
		inner.text("id", t.ID)
		inner.list("forms", t.Forms)
		inner.list("contradicted_by", t.ContradictedBy)
		o.b = inner.end()
	}
	o.b = append(o.b, ']')
}
