package feed

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/netsu/netsu/stream/event"
)

// sourceHeader names the header of meter and alert records that says which input record they follow from.
const sourceHeader = "netsu-source"

// origin is a partition of a fold stage's input; position orders what came from one.
type origin struct {
	stage     string
	partition int32
}

type place struct {
	origin   origin
	position event.Position
}

// supersedes tells whether a record of place p replaces one of place q under the same key. Of one origin, only a
// greater position does: an older or equal one is a re-emission. Of another origin it does as well, since a key has one
// owner at a time, and a change of owner is news.
func (p place) supersedes(q place) bool {
	return p.origin != q.origin || p.position.After(q.position)
}

var errSource = errors.New("header " + sourceHeader + " must be stage/partition/offset/index")

// parsePlace reads the header "stage/partition/offset/index".
func parsePlace(header string) (place, error) {
	f := strings.Split(header, "/")
	if len(f) != 4 || f[0] == "" {
		return place{}, errSource
	}
	partition, err1 := strconv.ParseInt(f[1], 10, 32)
	offset, err2 := strconv.ParseInt(f[2], 10, 64)
	index, err3 := strconv.ParseUint(f[3], 10, 32)
	if err := errors.Join(err1, err2, err3); err != nil {
		return place{}, fmt.Errorf("%w: %w", errSource, err)
	}
	if partition < 0 || offset < 0 {
		return place{}, errSource
	}
	return place{origin{f[0], int32(partition)}, event.Position{Offset: offset, Index: uint32(index)}}, nil
}
