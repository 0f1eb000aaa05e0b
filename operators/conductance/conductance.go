package conductance

import (
	"errors"
	"math"

	"github.com/netsu/netsu/operators/codec"
)

const (
	unknowns = 3 // a, g, b
	flow     = 1 // g among them

	lambda       = .999 // what a pane leaves of those before: half of it after 693
	prior        = 1e3  // P at the start
	conditionMax = 1e8
	panesMin     = 300 // effective panes below which there is no number [JUDG]
	normal95     = 1.96
)

// TooFewPanes is why there is no number: fewer than 300 effective panes since the start, or since it began anew.
const TooFewPanes = "too_few_panes"

type (
	vector [unknowns]float64
	matrix [unknowns]vector
)

// State is the regression of one flow. The zero State has seen nothing. It belongs to one goroutine.
type State struct {
	started bool // p is in use
	primed  bool // x is of the pane before
	x       vector
	w       vector
	p       matrix
	panes   float64 // effective
	squares float64 // of what could not be foreseen, each over its 1 + xᵀPx
}

// Step takes a pane: the receiver's power, W/head; and, for the next pane, how much hotter the sender is at its end, in
// units of θ, and the receiver's mean power of about a minute.
func (s *State) Step(power, difference, mean float64) {
	if s.primed {
		s.learn(s.x, power)
	}
	s.x, s.primed = vector{1, difference, mean}, true
}

// Skip says that the next pane does not follow on the last.
func (s *State) Skip() { s.primed = false }

func (s *State) learn(x vector, y float64) {
	if !s.started {
		s.started = true
		for i := range s.p {
			s.p[i][i] = prior
		}
	}
	for i := range s.p {
		for j := range s.p[i] {
			s.p[i][j] /= lambda
		}
	}
	px := s.p.times(x)
	spread := 1 + px.dot(x)
	var gain vector
	for i := range gain {
		gain[i] = px[i] / spread
	}
	surprise := y - s.w.dot(x)
	for i := range s.w {
		s.w[i] += float64(gain[i] * surprise)
	}
	s.p = s.p.joseph(gain, x)
	s.panes = float64(s.panes*lambda) + 1
	s.squares = float64(s.squares*lambda) + float64(surprise*surprise)/spread
	if !(s.p.condition() <= conditionMax) {
		*s = State{}
	}
}

// View is g, or why there is none. Below zero it is 0: heat does not flow from cold to hot, and what looks as if it did
// is something else.
type View struct {
	Conductance, Lo, Hi float64
	Panes               float64
	Insufficient        string
}

// View changes nothing.
func (s *State) View() View {
	v := View{Panes: s.panes}
	if s.panes < panesMin {
		v.Insufficient = TooFewPanes
		return v
	}
	noise := s.squares / (s.panes - unknowns)
	half := float64(normal95 * math.Sqrt(float64(s.p[flow][flow]*noise)))
	v.Conductance, v.Lo, v.Hi = max(s.w[flow], 0), max(s.w[flow]-half, 0), max(s.w[flow]+half, 0)
	return v
}

func (v vector) dot(o vector) (sum float64) {
	for i := range v {
		sum += float64(v[i] * o[i])
	}
	return sum
}

func (m *matrix) times(v vector) (out vector) {
	for i := range m {
		out[i] = m[i].dot(v)
	}
	return out
}

// joseph is (I - K·xᵀ)·P·(I - K·xᵀ)ᵀ + K·Kᵀ, made symmetric: positive whatever rounding does.
func (m *matrix) joseph(gain, x vector) (out matrix) {
	var left, half matrix // I - K·xᵀ, and that times P
	for i := range left {
		for j := range left[i] {
			left[i][j] = -float64(gain[i] * x[j])
		}
		left[i][i]++
	}
	for i := range half {
		for j := range half[i] {
			for k := range m {
				half[i][j] += float64(left[i][k] * m[k][j])
			}
		}
	}
	for i := range out {
		for j := i; j < unknowns; j++ {
			out[i][j] = half[i].dot(left[j]) + float64(gain[i]*gain[j])
			out[j][i] = out[i][j]
		}
	}
	return out
}

// condition is at least that of the matrix by its norm of row sums; infinite where it cannot be inverted.
func (m *matrix) condition() float64 {
	var cofactors matrix
	for i := range m {
		for j := range m {
			a, b := m[(i+1)%unknowns], m[(i+2)%unknowns]
			p, q := (j+1)%unknowns, (j+2)%unknowns
			cofactors[i][j] = float64(a[p]*b[q]) - float64(a[q]*b[p])
		}
	}
	det := m[0].dot(cofactors[0])
	if !(det > 0) {
		return math.Inf(1)
	}
	return float64(m.norm()*cofactors.norm()) / det
}

func (m *matrix) norm() (most float64) {
	for i := range m {
		sum := 0.
		for _, x := range m[i] {
			sum += math.Abs(x)
		}
		most = max(most, sum)
	}
	return most
}

var errState = errors.New("the conductance's state makes no sense")

// Encode writes the state.
func (s *State) Encode(w *codec.Writer) {
	w.Bool(s.started)
	w.Bool(s.primed)
	for _, v := range s.numbers() {
		w.Float(*v)
	}
}

// Decode is the inverse of Encode. What no Encode has written is the reader's error.
func (s *State) Decode(r *codec.Reader) {
	*s = State{started: r.Bool(), primed: r.Bool()}
	for _, v := range s.numbers() {
		if *v = r.Float(); !(math.Abs(*v) <= math.MaxFloat64) {
			r.Fail(errState)
		}
	}
	for i := range s.p {
		for j := range i {
			s.p[i][j] = s.p[j][i]
		}
	}
}

// numbers are all of them, but for what is twice in a symmetric matrix.
func (s *State) numbers() (all []*float64) {
	all = append(all, &s.panes, &s.squares)
	for i := range unknowns {
		all = append(all, &s.x[i], &s.w[i])
		for j := i; j < unknowns; j++ {
			all = append(all, &s.p[i][j])
		}
	}
	return all
}
