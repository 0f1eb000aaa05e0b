package holdout

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"github.com/netsu/netsu/stream/event"
)

// MaxPPM is the greatest share that may be held out: half of all people.
const MaxPPM = 500_000

// Arm is on which side of a campaign's experiment a person is.
type Arm string

// Arms.
const (
	Treated Arm = "treated" // shown the campaign
	Control Arm = "control" // held out
)

// domain keeps these draws apart from all other uses of the hash; another rule of drawing has another number.
const domain = "netsu holdout 1\x00"

// Of is a person's arm in a campaign that holds out ppm parts per million of all people.
func Of(campaign string, person event.ID, ppm uint32) Arm {
	b := make([]byte, 0, 128) // longer ids are moved to the heap
	b = append(append(append(b, domain...), campaign...), 0)
	b = binary.BigEndian.AppendUint64(b, person.Hi)
	b = binary.BigEndian.AppendUint64(b, person.Lo)
	sum := sha256.Sum256(b)
	if drawn, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:8]), 1_000_000); drawn < uint64(ppm) {
		return Control
	}
	return Treated
}
