package derive

import "strings"

// units are the endings of names that say a unit. The longest that fits counts.
var units = []struct{ ending, unit string }{
	{"j_per_head", "J/head"}, {"joules", "J"}, {"watts", "W"}, {"heads", "people"}, {"people", "people"},
	{"_ms", "ms"}, {"_seconds", "s"}, {"_minutes", "min"}, {"_ppm", "1e-6"}, {"_hz", "Hz"}, {"_bytes", "B"}, {"_yen", "JPY"},
	{"_per_s", "1/s"},
}

func unitOf(name string) string {
	unit, longest := "", 0
	for _, u := range units {
		if strings.HasSuffix(name, u.ending) && len(u.ending) > longest {
			unit, longest = u.unit, len(u.ending)
		}
	}
	return unit
}

// isTime tells whether a text is a time, by its name.
func isTime(name string) bool {
	switch name {
	case "at", "as_of", "watermark", "since", "server_time":
		return true
	}
	return strings.HasSuffix(name, "_at")
}
