package feed

// Campaign is the document of campaign/ID: what the brand's money returned, what it owes and to whom, and whether its
// commitment will be reached. What an ESOL is credited with is by rule, and not what she caused; what the campaign caused is
// its incremental return, where people were held out.
type Campaign struct {
	Scope string `json:"scope"`
	Kind  string `json:"kind"` // campaign
	ID    string `json:"id"`
	// BrandID is whose it is, as the catalog said last; null: nobody has said.
	BrandID *string `json:"brand_id"`
	// Model is how its deals share orders, as the catalog said last: last, first, linear, time_decay, position or shapley; none:
	// an order's own ESOL has it whole. When it changes, the deals follow one order at a time. Null: nobody has said.
	Model *string    `json:"model"`
	Money *MoneyView `json:"money"`
	// Costs is what it costs, per currency; null: nothing is known of that.
	Costs []Cost `json:"costs" merge:"union,currency"`
	// Returns is what its money returned, per currency: the campaign's own, which is spent, first.
	Returns []Return `json:"returns" merge:"union,currency"`
	// Total is what it sold over all currencies; null: all that it sold was in its own, or the sub's basis is another currency.
	Total *Total `json:"total"`
	// HoldoutPPM is how many of all people it is not shown to by chance, in parts per million; 0: nobody was held out, and
	// nothing is known of what it caused.
	HoldoutPPM uint32 `json:"holdout_ppm"`
	// Deals are its ESOLs by what they return, the best first: by ROIMS where that is known, then by currency and net GMV. The
	// first 200.
	Deals []Deal `json:"deals" merge:"union,esol_id"`
	Age
}

// Total is what a campaign sold over all currencies, converted to its own at the rates now in force. The amounts of each
// currency are in money, as they were paid.
type Total struct {
	Net  *Money `json:"net"` // of the currencies that have a rate; null: see insufficient
	Paid *Money `json:"paid"`
	// Rates is the version of the table: two figures of one version are of the same rates. Null: none is in force.
	Rates     *string  `json:"rates"`
	RatesFrom *string  `json:"rates_from"` // the date of the oldest rate used; null: one of them has none
	LeftOut   []string `json:"left_out"`   // currencies without a rate
	// Insufficient is no_rate (nothing can be converted) or overflow.
	Insufficient *string `json:"insufficient"`
}

// Cost is what a campaign costs in one currency.
type Cost struct {
	Currency   string `json:"currency"`
	Total      Money  `json:"total"`      // spend + commission in all its states
	Spend      Money  `json:"spend"`      // beside what ESOLs are owed
	Commission States `json:"commission"` // fees among it
}

// States is money owed by how far it has come: estimated, approved (the return window is over), payable (on a statement),
// paid; clawed_back was taken back after it was paid and is yet to be set off.
type States struct {
	Estimated  Money `json:"estimated"`
	Approved   Money `json:"approved"`
	Payable    Money `json:"payable"`
	Paid       Money `json:"paid"`
	ClawedBack Money `json:"clawed_back"`
}

// Return is ROIMS in one currency, by variant: net, gross, profit, incremental, break_even.
type Return struct {
	Currency string    `json:"currency"`
	Variants []Variant `json:"variants" merge:"union,name"`
	Pace     *Pace     `json:"pace"` // null: the campaign has committed to nothing in this currency
	Expected *Expected `json:"expected"`
}

// Expected is what will be left of net GMV once the goods that are going to come back have. Null of a deal, and of a campaign
// that sells at more return rates than are kept apart.
type Expected struct {
	Net    Money  `json:"net"`
	Coming Money  `json:"coming"` // back, of what is net today
	Curve  string `json:"curve"`  // version of when returns come
}

// Variant is one ROIMS with all that it is made of. Claim says what it says of cause: attributed, incremental, threshold.
type Variant struct {
	Name        string   `json:"name"`
	Claim       string   `json:"claim"`
	Basis       string   `json:"basis"` // gross, net, margin
	Numerator   *Money   `json:"numerator"`
	Denominator *Money   `json:"denominator"`
	Value       *float64 `json:"value"` // null: see insufficient
	Lo          *float64 `json:"lo"`    // 95 %
	Hi          *float64 `json:"hi"`
	Grade       *string  `json:"grade"`
	Orders      int64    `json:"orders" merge:"add"`
	// Insufficient is no_cost, no_gmv, no_margin, too_few_orders, no_holdout, not_randomised or overflow.
	Insufficient *string `json:"insufficient"`
}

// Pace is whether the commitment will be reached.
type Pace struct {
	Target  Money `json:"target"`
	Current Money `json:"current"`
	Hit     bool  `json:"hit"` // refunds may yet take it back
	// Elapsed and left are seconds on the air, as the catalog plans the shows.
	ElapsedSeconds float64 `json:"elapsed_seconds"`
	LeftSeconds    float64 `json:"left_seconds"`
	// Rates are per hour on the air, or of the campaign where no shows are planned, rounded to minor units; needed is null
	// where no time is left.
	RunRate     *Money   `json:"run_rate_per_hour" merge:"set"`
	NeededRate  *Money   `json:"needed_rate_per_hour" merge:"set"`
	Probability *float64 `json:"probability"`       // null: see insufficient
	Final       *Money   `json:"final" merge:"set"` // expected, rounded; with 80 % between lo and hi
	FinalLo     *Money   `json:"final_lo" merge:"set"`
	FinalHi     *Money   `json:"final_hi" merge:"set"`
	Calibration *string  `json:"calibration"`
	// Insufficient is no_commitment, no_schedule, too_few_orders or too_early.
	Insufficient *string `json:"insufficient"`
}

// Deal is one ESOL in a campaign, in the currency of most of her orders there.
type Deal struct {
	EsolID     string   `json:"esol_id"`
	Orders     int64    `json:"orders" merge:"add"`
	OrdersHeld int64    `json:"orders_held" merge:"add"` // estimated until somebody has looked at them; never forfeited
	Net        Money    `json:"net"`
	Owed       States   `json:"owed"`
	Cost       Money    `json:"cost"` // owed in all, to her and to others for her orders
	Roims      *Variant `json:"roims"`
	Commitment *Money   `json:"commitment"` // net GMV that she has promised; null: none
	Shortfall  *Money   `json:"shortfall"`
	// Beside it, what sells nothing by itself: the people active in her shows on the air. Never what deals are ranked by.
	ActiveHeads int64 `json:"active_heads"`
}
