package ingest

import (
	"time"
)

// Times lie in years 1 to 9999, so that RFC 3339 can write every one.
var (
	leastTimeMS    = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	greatestTimeMS = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC).UnixMilli()
)

// parseTime reads epoch milliseconds (a JSON integer) or RFC 3339 (a JSON string, offset required, any number of
// decimals, cut to milliseconds). Leap seconds (:60) are refused, as by package time.
func parseTime(t token) (ms int64, ok bool) {
	switch t.shape {
	case number:
		ms, ok = parseInt(t.b)
	case text:
		ms, ok = parseRFC3339(t.b)
	}
	return ms, ok && ms >= leastTimeMS && ms <= greatestTimeMS
}

// parseRFC3339 reads 2006-01-02T15:04:05[.9…](Z|±hh:mm), with capital T and Z.
func parseRFC3339(b []byte) (ms int64, ok bool) {
	if len(b) < len("2006-01-02T15:04:05Z") ||
		b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	year, month, day := two(b[0:])*100+two(b[2:]), two(b[5:]), two(b[8:])
	hour, minute, second := two(b[11:]), two(b[14:]), two(b[17:])
	if year < 1 || two(b[0:]) < 0 || two(b[2:]) < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, false
	}
	seconds := int64(daysSinceEpoch(year, month, day))*86400 + int64(hour*3600+minute*60+second)
	millis, b, ok := fraction(b[19:])
	if !ok {
		return 0, false
	}
	offset, ok := offsetSeconds(b)
	return (seconds-offset)*1000 + millis, ok
}

// fraction reads an optional decimal fraction and returns what is behind it.
func fraction(b []byte) (millis int64, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '.' {
		return 0, b, true
	}
	i, unit := 1, int64(100)
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		millis += int64(b[i]-'0') * unit
		unit /= 10
	}
	return millis, b[i:], i > 1
}

func offsetSeconds(b []byte) (seconds int64, ok bool) {
	if len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	if len(b) != 6 || b[3] != ':' || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	hour, minute := two(b[1:]), two(b[4:])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, false
	}
	seconds = int64(hour*3600 + minute*60)
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// two reads two digits; far below zero if they are not.
func two(b []byte) int {
	if b[0]-'0' > 9 || b[1]-'0' > 9 {
		return -1 << 20
	}
	return int(b[0]-'0')*10 + int(b[1]-'0')
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSinceEpoch counts days from 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the leap day
// is the last of its year and months have a regular rhythm of 153 days in five.
func daysSinceEpoch(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	era, yearOfEra := year/400, year%400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

// parseInt reads a JSON integer; a fraction of zeros ("3.0") is one, an exponent is not.
func parseInt(b []byte) (n int64, ok bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	for i, c := range b {
		if c == '.' {
			for _, c := range b[i+1:] {
				if c != '0' {
					return 0, false
				}
			}
			break
		}
		d := int64(c - '0')
		if c-'0' > 9 || n > (1<<63-1-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	if negative {
		n = -n
	}
	return n, len(b) > 0
}
