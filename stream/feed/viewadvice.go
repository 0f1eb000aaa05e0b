package feed

// Advice is the answer of GET /v1/campaigns/{id}/advice: where the next of a campaign's budget should go, by what it would
// return at the margin (operators/budget, MODEL §5). It is a function of the meters held: the same ones advise the same,
// until a meter of the campaign comes in another hour.
type Advice struct {
	CampaignID string `json:"campaign_id"`
	Rule       string `json:"rule"` // version of the rule
	Seed       string `json:"seed"` // of what was drawn: 64 bits, in decimal
	Claim      string `json:"claim"`
	Note       string `json:"note"` // the same in a sentence
	Currency   string `json:"currency"`
	Budget     Money  `json:"budget"` // the shares and what is left sum to it
	Unit       *Money `json:"unit"`   // given at a time; null: there is no advice
	// HurdlePPM is the marginal ROIMS that a unit must exceed to be given, in parts per million: 0 is break-even.
	HurdlePPM int64 `json:"hurdle_ppm"`
	Left      Money `json:"left"`
	// LeftReason is below_hurdle, nobody_known (no ESOL has 30 orders) or no_margin; null: nothing is left.
	LeftReason *string `json:"left_reason"`
	// Shares are of the campaign's ESOLs, who is given most first, then the likeliest to be the best. The first 200.
	Shares []AdviceShare `json:"shares"`
	AsOf   *string       `json:"as_of"` // append time of the campaign's newest meter
}

// AdviceShare is the advice on one ESOL. The last four are null where she was not judged.
type AdviceShare struct {
	EsolID string `json:"esol_id"`
	Amount Money  `json:"amount"`
	// Reason is given, not_drawn (others were drawn better), below_minimum_sample (30 orders, and something owed for them),
	// too_many (200 ESOLs are judged, those with the most orders) or not_judged (see left_reason).
	Reason string `json:"reason"`
	Orders int64  `json:"orders"` // that it rests on: in all her deals in that currency
	// Best is the probability that her next unit returns the most of all.
	Best *float64 `json:"best"`
	// Marginal is what her next unit would return beyond itself, per unit: margin · f'(spent) - 1.
	Marginal *float64 `json:"marginal"`
	Lo       *float64 `json:"lo"` // 80 %
	Hi       *float64 `json:"hi"`
}
