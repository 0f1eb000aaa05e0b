package metrics

import "github.com/netsu/netsu/operators/roims"

// Version is of all definitions together. A change in what any of them means makes a new one.
const Version = 1

// Unit is what a value counts.
type Unit string

// Units.
const (
	Money        Unit = "money"          // minor units; the value is Numerator itself, an integer
	MoneyPer     Unit = "money_per"      // minor units per what the denominator counts
	MoneyPer1000 Unit = "money_per_1000" // the same, per thousand
	MoneyRatio   Unit = "money_ratio"    // an amount over an amount
	Ratio        Unit = "ratio"          // a part of one
	Multiple     Unit = "multiple"       // of the cost; break-even depends on the metric
	Count        Unit = "count"          // the value is Numerator itself, an integer
	CountPer     Unit = "count_per"
	Seconds      Unit = "seconds"
	PerMinute    Unit = "per_minute"
)

// Why a value is not valid, beside the reasons of operators/roims.
const (
	NoDenominator = "no_denominator" // nothing to divide by
	TooFew        = "too_few"        // fewer than the minimum sample
)

// Definition is one metric. All texts are for people, and none is empty but Denominator of what is not divided, Sample of
// what needs none, and Conflict of what nobody disputes.
type Definition struct {
	Name string `json:"name"` // forever
	JA   string `json:"ja"`
	EN   string `json:"en"`
	Unit Unit   `json:"unit"`
	// Basis is which amounts or acts count.
	Basis       string `json:"basis"`
	Numerator   string `json:"numerator"`
	Denominator string `json:"denominator,omitempty"`
	Window      string `json:"window"`
	Attribution string `json:"attribution"`
	RefundRule  string `json:"refund_rule"`
	// Conflict is what platforms mean by the same name.
	Conflict string `json:"conflict,omitempty"`
	// SampleMin is how many of Sample a value needs; 0 of what is a fact for any number.
	SampleMin int64  `json:"sample_min,omitempty"`
	Sample    string `json:"sample,omitempty"`

	of     func(c *Counts) (numerator, denominator int64)
	sample func(c *Counts) int64 // nil where SampleMin is 0, and in ROIMS, which has its own
	roims  func(c *Counts) roims.Result
}

// Value is what a metric came to.
type Value struct {
	Name                   string
	Currency               string // of the amounts in it; "" where there are none
	Numerator, Denominator int64  // Denominator is 0 for Money and Count
	// Value is 0 for Money and Count, whose value is Numerator; it means nothing unless Valid.
	Value        float64
	Valid        bool
	Insufficient string
	// ROIMS is the whole result, with interval and claim, of a metric of that family; nil for others.
	ROIMS *roims.Result
}

// Find is the definition of a name.
func Find(name string) (Definition, bool) {
	for _, d := range registry {
		if d.Name == name {
			return d, true
		}
	}
	return Definition{}, false
}

// All are the definitions, in the order of the reference. The caller may change the slice.
func All() []Definition { return append([]Definition(nil), registry...) }

// Compute is the value of a metric.
func (d Definition) Compute(c *Counts) Value {
	if d.roims != nil {
		return d.result(d.roims(c))
	}
	v := Value{Name: d.Name}
	switch d.Unit {
	case Money, MoneyPer, MoneyPer1000, MoneyRatio:
		v.Currency = c.Currency
	}
	v.Numerator, v.Denominator = d.of(c)
	whole := d.Unit == Money || d.Unit == Count
	switch {
	case !whole && v.Denominator <= 0:
		v.Insufficient = NoDenominator
	case d.sample != nil && d.sample(c) < d.SampleMin:
		v.Insufficient = TooFew
	default:
		v.Valid = true
	}
	if v.Valid && !whole {
		v.Value = float64(v.Numerator) / float64(v.Denominator) * d.Unit.per()
	}
	return v
}

// per is what a division is multiplied by.
func (u Unit) per() float64 {
	switch u {
	case MoneyPer1000:
		return 1000
	case PerMinute:
		return 60
	}
	return 1
}

func (d Definition) result(r roims.Result) Value {
	return Value{Name: d.Name, Currency: r.Currency, Numerator: r.NumeratorMinor, Denominator: r.DenominatorMinor,
		Value: r.Value, Valid: r.Insufficient == "", Insufficient: r.Insufficient, ROIMS: &r}
}
