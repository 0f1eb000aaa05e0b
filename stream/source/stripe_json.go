package source

import (
	"encoding/json"
)

type stripeEvent struct {
	ID       string
	Object   string
	Created  int64
	Livemode *bool
	Data     json.RawMessage // an object of an event, the members of a list
}

type stripeObject struct {
	ID            string
	Object        string
	Created       int64
	Livemode      *bool
	Currency      string
	Status        string
	Mode          string // of a session
	Amount        int64
	Received      int64 `json:"amount_received"`
	Captured      bool
	AmountCapture int64 `json:"amount_captured"`
	Refunded      bool
	AmountRefund  int64  `json:"amount_refunded"`
	Total         int64  `json:"amount_total"`
	PaymentStatus string `json:"payment_status"`
	Intent        loose  `json:"payment_intent"`
	Charge        loose
	Customer      loose
	Metadata      map[string]loose
	MethodTypes   []string `json:"payment_method_types"`
	Method        *struct {
		Type string
		Card *struct{ Wallet *struct{ Type string } }
	} `json:"payment_method_details"`
	Refunds *struct{ Data []stripeObject }
	Details *struct {
		Discount int64 `json:"amount_discount"`
		Shipping int64 `json:"amount_shipping"`
		Tax      int64 `json:"amount_tax"`
	} `json:"total_details"`
	Lines *struct{ Data []stripeLine } `json:"line_items"`
}

type stripeLine struct {
	ID       string
	Quantity int64
	Subtotal int64 `json:"amount_subtotal"`
	Discount int64 `json:"amount_discount"`
	Price    *struct{ Product loose }
}
