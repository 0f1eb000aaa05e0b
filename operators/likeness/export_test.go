package likeness

// MatchOf compares two ESOLs; false where they cannot be.
func MatchOf(a, b *Entry) (m Match, ok bool) {
	apart, unsure, ok := heats(a, b)
	if ok {
		m = match(a, b, apart, unsure)
	}
	return m, ok
}
