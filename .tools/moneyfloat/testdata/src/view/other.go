package view

func other(netMinor int64) float64 { return float64(netMinor) } // want "money becomes a float"
