package feed

// The documents of the feed: what snap.data and GET /v1/meters/{kind}/{id} hold. Their JSON is a contract; testdata has
// an example of each. Fields are added, never renamed or taken away. Every field is always there; null means "not
// known" and has a reason beside it where a reason exists. Times are RFC 3339 with milliseconds, UTC. Numbers of a unit
// end in it and have at most four decimals.
//
// A delta replaces top-level fields of these documents ("parts") whole.

// Show is the document of show/ID.
type Show struct {
	Scope    string  `json:"scope"` // show/S42
	Kind     string  `json:"kind"`  // show
	ID       string  `json:"id"`
	EsolID   string  `json:"esol_id"` // "" until known
	Platform string  `json:"platform"`
	Title    string  `json:"title"`
	State    string  `json:"state"` // on_air, idle (nothing for 10 s), ended, unknown (money came, the room did not)
	Started  *string `json:"started_at"`
	// LastEvent is the greatest event time in the room.
	LastEvent  *string      `json:"last_event_at" merge:"max"`
	Room       *Room        `json:"room"`  // null: nothing from the room yet
	Money      *MoneyView   `json:"money"` // null: no order yet
	Conversion Conversion   `json:"conversion"`
	Trend      []TrendPoint `json:"trend" merge:"union,at"` // the last 10 minutes of final points, oldest first, one each 10 s
	Marks      []Mark       `json:"marks" merge:"union,id"` // pins and calls in the same 10 minutes, oldest first
	Context    *Context     `json:"context"`
	// BrandIDs are whom it sells for: the brands of its catalog entry, of its campaigns, and of the products put on air. At most 32.
	BrandIDs []string `json:"brand_ids"`
	Insight
	Age
}

// Age is how old a document is; its fields are top-level parts.
type Age struct {
	AsOf *string `json:"as_of" merge:"max"` // append time of the newest meter in it
	// Watermark is the event time up to which the room is complete; of several shows on the air, the lowest. Null:
	// none.
	Watermark *string `json:"watermark"`
	// FreshnessMS is as_of − watermark. The freshness now is that plus (now − as_of): watch the heartbeats for "now".
	FreshnessMS *int64 `json:"freshness_ms"`
}

// Room is the heat of a show. Final can no longer change; provisional adds the last ~35 s and may be revised.
type Room struct {
	Final       *RoomView `json:"final"`
	Provisional *RoomView `json:"provisional"`
	LateTotal   int64     `json:"late_total" merge:"add"` // accepted events that came too late to move heat
	LateSample  []string  `json:"late_sample"`
}

// RoomView is the room at the end of one second.
type RoomView struct {
	At          string      `json:"at"` // the end of its last pane
	Heat        *Heat       `json:"heat"`
	Totals      []KindTotal `json:"totals" merge:"union,kind"` // since the start of the show
	PeopleTotal int64       `json:"people_total" merge:"add"`  // distinct people who ever acted
	BuyersTotal int64       `json:"buyers_total" merge:"add"`  // distinct people with an order in the room
	OrdersTotal int64       `json:"orders_total" merge:"add"`
	// Raw is the heat with every act believed: what it would be without the weights of trust. Null: not told.
	Raw *Heat `json:"raw"`
	// Sources say where the heat that is in the room now came from, sinks what it loses; the largest first (MODEL §1).
	Sources []Source `json:"sources" merge:"union,name"`
	Sinks   []Sink   `json:"sinks" merge:"union,name"`
}

// Source is a kind of event (comment, like, order …) and what of the room's present heat came from it.
type Source struct {
	Name   string   `json:"name"`
	Joules *float64 `json:"joules"`
	Share  *float64 `json:"share"` // of all sources, 0..1
}

// Sink is a way in which the room loses heat, over about the last minute: cooling (it fades by itself), leaving (people
// go), repetition (the same text again), saturation (one person again and again), distrust (acts that are not
// believed).
type Sink struct {
	Name  string   `json:"name"`
	Watts *float64 `json:"watts"`
	Share *float64 `json:"share"` // of all sinks, 0..1
}

// KindTotal counts one kind of event: comment, like, gift, order …
type KindTotal struct {
	Kind   string   `json:"kind"`
	Events int64    `json:"events" merge:"add"`
	Joules *float64 `json:"joules"` // what they radiated
}

// Heat says how hot. 1 J is one plain authentic comment of one head; a head is a person in the room.
type Heat struct {
	Gauge   *float64 `json:"gauge"`    // 0..100; null: see insufficient
	GaugeLo *float64 `json:"gauge_lo"` // 95 % interval; null where there is none
	GaugeHi *float64 `json:"gauge_hi"`
	Grade   *string  `json:"grade"` // A, B or C: how wide the interval is; null with the gauge
	// Insufficient is why there is no gauge: too_few_acts, too_few_people, too_young. Null: there is one.
	Insufficient  *string  `json:"insufficient"`
	Temperature   *float64 `json:"temperature_j_per_head"`
	TemperatureLo *float64 `json:"temperature_lo_j_per_head"`
	TemperatureHi *float64 `json:"temperature_hi_j_per_head"`
	Joules        *float64 `json:"heat_joules"` // what the room holds now
	JoulesTotal   *float64 `json:"total_joules"`
	PowerWatts    *float64 `json:"power_watts"`
	ActiveHeads   int64    `json:"active_heads"` // who acted in the last 300 s
	CapacityHeads *float64 `json:"capacity_heads"`
	EffectiveActs *float64 `json:"effective_acts"`
	Viewers       *int64   `json:"viewers"` // the platform's own count; null: not told
}

// MoneyView is what a scope sold, one entry per currency. Currencies are never added.
type MoneyView struct {
	GMV         []GMV   `json:"gmv" merge:"union,currency"`
	Buyers      int64   `json:"buyers" merge:"add"` // distinct people with a paid order
	OrdersTotal int64   `json:"orders_total" merge:"add"`
	LastOrder   *string `json:"last_order_at" merge:"max"`
}

// GMV is the money of one currency, by layer. net = paid − refunded − cancelled.
type GMV struct {
	Currency        string `json:"currency"`
	Created         Money  `json:"created"`
	Paid            Money  `json:"paid"`
	Net             Money  `json:"net"`
	Settled         Money  `json:"settled"` // net of orders whose return window is over
	Refunded        Money  `json:"refunded"`
	RefundedUnknown Money  `json:"refunded_unknown"` // of refunded: no order known for it (yet)
	Cancelled       Money  `json:"cancelled"`
	AverageOrder    *Money `json:"average_order" merge:"set"` // null: nothing paid
	OrdersCreated   int64  `json:"orders_created" merge:"add"`
	OrdersPaid      int64  `json:"orders_paid" merge:"add"`
	OrdersCancelled int64  `json:"orders_cancelled" merge:"add"`
	OrdersRefunded  int64  `json:"orders_refunded" merge:"add"`
	RefundsUnknown  int64  `json:"refunds_unknown" merge:"add"`
	Units           int64  `json:"units" merge:"add"`
	Buyers          int64  `json:"buyers" merge:"add"`
}

// Money is an exact amount: minor units as decimal text, and the ISO 4217 exponent to show it with.
type Money struct {
	Minor    string `json:"minor" merge:"add"`
	Currency string `json:"currency"`
	Exponent uint32 `json:"exponent"`
}

// Conversion is buyers ÷ people: distinct people with a paid order credited to the show, over distinct people who acted
// in its room.
type Conversion struct {
	Ratio  *float64 `json:"ratio"`
	Buyers *int64   `json:"buyers" merge:"add"`
	People *int64   `json:"people"`
	// Reason is why there is no ratio: no_room, no_money, no_people, buyers_outside_room (more buyers than people: some
	// never acted in the room, so the quotient would not be a share). Null: there is one.
	Reason *string `json:"reason"`
}

// TrendPoint is the final room at one moment, and what happened in the ten seconds before it.
type TrendPoint struct {
	At           string   `json:"at"`
	Gauge        *float64 `json:"gauge"`
	GaugeLo      *float64 `json:"gauge_lo"`
	GaugeHi      *float64 `json:"gauge_hi"`
	Grade        *string  `json:"grade"`
	Insufficient *string  `json:"insufficient"`
	Temperature  *float64 `json:"temperature_j_per_head"`
	PowerWatts   *float64 `json:"power_watts"`
	ActiveHeads  int64    `json:"active_heads"`
	Comments     int64    `json:"comments"`
	Orders       int64    `json:"orders"`
	Viewers      *int64   `json:"viewers"`
}

// Mark is something that the ESOL did: pin (a product put on air) or call (a call to action).
type Mark struct {
	Kind      string  `json:"kind"`
	At        string  `json:"at"`
	ProductID *string `json:"product_id"`
	ID        string  `json:"id"`
}

// Esol is the document of esol/ID.
type Esol struct {
	Scope string     `json:"scope"`
	Kind  string     `json:"kind"` // esol
	ID    string     `json:"id"`
	Money *MoneyView `json:"money"`
	// Heat rolls up the ESOL's shows on the air; null: none is.
	Heat *RollUp `json:"heat"`
	// Funnel sums those of the shows that are remembered: a person who was in two counts twice, and bought counts whoever
	// bought in the same show. Null: no show has one.
	Funnel *EsolFunnel `json:"funnel"`
	Shows  []Row       `json:"shows" merge:"union,id"` // newest first; ended ones too, as long as they are remembered
	Age
}

// EsolFunnel is the funnels of several shows, stage by stage.
type EsolFunnel struct {
	Shows  int     `json:"shows"` // how many it is of
	Stages []Stage `json:"stages" merge:"union,name"`
}

// RollUp is the heat of several shows as one body: Q = ΣQ, C = ΣC, T = Q/C, and the gauge from T by the reference
// quartiles 0.3 and 1.5 J/head. It is not the mean of the gauges.
type RollUp struct {
	RollUp bool     `json:"roll_up"` // always true
	Shows  int      `json:"shows"`   // how many it is of
	Gauge  *float64 `json:"gauge"`
	// Insufficient is why there is no gauge, by a show's own rule on the sums: too_few_acts, too_few_people; too_young
	// where every show is.
	Insufficient  *string  `json:"insufficient"`
	Temperature   *float64 `json:"temperature_j_per_head"`
	Joules        *float64 `json:"heat_joules"`
	PowerWatts    *float64 `json:"power_watts"`
	ActiveHeads   int64    `json:"active_heads"` // a person in two shows counts twice
	CapacityHeads *float64 `json:"capacity_heads"`
	// The interval, of one show its own; of several, from their variances, and null unless all of them have one.
	TemperatureLo *float64 `json:"temperature_lo_j_per_head"`
	TemperatureHi *float64 `json:"temperature_hi_j_per_head"`
	GaugeLo       *float64 `json:"gauge_lo"`
	GaugeHi       *float64 `json:"gauge_hi"`
	Grade         *string  `json:"grade"`
}

// Row is a show's essentials, on the board and in its ESOL's document. Its heat is the provisional one.
type Row struct {
	Scope        string   `json:"scope"`
	ID           string   `json:"id"`
	EsolID       string   `json:"esol_id"`
	Platform     string   `json:"platform"`
	Title        string   `json:"title"`
	State        string   `json:"state"`
	Started      *string  `json:"started_at"`
	Gauge        *float64 `json:"gauge"`
	GaugeLo      *float64 `json:"gauge_lo"`
	GaugeHi      *float64 `json:"gauge_hi"`
	Grade        *string  `json:"grade"`
	Insufficient *string  `json:"insufficient"`
	Temperature  *float64 `json:"temperature_j_per_head"`
	PowerWatts   *float64 `json:"power_watts"`
	ActiveHeads  int64    `json:"active_heads"`
	Viewers      *int64   `json:"viewers"`
	GMVNet       []Money  `json:"gmv_net" merge:"union,currency"` // one per currency
	Orders       int64    `json:"orders_paid" merge:"add"`
	Sync         *float64 `json:"sync"` // 0..100; null: not known
	// The bracket of contagion: lo is its lexical end, hi its total one. They are two definitions, so lo may lie above hi.
	// Grade C means that it must be called co-movement.
	ContagionLo    *float64 `json:"contagion_lo"`
	ContagionHi    *float64 `json:"contagion_hi"`
	ContagionGrade *string  `json:"contagion_grade"`
	IgnitionLevel  *int64   `json:"ignition_level"` // 0: none under way; null: not known
	// Trend is context.temperature_j_per_head.change_ratio: .12 is 12 % hotter than in the ten minutes before.
	Trend *float64 `json:"trend"`
	// Attention is the kind of the show's latest diagnosis (see AlertView) in the last 5 minutes up to its watermark;
	// null: nothing asks for it.
	Attention *string `json:"attention"`
	Age
}

// Board is the document of the topic "shows" and of GET /v1/shows: the shows on the air (on_air and idle). Those with a
// gauge come first, then the insufficient; within each the hottest first, ties by id.
type Board struct {
	Kind  string `json:"kind"`   // shows
	OnAir int    `json:"on_air"` // how many there are
	// Shows are the first 200 of them.
	Shows []Row `json:"shows" merge:"union,id"`
	// Campaigns are those with money or a cost, in order of id: the first 100.
	Campaigns []CampaignRow `json:"campaigns" merge:"union,id"`
	Age
}

// CampaignRow is a campaign's essentials.
type CampaignRow struct {
	ID      string   `json:"id"`
	BrandID *string  `json:"brand_id"`                       // whose it is; null: nobody has said
	GMVNet  []Money  `json:"gmv_net" merge:"union,currency"` // one per currency
	Roims   *Variant `json:"roims"`                          // net, in the currency that is spent; null: nothing was said of it
	// Probability of the commitment; null: there is none, or it is not known. Hit: it has been reached.
	Probability *float64 `json:"probability"`
	Hit         bool     `json:"hit"`
}

// AlertView is the data of an event frame, and an entry of GET /v1/alerts. Its sentence is made where it is shown.
//
// Moments, with their numbers (any of which may be missing or null):
//
//	hot, cold        gauge
//	raid             joins_10s, joins_before_mean_10s
//	ignition         level, people, goal
//	ignition_up      level, people
//
// Diagnoses, which ask for a producer's attention:
//
//	hot_not_buying     gauge, product_talk_share, orders_10m, conversion_10m, conversion_before
//	cold_brand         gauge, brand_share, terms_people
//	cooled_after_call  temperature_before, temperature_after, seconds
//	reverse_flow       theta_esol, theta_audience
//	lookalike_flood    accounts, comments, seconds
//	no_order           minutes, people_active, orders_before_per_10m
//
// Shares and conversions are 0..1, temperatures J/head, thetas temperatures over that of a middling room of the role.
// Other kinds may come: show their kind and numbers. The kind restate is no alert but a correction of money: its restatement
// says which. GET /v1/alerts has those under ?kind=restate only.
type AlertView struct {
	ID      string              `json:"id"` // the same alert again has the same id
	Scope   string              `json:"scope"`
	ShowID  string              `json:"show_id"`
	EsolID  string              `json:"esol_id"`
	Kind    string              `json:"kind"`
	At      string              `json:"at"`
	Numbers map[string]*float64 `json:"numbers"` // what led to it
	// Restatement is there of the kind restate only.
	Restatement *Restatement `json:"restatement,omitempty"`

	timeMS int64 // At
}
