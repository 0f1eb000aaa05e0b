package bridge

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"
)

// How a record says by which schema its value was written, in front of the value, or in a header, then with the value
// alone:
//
//	0  id, 4 bytes                big endian, signed, of this registry
//	1  GUID, 16 bytes             of any registry
//
// and for Protobuf which message of the schema it is, behind that: a count and so many places, zigzag varints; the count 0
// stands for the first message.

// headerSchema is the header's key.
const headerSchema = "__value_schema_id"

// maxID is an int's of Java. A registry asked for a greater one has no words for it: it does not take that for an id.
const maxID = math.MaxInt32

// maxPath bounds how deep the message of a value may stand in others.
const maxPath = 16

// schemaRef names a schema: an id, or a GUID where it is not "".
type schemaRef struct {
	id   uint32
	guid string
}

// String is the name as a registry's API has it.
func (r schemaRef) String() string {
	if r.guid != "" {
		return r.guid
	}
	return strconv.FormatUint(uint64(r.id), 10)
}

// Of records that do not say by which schema they were written.
var (
	errNoSchema = errors.New("expected a schema's id in front of the value: a zero byte and four more, or the header " +
		headerSchema)
	errID      = fmt.Errorf("expected a schema's id of at most %d", maxID)
	errMessage = errors.New("expected the place of a message of the schema behind its id")
)

// reference splits a record's value into the schema's name and the rest. Where the name was in the header, message is what
// follows it there.
func reference(r *kgo.Record) (ref schemaRef, message, rest []byte, err error) {
	for i := len(r.Headers) - 1; i >= 0; i-- {
		if r.Headers[i].Key == headerSchema {
			ref, message, err = parseRef(r.Headers[i].Value)
			return ref, message, r.Value, err
		}
	}
	ref, rest, err = parseRef(r.Value)
	return ref, nil, rest, err
}

func parseRef(b []byte) (schemaRef, []byte, error) {
	switch {
	case len(b) >= 5 && b[0] == 0:
		id := binary.BigEndian.Uint32(b[1:])
		if id > maxID {
			return schemaRef{}, nil, errID
		}
		return schemaRef{id: id}, b[5:], nil
	case len(b) >= 17 && b[0] == 1:
		h := hex.EncodeToString(b[1:17])
		return schemaRef{guid: h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]}, b[17:], nil
	}
	return schemaRef{}, nil, errNoSchema
}

// parseMessage reads the place of a message and returns what follows.
func parseMessage(b []byte) (at []int, rest []byte, err error) {
	count, n := binary.Varint(b)
	if n <= 0 || count < 0 || count > maxPath {
		return nil, nil, errMessage
	}
	b = b[n:]
	if count == 0 {
		return []int{0}, b, nil
	}
	for range count {
		i, n := binary.Varint(b)
		if n <= 0 || i < 0 || i > 1<<16 {
			return nil, nil, errMessage
		}
		at, b = append(at, int(i)), b[n:]
	}
	return at, b, nil
}
