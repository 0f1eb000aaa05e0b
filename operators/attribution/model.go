package attribution

import (
	"math"

	"github.com/netsu/netsu/operators/stable"
)

// Model says how touches share an order.
type Model uint8

// The models. None is what ParseModel returns for a word that is no model.
const (
	None Model = iota
	Last
	First
	Linear
	TimeDecay // 2^(-age/h), h = 30 minutes while the touch's show is on air and 7 days else
	Position  // 40 % to the first, 40 % to the last, 20 % to those between; two share alike
	Shapley   // equal split over the distinct ESOLs
	models
)

var modelNames = [models]string{"", "last", "first", "linear", "time_decay", "position", "shapley"}

func (m Model) String() string { return modelNames[m] }

// ParseModel is the inverse of String; a word that is no model gives None.
func ParseModel(name string) Model {
	for m, n := range modelNames {
		if n == name {
			return Model(m)
		}
	}
	return None
}

// Half-lives of time decay (MODEL §5).
const (
	halfLifeLiveMS   = 30 * 60 * 1000
	halfLifeAcrossMS = 7 * day
)

// weigh gives each of the touches, which are in order of time and at most MaxTouches, its weight under the model.
func (m Model) weigh(touches []Touch, orderedMS int64) []int64 {
	n := len(touches)
	w := make([]int64, n)
	for i := range touches {
		switch m {
		case Last:
			w[i] = one(i == n-1)
		case First:
			w[i] = one(i == 0)
		case TimeDecay:
			w[i] = decayed(&touches[i], orderedMS)
		case Position:
			w[i] = positioned(i, n)
		case Shapley:
			w[i] = equalOver(touches, i)
		default:
			w[i] = 1
		}
	}
	return w
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// decayed is round(2^32 · 2^(-age/h)), at least 1: who is considered is not left with nothing.
func decayed(t *Touch, orderedMS int64) int64 {
	h := float64(halfLifeAcrossMS)
	if t.inLive(orderedMS) {
		h = halfLifeLiveMS
	}
	age := float64(orderedMS - t.TimeMS)
	return max(1, int64(math.Round(float64(0x1p32*stable.Exp(float64(-age/h*math.Ln2))))))
}

// positioned is 40/20/40 in whole numbers: 2(n-2) : 1 … 1 : 2(n-2).
func positioned(i, n int) int64 {
	switch {
	case n <= 2:
		return 1
	case i == 0 || i == n-1:
		return int64(2 * (n - 2))
	}
	return 1
}

// equalOver gives every distinct ESOL the same, divided evenly over its touches: 720,720 is a multiple of every count
// up to MaxTouches.
func equalOver(touches []Touch, i int) int64 {
	const players = 720_720
	var same int64
	for j := range touches {
		if touches[j].Esol == touches[i].Esol {
			same++
		}
	}
	return players / same
}
