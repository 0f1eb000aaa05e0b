package feed

// Brand is the document of brand/ID: what it sold, what its campaigns returned, and how hot the rooms are that sell it.
//
// The heat of a brand is that of the shows on the air that sell it, as one body: Q = ΣQ, C = ΣC, T = Q/C, so that a show weighs
// as much as the people in it. It is the heat of rooms. How much of it is the brand's doing nobody can tell, least of all in a
// show that sells others beside: such a show counts whole for each of them, and on_air_shared says how many there are. What the
// brand itself says in a show is in the show's bodies.
type Brand struct {
	Scope string     `json:"scope"`
	Kind  string     `json:"kind"` // brand
	ID    string     `json:"id"`
	Money *MoneyView `json:"money"`
	// Heat rolls up the shows on the air that sell the brand; null: none does.
	Heat        *RollUp `json:"heat"`
	OnAir       int     `json:"on_air"`        // shows on the air that sell it
	OnAirShared int     `json:"on_air_shared"` // of them, those that sell other brands too
	// Shows are those on the air, in the board's order: the first 50.
	Shows []BrandShow `json:"shows" merge:"union,id"`
	// Campaigns are those of the brand with money or a cost, in order of id: the first 100.
	Campaigns []CampaignRow `json:"campaigns" merge:"union,id"`
	Age
}

// BrandShow is of a show what a brand may know that is sold in it. Its money is of other brands too, and is left out; what it
// sold of this brand is in the brand's. Its heat is the provisional one.
type BrandShow struct {
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
	Trend        *float64 `json:"trend"`  // as in a row of the board
	Brands       int      `json:"brands"` // how many the show sells
	Age
}
