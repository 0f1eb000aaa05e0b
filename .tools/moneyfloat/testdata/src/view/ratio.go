package view

func ratio(netMinor, spendMinor int64) float64 { return float64(netMinor) / float64(spendMinor) }

func back(rate float64) (netMinor int64) {
	netMinor = int64(rate) // want "a float becomes money"
	return netMinor
}
