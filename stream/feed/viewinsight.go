package feed

// The part of a show's document that says what its room amounts to beyond its heat. Its fields are top-level parts.

// Insight is as of a final pane: it is said each ten seconds, is about 40 s old when it is new, and is never revised.
// Until the first, insight_at and everything with it is null.
//
// No field names a person, here or anywhere in the feed. Where fewer than 3 people are meant (peopleFloor), there are
// counts only.
type Insight struct {
	At        *string    `json:"insight_at"` // the end of its pane
	Bodies    []Body     `json:"bodies" merge:"union,role"`
	Flows     []Flow     `json:"flows"`
	Alignment *Alignment `json:"alignment"`
	Sync      *Sync      `json:"sync"`
	Contagion *Contagion `json:"contagion"`
	Trust     *Trust     `json:"trust"`
	Funnel    *Funnel    `json:"funnel"`
	// Products are those that most people acted on, at most 20.
	Products  []ProductFunnel `json:"products" merge:"union,product_id"`
	Beats     []Beat          `json:"beats"`
	Questions *Questions      `json:"questions"`
	Pins      []PinLift       `json:"pins"` // the last 8, oldest first
	Ignition  *Ignition       `json:"ignition"`
	// BackedShare is the share of the heat contributed so far that came from people with an order, 0..1: is the heat
	// backed by sales?
	BackedShare *float64 `json:"backed_share"`
	// Reference is the version of the table that theta refers to.
	Reference *string `json:"reference"`
}

// Estimate is a number with what is known of its certainty. Where insufficient is set, that is the reason why there is
// no number (no_transcript, too_few_people …), and value, lo, hi and grade are null. Where an Estimate itself is null,
// nothing was said of it.
type Estimate struct {
	Value *float64 `json:"value"`
	Lo    *float64 `json:"lo"` // 95 % interval; null: none is known
	Hi    *float64 `json:"hi"`
	Grade *string  `json:"grade"` // A, B or C; null: not graded
	// Insufficient is why there is no value. Null: there is one.
	Insufficient *string  `json:"insufficient"`
	N            *float64 `json:"n"` // what it rests on: events, people or words, as its place says
}

// Body is one of the three that exchange heat (MODEL §1).
type Body struct {
	Role        string    `json:"role"` // audience, esol, brand
	Joules      *float64  `json:"heat_joules"`
	Temperature *float64  `json:"temperature_j_per_head"` // of esol and brand there is one head
	Theta       *Estimate `json:"theta"`                  // temperature over that of a middling one of its role
	PowerWatts  *float64  `json:"power_watts"`
	Acts        int64     `json:"acts" merge:"add"`
}

// Flow is the heat between two bodies, from the one that should be hotter (MODEL §1).
type Flow struct {
	From       string    `json:"from"`
	To         string    `json:"to"`
	Match      *Estimate `json:"match"`      // min θ / max θ, 0..1: 1 is "the same energy"
	Difference *float64  `json:"difference"` // θ from − θ to; null where match is not known
	Reverse    bool      `json:"reverse"`    // the receiver is clearly hotter than the sender
	// Conductance is W/head per unit of θ. Descriptive only: a common cause passes for it.
	Conductance *Estimate `json:"conductance"`
}

// Alignment is heat match and what is shared beside it, 0..1 each (MODEL §1, §2). Missing names those that the total
// does without.
type Alignment struct {
	Total             *Estimate `json:"total"`
	HeatMatch         *Estimate `json:"heat_match"`
	KnowledgeEsol     *Estimate `json:"knowledge_esol"` // share of the brand's facts stated and not contradicted
	KnowledgeAudience *Estimate `json:"knowledge_audience"`
	// Worldview is the rank of the show's brand among the others by how near the audience's words are to each, 0..1: never
	// how alike two texts are. N is how many others.
	Worldview     *Estimate `json:"worldview"`
	WorldviewEsol *Estimate `json:"worldview_esol"` // that of what the ESOL says; not in the total
	Direction     *Estimate `json:"direction"`      // do the audience's words move where the brand wants to be
	Missing       []string  `json:"missing"`
}

// Sync is the sync rate, 0..100, and its four components, 0..1 (MODEL §2). Missing names those that the rate does
// without; each says why.
type Sync struct {
	Rate       *Estimate `json:"rate"`
	Amount     *Estimate `json:"amount"`     // the same words as often
	Echo       *Estimate `json:"echo"`       // words come back after the ESOL said them
	Action     *Estimate `json:"action"`     // people act together when called on
	Possession *Estimate `json:"possession"` // people own what is shown
	Missing    []string  `json:"missing"`
	// EchoLatency is the median from a word of the ESOL's to the audience's.
	EchoLatency *float64   `json:"echo_latency_seconds"`
	Calls       []CallSync `json:"calls"` // oldest first
	// Raw is the same with every account believed; all else here is of trusted people. Null: nobody has counted it.
	Raw *SyncTwin `json:"raw"`
}

// SyncTwin is what the sync rate and its components would be if every account were believed. Where nobody has been
// distrusted in the last hour it is the same as they are.
type SyncTwin struct {
	Rate       *Estimate `json:"rate"`
	Amount     *Estimate `json:"amount"`
	Echo       *Estimate `json:"echo"`
	Action     *Estimate `json:"action"`
	Possession *Estimate `json:"possession"`
	Missing    []string  `json:"missing"`
}

// CallSync is what one call to action did in the 20 s after it.
type CallSync struct {
	At            string    `json:"at"`     // the second of the call
	Action        string    `json:"action"` // what was called for; "": anything
	Uplift        *Estimate `json:"uplift"` // share of the active who acted beyond what they do anyway
	Concentration *float64  `json:"concentration"`
	Sync          *Estimate `json:"sync"`
	People        int64     `json:"people"`
}

// Contagion is the bracket of two definitions (MODEL §3): never one number, and no interval. Each end is comments set
// off per comment. Lexical counts who takes up a word from the room itself, total whatever makes comments follow
// comments. With lexical.grade C it must be called co-movement, not contagion: then zero is always in lexical's interval.
type Contagion struct {
	Lexical *Estimate `json:"lexical"`
	Total   *Estimate `json:"total"`
	// SecondaryUses is R_S: uses of a word in the room per mention of it by the ESOL.
	SecondaryUses  *Estimate `json:"secondary_uses"`
	InfectionWatts *float64  `json:"infection_watts"` // R_S · mentions a second · mean energy of a comment
	Tokens         int64     `json:"tokens"`          // words that it rests on
	// Spread beside infection, in the last 300 s.
	Shares       int64     `json:"shares"`
	Joins        int64     `json:"joins"`
	FirstActors  int64     `json:"first_actors"` // people whose first own act in the show this was
	Reproduction *Estimate `json:"reproduction"` // first actors in 60 s per first actor of the 60 s before
	// Raw is the bracket with every account believed; lexical and total are of trusted people. Null: nobody has counted it.
	Raw *ContagionTwin `json:"raw"`
}

// ContagionTwin is what the bracket would be if every account were believed. Where nobody has been distrusted in the last
// hour it is the same.
type ContagionTwin struct {
	Lexical *Estimate `json:"lexical"`
	Total   *Estimate `json:"total"`
	Tokens  int64     `json:"tokens"`
}

// Trust is how far the room is believed (MODEL §4). It changes heat and nothing else; money never.
type Trust struct {
	Share    *float64 `json:"share"`    // of the comments of the last 300 s, by weight, 0..1
	Suspects int64    `json:"suspects"` // people whose weight is below .5
	People   int64    `json:"people"`   // people judged
	// Worst are the least believed, at most 20, as weights and evidence: never as persons. Empty where there are fewer
	// than 3 suspects.
	Worst  []Suspect `json:"worst"`
	Floods []Flood   `json:"floods"` // at most 8
	// How evenly the room speaks: the chance that two comments are of one person, Gini, entropy.
	Simpson *float64 `json:"simpson"`
	Gini    *float64 `json:"gini"`
	Entropy *float64 `json:"entropy"`
	Missing []string `json:"missing"` // features that are not judged here
}

// Suspect is how little one of the suspects is believed, and why.
type Suspect struct {
	Weight  *float64 `json:"weight"` // .05..1
	Reasons []Reason `json:"reasons"`
}

// Reason is one feature of a suspect: dup (texts that others send too), reg (as regular as a timer), new (a new
// account).
type Reason struct {
	Name     string   `json:"name"`
	Score    *float64 `json:"score"`    // 0..1
	Evidence []string `json:"evidence"` // event ids, at most 5
}

// Flood is one text from many accounts.
type Flood struct {
	Accounts int64    `json:"accounts"`
	Comments int64    `json:"comments"`
	Since    *string  `json:"since"`
	Evidence []string `json:"evidence"` // event ids; empty where fewer than 3 accounts are meant
	Chant    bool     `json:"chant"`    // by so many that it is the room's own, and believed
}

// Funnel counts people, unordered: a person may enter any stage first, and several at once.
type Funnel struct {
	Stages []Stage `json:"stages" merge:"union,name"` // seen, engaged, asked, clicked, carted, checked_out, bought, came_back
}

// Stage is how many people have been there, how many of them also bought, and how many of them are believed now.
type Stage struct {
	Name    string `json:"name"`
	People  int64  `json:"people"`
	Bought  int64  `json:"bought"`
	Trusted int64  `json:"trusted"`
}

// ProductFunnel is the funnel of one product.
type ProductFunnel struct {
	ProductID string  `json:"product_id"`
	Name      string  `json:"name"`
	Stages    []Stage `json:"stages" merge:"union,name"`
}

// Beat is one story beat of a brand: is it told, and told again?
type Beat struct {
	BrandID      string   `json:"brand_id"`
	ID           string   `json:"id"`
	Told         int64    `json:"told"` // times by ESOL or brand
	RetoldPeople int64    `json:"retold_people"`
	Joules       *float64 `json:"joules"` // what the audience radiated with it
}

// Questions says what became of questions.
type Questions struct {
	Asked    int64 `json:"asked" merge:"add"`
	Answered int64 `json:"answered" merge:"add"` // by ESOL, brand or moderator
	Bought   int64 `json:"bought"`               // people who asked, and bought afterwards
	// SecondsToBuy is the median from question to order; null where fewer than 3 people did.
	SecondsToBuy *float64 `json:"seconds_to_buy"`
}

// PinLift is what happened in the 60 s after a product was put on air, against the 60 s before.
type PinLift struct {
	ProductID    string    `json:"product_id"`
	At           string    `json:"at"` // the second of the pin
	Clicks       int64     `json:"clicks"`
	ClicksBefore int64     `json:"clicks_before"`
	Orders       int64     `json:"orders"`
	OrdersBefore int64     `json:"orders_before"`
	Lift         *Estimate `json:"lift"` // ratio of people who clicked, carted or bought it
}

// Ignition is a train that only distinct trusted people keep going.
type Ignition struct {
	Level     int64   `json:"level"`                  // 0: none under way
	People    int64   `json:"people"`                 // distinct trusted people who stoked it at this level
	Goal      int64   `json:"goal"`                   // people that the next level asks for
	Expires   *string `json:"expires_at"`             // when it ends unless the goal is met
	BestLevel int64   `json:"best_level" merge:"max"` // of this show
	Started   *string `json:"started_at"`
}

// Context sets the show's last ten minutes of trend against the ten before, and against the other shows on the air
// (what WeChat's live board does for each of its figures). It is as of the show's own newest point.
type Context struct {
	Temperature Relative `json:"temperature_j_per_head"` // mean
	Comments    Relative `json:"comments"`               // sum
	Orders      Relative `json:"orders"`                 // sum
	Viewers     Relative `json:"viewers"`                // mean
}

// Relative is one figure of it.
type Relative struct {
	Last   *float64 `json:"last_10m"`   // of the points there are; null: none
	Before *float64 `json:"before_10m"` // of the ten minutes before
	// How many of the ten minutes there are points of: a sum over fewer is a sum over fewer.
	LastMinutes   float64 `json:"last_minutes"`
	BeforeMinutes float64 `json:"before_minutes"`
	// ChangeRatio is the relative change a minute: .12 is 12 % more. Null: the base is 0, or one of the two has less than
	// 5 minutes of points.
	ChangeRatio *float64 `json:"change_ratio"`
	// Percentile is the share of the other shows on the air that are lower, 0..1. Null: fewer than 5 have 5 minutes of
	// points, or this one has not or is not on the air; and always for viewers, which platforms do not count alike.
	Percentile *float64 `json:"percentile"`
}
