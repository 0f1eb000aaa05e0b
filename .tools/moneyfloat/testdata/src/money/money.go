package money

type credit struct {
	NetMinor  int64
	Units     int64
	PartMinor []int64
	TaxMinor  float64 // want "TaxMinor is called money and is a float"
}

func (c *credit) GetNetMinor() int64 { return c.NetMinor }

type joules float64

func toFloat(c *credit, fee_minor int64, minor int64) float64 {
	_ = float64(c.Units)
	_ = float64(c.NetMinor / fee_minor) // a ratio
	_ = float64(c.NetMinor)             // want "money becomes a float"
	_ = float32(c.GetNetMinor() + 1)    // want "money becomes a float"
	_ = float64(max(0, fee_minor))      // want "money becomes a float"
	_ = float64(uint64(-minor))         // want "money becomes a float"
	_ = joules(c.NetMinor * c.Units)    // want "money becomes a float"
	_ = float64(c.NetMinor / c.Units)   // want "money becomes a float"
	_ = float64(c.PartMinor[1])         // want "money becomes a float"
	for _, part := range c.PartMinor {
		_ = float64(part) // want "money becomes a float"
	}
	other := int64(0)
	for range c.Units {
		_ = float64(other) // want "money becomes a float"
		sum := c.NetMinor
		other = sum
	}
	total, _ := totalMinor(c)
	_ = float64(total) // want "money becomes a float"
	both, _ := Add(c.NetMinor, 1)
	_ = float64(both) // want "money becomes a float"
	units, _ := Add(c.Units, 1)
	_ = float64(units)
	return 1
}

func totalMinor(c *credit) (int64, error) { return c.NetMinor, nil }

func Add(a, b int64) (int64, error) { return a + b, nil }

func toMoney(c *credit, rate float64) (sumMinor int64) {
	c.Units = int64(rate)
	c.NetMinor = int64(rate)               // want "a float becomes money"
	c.NetMinor += 1 + int64(rate*2)        // want "a float becomes money"
	c.PartMinor[0] = int64(uint32(rate))   // want "a float becomes money"
	c.NetMinor = int64(1e6)                // a constant is exact
	takeMinor := int64(rate)               // want "a float becomes money"
	_ = credit{NetMinor: int64(rate)}      // want "a float becomes money"
	_ = toFloat(c, takeMinor, int64(rate)) // want "a float becomes money"
	var lastMinor = -int64(rate)           // want "a float becomes money"
	return lastMinor
}

func feeMinor(rate float64) int64 {
	return int64(rate) // want "a float becomes money"
}

// The determinant of what is left without a row and a column is called a minor too.
func determinant(minor float64) float64 { return minor }
