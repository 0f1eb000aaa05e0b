package source

// shopifyMoney is an amount in the shop's currency and in the buyer's.
type shopifyMoney struct {
	Shop        shopifyAmount `json:"shop_money"`
	Presentment shopifyAmount `json:"presentment_money"`
}

type shopifyAmount struct {
	Amount   loose
	Currency string `json:"currency_code"`
}

type shopifyOrder struct {
	ID            loose
	CreatedAt     instant `json:"created_at"`
	ProcessedAt   instant `json:"processed_at"`
	UpdatedAt     instant `json:"updated_at"`
	CancelledAt   instant `json:"cancelled_at"`
	Currency      string
	Total         loose         `json:"total_price"`
	TotalSet      *shopifyMoney `json:"total_price_set"`
	Current       loose         `json:"current_total_price"`
	CurrentSet    *shopifyMoney `json:"current_total_price_set"`
	Tax           loose         `json:"total_tax"`
	TaxSet        *shopifyMoney `json:"total_tax_set"`
	CurrentTax    loose         `json:"current_total_tax"`
	CurrentTaxSet *shopifyMoney `json:"current_total_tax_set"`
	Discounts     loose         `json:"total_discounts"`
	DiscountsSet  *shopifyMoney `json:"total_discounts_set"`
	ShippingSet   *shopifyMoney `json:"total_shipping_price_set"`
	ShippingLines []struct {
		Price    loose
		PriceSet *shopifyMoney `json:"price_set"`
	} `json:"shipping_lines"`
	TaxesIncluded   bool `json:"taxes_included"`
	Test            bool
	FinancialStatus string `json:"financial_status"`
	Gateway         string
	Gateways        []string                `json:"payment_gateway_names"`
	SourceName      string                  `json:"source_name"`
	LandingSite     string                  `json:"landing_site"`
	LandingSiteRef  string                  `json:"landing_site_ref"`
	DiscountCodes   []struct{ Code string } `json:"discount_codes"`
	NoteAttributes  []struct {
		Name  string
		Value loose
	} `json:"note_attributes"`
	Customer     *struct{ ID loose }
	Lines        []shopifyLine `json:"line_items"`
	Refunds      []shopifyRefund
	Transactions []shopifyTransaction
}

type shopifyLine struct {
	ID              loose
	ProductID       loose `json:"product_id"`
	VariantID       loose `json:"variant_id"`
	SKU             string
	Quantity        int64
	CurrentQuantity *int64 `json:"current_quantity"`
	Price           loose
	PriceSet        *shopifyMoney `json:"price_set"`
	Discount        loose         `json:"total_discount"`
	DiscountSet     *shopifyMoney `json:"total_discount_set"`
	Allocations     []struct {
		Amount    loose
		AmountSet *shopifyMoney `json:"amount_set"`
	} `json:"discount_allocations"`
}

type shopifyTransaction struct {
	Amount      loose
	Currency    string
	Kind        string
	Status      string
	Test        bool
	CreatedAt   instant `json:"created_at"`
	ProcessedAt instant `json:"processed_at"`
}

type shopifyRefund struct {
	ID          loose
	OrderID     loose   `json:"order_id"`
	CreatedAt   instant `json:"created_at"`
	ProcessedAt instant `json:"processed_at"`
	Lines       []struct {
		LineID   loose `json:"line_item_id"`
		Quantity int64
		Line     *shopifyLine  `json:"line_item"`
		Subtotal *shopifyMoney `json:"subtotal_set"`
	} `json:"refund_line_items"`
	Transactions []shopifyTransaction // nil: the payload does not say
}
