package likeness

import (
	"errors"
	"fmt"
	"slices"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// ErrLayout is of a profile whose dimensions are those of another version of this program.
var ErrLayout = errors.New("the profile has another layout")

// amountMax bounds every count, so that no sum over the shows of an ESOL can wrap.
const amountMax = 1 << 45

// Read makes the profile of one show of its meter. It refuses what no show fold says.
func Read(m *eventpb.Profile) (*Profile, error) {
	p := &Profile{
		Esol: m.EsolId, Name: m.EsolName, Pane: m.Pane, Shows: 1, Largest: m.People, Microjoules: m.Microjoules,
	}
	switch {
	case m.Layout != Layout:
		return nil, fmt.Errorf("%w: %d, not %d", ErrLayout, m.Layout, Layout)
	case m.EsolId == "" || m.ShowId == "":
		return nil, errors.New("the profile is of no show or of no ESOL")
	case len(m.Words) != len(p.Words), len(m.Prices) != len(p.Prices), len(m.Hours) != len(p.Hours),
		len(m.Sketch) != SketchSize, len(m.Named) > int(kinds)*NamedMax:
		return nil, errors.New("the profile has lists of lengths that its layout does not have")
	case !possible(m.People, m.Microjoules, m.Samples, m.LogThetaSquares, max(m.LogThetaSum, -m.LogThetaSum)),
		!possible(m.Words...), !possible(m.Prices...), !possible(m.Hours...):
		return nil, errors.New("the profile has counts that cannot be")
	}
	copy(p.Words[:], m.Words)
	copy(p.Prices[:], m.Prices)
	copy(p.Hours[:], m.Hours)
	copy(p.People[:], m.Sketch)
	p.Theta = ThetaOf(m.Samples, m.LogThetaSum, m.LogThetaSquares)
	if p.Theta.Means > 1e6 || p.Theta.Means < -1e6 {
		return nil, errors.New("the profile has a temperature that cannot be")
	}
	for _, n := range m.Named {
		if n.Dim >= Dims || !possible(n.Amount) {
			return nil, errors.New("the profile names something that cannot be")
		}
		p.Named = append(p.Named, Named{Dim: int(n.Dim), ID: n.Id, Name: n.Name, Amount: n.Amount})
	}
	for i := range p.Named[min(1, len(p.Named)):] {
		if compareNamed(p.Named[i], p.Named[i+1]) >= 0 {
			return nil, errors.New("the profile does not name things in order, each once")
		}
	}
	return p, nil
}

func possible(amounts ...int64) bool {
	return !slices.ContainsFunc(amounts, func(n int64) bool { return n < 0 || n > amountMax })
}

// Message is the inverse of Read, for the profile of one show.
func (p *Profile) Message(show string) *eventpb.Profile {
	m := &eventpb.Profile{
		Layout: Layout, ShowId: show, EsolId: p.Esol, EsolName: p.Name, Pane: p.Pane, People: p.Largest,
		Microjoules: p.Microjoules,
		Samples:     p.Theta.Samples, LogThetaSum: p.Theta.Sum, LogThetaSquares: p.Theta.Squares,
		Words: slices.Clone(p.Words[:]), Prices: slices.Clone(p.Prices[:]), Hours: slices.Clone(p.Hours[:]),
		Sketch: slices.Clone(p.People[:]),
	}
	for _, n := range p.Named {
		m.Named = append(m.Named, &eventpb.Named{Dim: uint32(n.Dim), Id: n.ID, Name: n.Name, Amount: n.Amount})
	}
	return m
}
