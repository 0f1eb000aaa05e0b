package alignment

// Term is one way to go together, in [0, 1]. N is how many it rests on: facts, effective texts, or brands. Where
// Missing has a reason the numbers are 0 and mean nothing.
type Term struct {
	Value, N float64
	Missing  string
}

// Reasons why a term is missing.
const (
	NoHeat       = "no_heat"
	TooFewTexts  = "too_few_texts"
	TooFewBrands = "too_few_brands"
	NoTarget     = "no_target"
	NoMovement   = "no_movement"
	TooFewTerms  = "too_few_terms"
)

// HeatMatch is how nearly two sides are as hot as each other: min/max of their reduced temperatures, 1 if equal. A side
// without heat has no match, rather than one of 0.
func HeatMatch(a, b float64) Term {
	if !(a > 0) || !(b > 0) {
		return Term{Missing: NoHeat}
	}
	return Term{Value: min(a, b) / max(a, b)}
}
