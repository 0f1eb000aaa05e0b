package source

// Brand is a catalog entry: whose products are sold.
type Brand struct {
	ID, Name                        string
	Lexicon, Facts, Beats, Negative []Term
	ReturnWindowMS                  int64 // 0: the default
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
}

// Window is how long a touch on a surface counts.
type Window struct {
	Surface  string
	WindowMS int64
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

// objects writes a list of objects; an empty one is left out.
func objects[V any](o *object, name string, list []V, fields func(*object, V)) {
	if len(list) == 0 {
		return
	}
	o.name(name)
	o.b = append(o.b, '[')
	for i, v := range list {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		inner := begin(o.b)
		fields(&inner, v)
		o.b = inner.end()
	}
	o.b = append(o.b, ']')
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
