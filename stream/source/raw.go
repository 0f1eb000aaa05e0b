package source

// Common are the fields that every raw event may have. Empty ones are left out of the JSON.
type Common struct {
	EventID  string
	TimeMS   int64
	Epoch    bool // write times as epoch milliseconds instead of RFC 3339
	ShowID   string
	EsolID   string
	Platform string
	PersonID string
	// AccountMS is when the person's account was made; 0: unknown. Of comments and reactions.
	AccountMS int64
}

func (c *Common) fields(o *object) {
	o.text("event_id", c.EventID)
	o.time("time", c.TimeMS, c.Epoch)
	o.text("show_id", c.ShowID)
	o.text("esol_id", c.EsolID)
	o.text("platform", c.Platform)
	o.text("person_id", c.PersonID)
	if c.AccountMS != 0 {
		o.time("account_created", c.AccountMS, c.Epoch)
	}
}

// Comment is one raw event of the comments topic.
type Comment struct {
	Common
	Kind     string // "" means comment; "retract" takes Retracts back
	Retracts string
	Text     string
	Lang     string
	Role     string
	ReplyTo  string
}

// Append appends the event's JSON to b.
func (c *Comment) Append(b []byte) []byte {
	o := begin(b)
	c.fields(&o)
	o.text("kind", c.Kind)
	o.text("retracts", c.Retracts)
	if c.Kind != "retract" {
		o.name("text") // an empty text is a text
		o.b = appendString(o.b, c.Text)
	}
	o.text("lang", c.Lang)
	o.text("role", c.Role)
	o.text("reply_to", c.ReplyTo)
	return o.end()
}

// Record wraps the event for its topic, keyed by show.
func (c *Comment) Record() Record {
	return Record{Topic: Comments, Key: []byte(c.ShowID), Value: c.Append(nil), TimeMS: c.TimeMS}
}

// Reaction is one raw event of the reactions topic.
type Reaction struct {
	Common
	CampaignID string
	Kind       string
	Count      int64 // written where HasCount
	HasCount   bool
	ProductID  string
	Amount     string // decimal text
	Currency   string
	Channel    string
	Code       string
	Action     string // of a call
	Text       string // of a call
	// Of an identity: who else the person is, or (NotSame) is not after all.
	OtherPlatform, OtherPersonID string
	NotSame                      bool
}

// Append appends the event's JSON to b.
func (r *Reaction) Append(b []byte) []byte {
	o := begin(b)
	r.fields(&o)
	o.text("campaign_id", r.CampaignID)
	o.text("kind", r.Kind)
	if r.HasCount {
		o.number("count", r.Count)
	}
	o.text("product_id", r.ProductID)
	o.text("amount", r.Amount)
	o.text("currency", r.Currency)
	o.text("channel", r.Channel)
	o.text("code", r.Code)
	o.text("action", r.Action)
	o.text("text", r.Text)
	o.text("other_platform", r.OtherPlatform)
	o.text("other_person_id", r.OtherPersonID)
	if r.NotSame {
		o.name("same")
		o.b = append(o.b, "false"...)
	}
	return o.end()
}

// Record wraps the event for its topic, keyed by show.
func (r *Reaction) Record() Record {
	return Record{Topic: Reactions, Key: []byte(r.ShowID), Value: r.Append(nil), TimeMS: r.TimeMS}
}

// Line is one line of an order, or of a refund (then only product and quantity say something).
type Line struct {
	LineID, ProductID, BrandID string
	Quantity                   int64
	UnitPrice, Discount        string // decimal text
}

// RefundPart is one refund transaction of an order.
type RefundPart struct {
	RefundID string
	Amount   string
	TimeMS   int64
	Lines    []Line
}

// Order is one version of an order, as complete or as partial as its sender makes it.
type Order struct {
	Common
	CampaignID    string
	OrderID       string
	Version       int64 // 0: not written
	UpdatedMS     int64 // 0: not written
	Status        string
	Lines         []Line
	Currency      string
	Amount        string // "": a status-only update
	Refunds       []RefundPart
	Channel       string
	PaymentMethod string
	Code          string // the coupon that the buyer typed in
	AffiliateCode string // whose link or page the order came by
	Test          bool
	TaxIncluded   bool   // prices and discounts of the lines include tax; Amount always does
	Tax, Shipping string // of Amount; written where there is an Amount
}

// Append appends the event's JSON to b.
func (r *Order) Append(b []byte) []byte {
	o := begin(b)
	r.fields(&o)
	o.text("campaign_id", r.CampaignID)
	o.text("order_id", r.OrderID)
	if r.Version != 0 {
		o.number("version", r.Version)
	}
	if r.UpdatedMS != 0 {
		o.time("updated_at", r.UpdatedMS, r.Epoch)
	}
	o.text("status", r.Status)
	o.lines(r.Lines)
	o.text("currency", r.Currency)
	o.text("amount", r.Amount)
	if r.Amount != "" {
		o.text("tax", r.Tax)
		o.text("shipping", r.Shipping)
	}
	o.truth("tax_included", r.TaxIncluded)
	if len(r.Refunds) > 0 {
		o.name("refunds")
		o.b = append(o.b, '[')
		for i := range r.Refunds {
			if i > 0 {
				o.b = append(o.b, ',')
			}
			o.b = r.Refunds[i].append(o.b, r.Epoch)
		}
		o.b = append(o.b, ']')
	}
	o.text("channel", r.Channel)
	o.text("payment_method", r.PaymentMethod)
	o.text("code", r.Code)
	o.text("affiliate_code", r.AffiliateCode)
	o.truth("test", r.Test)
	return o.end()
}

// Record wraps the event for its topic, keyed by order.
func (r *Order) Record() Record {
	return Record{Topic: Orders, Key: []byte(r.OrderID), Value: r.Append(nil), TimeMS: r.TimeMS}
}

func (r *RefundPart) append(b []byte, epoch bool) []byte {
	o := begin(b)
	o.text("refund_id", r.RefundID)
	o.text("amount", r.Amount)
	if r.TimeMS != 0 {
		o.time("time", r.TimeMS, epoch)
	}
	o.lines(r.Lines)
	return o.end()
}

func (o *object) lines(lines []Line) {
	if len(lines) == 0 {
		return
	}
	o.name("lines")
	o.b = append(o.b, '[')
	for i, l := range lines {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		p := begin(o.b)
		p.text("line_id", l.LineID)
		p.text("product_id", l.ProductID)
		p.text("brand_id", l.BrandID)
		p.number("quantity", l.Quantity)
		p.text("unit_price", l.UnitPrice)
		p.text("discount", l.Discount)
		o.b = p.end()
	}
	o.b = append(o.b, ']')
}
