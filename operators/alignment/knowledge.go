package alignment

import (
	"math/bits"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/stable"
)

// FactsMax is how many facts of a brand are followed, the first ones.
const FactsMax = 256

// Side is who states facts.
type Side int

// The sides.
const (
	ESOL Side = iota
	Audience
	sides
)

// Knowledge is which facts of the brand have been stated in a show, and which contradicted. Facts are numbered as the
// brand lists them. A fact that was once contradicted is not known, whatever is said later: both are sets, so that
// order does not matter.
type Knowledge struct{ stated, contradicted [sides]factSet }

type factSet [FactsMax / 64]uint64

func (s *factSet) add(fact int) {
	if fact >= 0 && fact < FactsMax {
		s[fact/64] |= 1 << (fact % 64)
	}
}

func (s *factSet) has(fact int) bool { return bits.RotateLeft64(s[fact/64], -fact%64)&1 == 1 }

// State notes that a side stated a fact; one that is not followed is ignored.
func (k *Knowledge) State(side Side, fact int) { k.stated[side].add(fact) }

// Contradict notes that a side said the contrary of a fact.
func (k *Knowledge) Contradict(side Side, fact int) { k.contradicted[side].add(fact) }

// Of is the share of the brand's facts that a side has stated and not contradicted, each weighted by how telling it is.
// weights has one of each fact; what is not positive does not count.
func (k *Knowledge) Of(side Side, weights []float64) Term {
	var all, known float64
	n := 0
	for fact, w := range weights[:min(len(weights), FactsMax)] {
		if !(w > 0) {
			continue
		}
		n++
		all += w
		if k.stated[side].has(fact) && !k.contradicted[side].has(fact) {
			known += w
		}
	}
	if n == 0 {
		return Term{Missing: NoFacts}
	}
	return Term{Value: known / all, N: float64(n)}
}

// IDF is how telling a fact is that so many of all texts state, smoothed so that one that all state still counts.
// [JUDG]
func IDF(all, stating int64) float64 {
	return 1 + stable.Log(float64(1+max(all, stating, 0))/float64(1+max(stating, 0)))
}

const encodingVersion = 1

// Encode is the whole state: equal knowledge gives equal bytes.
func (k *Knowledge) Encode() []byte {
	w := codec.NewWriter(encodingVersion)
	for side := range sides {
		for i := range k.stated[side] {
			w.Hash(k.stated[side][i])
			w.Hash(k.contradicted[side][i])
		}
	}
	return w.Done()
}

// DecodeKnowledge is the inverse of Encode.
func DecodeKnowledge(b []byte) (*Knowledge, error) {
	r := codec.NewReader(b, encodingVersion)
	k := &Knowledge{}
	for side := range sides {
		for i := range k.stated[side] {
			k.stated[side][i], k.contradicted[side][i] = r.Hash(), r.Hash()
		}
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return k, nil
}
