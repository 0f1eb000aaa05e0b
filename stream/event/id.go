package event

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/dchest/siphash"
)

// ID is a keyed 128-bit hash: of an event id, or of a person (a pseudonym). The zero ID means "none".
type ID struct{ Hi, Lo uint64 }

// IsZero tells whether there is none.
func (id ID) IsZero() bool { return id == ID{} }

// String is 32 hex digits, or "" for none.
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], id.Hi)
	binary.BigEndian.PutUint64(b[8:], id.Lo)
	return hex.EncodeToString(b[:])
}

// Less orders ids; folds that must walk a set walk it in this order.
func (id ID) Less(other ID) bool {
	return id.Hi < other.Hi || id.Hi == other.Hi && id.Lo < other.Lo
}

// ParseID is the inverse of String.
func ParseID(s string) (ID, error) {
	if s == "" {
		return ID{}, nil
	}
	var b [16]byte
	if len(s) != 32 {
		return ID{}, fmt.Errorf("an id has 32 hex digits, this one %d characters", len(s))
	}
	if _, err := hex.Decode(b[:], []byte(s)); err != nil {
		return ID{}, fmt.Errorf("reading id: %w", err)
	}
	return ID{be64(b[:8]), be64(b[8:])}, nil
}

// KeySize is how long the installation's secret is, in bytes.
const KeySize = 32

// Hasher makes IDs with the installation's secret. SipHash-2-4-128 is a keyed pseudo-random function: without the key,
// nobody can tell whose pseudonym one is by trying platform ids, nor find ids that collide. It is chosen over HMAC-SHA-256
// for its cost, 20 ns a hash, which is paid for every event. Immutable, safe for concurrent use.
type Hasher struct{ event, person [2]uint64 }

// NewHasher derives one subkey per use from the secret, so that an event id never equals a person.
func NewHasher(secret []byte) (*Hasher, error) {
	if len(secret) != KeySize {
		return nil, errors.New("the hashing key must have 32 bytes (64 hex digits); make one with: openssl rand -hex 32")
	}
	sub := func(use string) [2]uint64 {
		m := hmac.New(sha256.New, secret)
		m.Write([]byte("netsu/v1/" + use))
		s := m.Sum(nil)
		return [2]uint64{be64(s[:8]), be64(s[8:16])}
	}
	return &Hasher{event: sub("event"), person: sub("person")}, nil
}

// Event hashes an event id.
func (h *Hasher) Event(id []byte) ID { return hash(h.event, id) }

// Person hashes platform and person id, joined by the caller as "platform\x00person_id".
func (h *Hasher) Person(platformAndID []byte) ID { return hash(h.person, platformAndID) }

func hash(k [2]uint64, b []byte) ID {
	lo, hi := siphash.Hash128(k[0], k[1], b)
	if hi == 0 && lo == 0 {
		lo = 1 // zero means none
	}
	return ID{hi, lo}
}

func be64(b []byte) uint64 {
	return uint64(b[7]) | uint64(b[6])<<8 | uint64(b[5])<<16 | uint64(b[4])<<24 |
		uint64(b[3])<<32 | uint64(b[2])<<40 | uint64(b[1])<<48 | uint64(b[0])<<56
}
