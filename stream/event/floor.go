package event

// FloorDiv is a/b rounded down, b above zero: times before 1970 fall into slots like all others.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
