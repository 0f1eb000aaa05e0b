package contagion

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// busy is a room of 512 words in use, of which some are prompted, after ten minutes.
func busy(perPane int) (*State, []*Pane) {
	r := rand.New(rand.NewPCG(1, 2))
	var panes []*Pane
	for k := range int64(600) {
		p := &Pane{Number: k, Transcript: true, Pins: true, Acts: int64(perPane)}
		for range perPane {
			p.Said = append(p.Said, Said{r.Uint64(), []uint16{uint16(r.IntN(Slots))}})
		}
		if k%10 == 0 {
			p.Prompted = []uint16{uint16(r.IntN(Slots))}
		}
		panes = append(panes, p)
	}
	return play(New(), panes), panes
}

func BenchmarkStep(b *testing.B) {
	for _, perPane := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("%d uses", perPane), func(b *testing.B) {
			s, panes := busy(perPane)
			number := s.pane
			b.ReportAllocs()
			for b.Loop() {
				number++
				p := panes[number%int64(len(panes))]
				p.Number = number
				s.Step(p)
			}
		})
	}
	b.Run("one pane of 100 uses, nine empty", func(b *testing.B) {
		s, panes := busy(100)
		number := s.pane
		for b.Loop() {
			number++
			p := &Pane{}
			if number%10 == 0 {
				p = panes[number%int64(len(panes))]
			}
			p.Number = number
			s.Step(p)
		}
	})
	b.Run("empty, long silent", func(b *testing.B) {
		s, _ := busy(100)
		p := &Pane{Number: s.pane}
		for range 1000 {
			p.Number++
			s.Step(p)
		}
		for b.Loop() {
			p.Number++
			s.silent = 0
			s.Step(p)
		}
	})
}

func BenchmarkView(b *testing.B) {
	s, _ := busy(100)
	b.ReportAllocs()
	for b.Loop() {
		s.View()
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, perPane := range []int{10, 1000} {
		b.Run(fmt.Sprintf("%d uses a second", perPane), func(b *testing.B) {
			s, _ := busy(perPane)
			for b.Loop() {
				encoded(s)
			}
			b.ReportMetric(float64(len(encoded(s))), "bytes")
		})
	}
}
