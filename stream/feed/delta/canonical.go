package delta

import (
	"fmt"
	"hash/crc32"

	"github.com/go-json-experiment/json/jsontext"
)

// Canonical is RFC 8785 of a JSON text. The text's own bytes may be changed and taken.
func Canonical(text []byte) ([]byte, error) {
	v := jsontext.Value(text)
	if err := v.Canonicalize(); err != nil {
		return nil, fmt.Errorf("writing JSON canonically: %w", err)
	}
	return v, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum is the CRC-32C of an object's canonical text, given as its members. It tells an accident, not a forgery.
func Sum(members []Member) uint32 {
	sum, before := uint32(0), []byte("{")
	for _, m := range members {
		for _, piece := range [][]byte{before, m.Name, colon, m.Value} {
			sum = crc32.Update(sum, castagnoli, piece)
		}
		before = comma
	}
	if len(members) == 0 {
		sum = crc32.Update(sum, castagnoli, before)
	}
	return crc32.Update(sum, castagnoli, brace)
}

var colon, comma, brace = []byte(":"), []byte(","), []byte("}")

// AppendHash writes a sum as frames carry it: crc32c:1a2b3c4d.
func AppendHash(b []byte, sum uint32) []byte {
	b = append(b, "crc32c:"...)
	for shift := 28; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[sum>>shift&15])
	}
	return b
}

// Hash is that of a canonical text.
func Hash(canonical []byte) string {
	return string(AppendHash(nil, crc32.Checksum(canonical, castagnoli)))
}
