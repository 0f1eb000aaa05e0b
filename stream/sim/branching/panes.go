package branching

import "github.com/netsu/netsu/operators/contagion"

// Panes calls do with the panes of the history, one a second. What it hands out is good until do returns.
func (h *History) Panes(do func(*contagion.Pane)) {
	uses, mentions, calls := h.Uses, h.Mentions, h.Calls
	person := uint64(0)
	slots := make([]uint16, words)
	for w := range slots {
		slots[w] = uint16(w)
	}
	p := &contagion.Pane{}
	for k := range int64(h.Seconds) {
		end := float64(k + 1)
		*p = contagion.Pane{Number: k, Said: p.Said[:0], Prompted: p.Prompted[:0],
			Transcript: !h.Scenario.Unheard, Pins: !h.Scenario.Unheard}
		for ; len(uses) > 0 && uses[0].At < end; uses = uses[1:] {
			person++
			w := uses[0].Word
			p.Said = append(p.Said, contagion.Said{Person: person * 0x9e3779b97f4a7c15, Slots: slots[w : w+1]})
		}
		p.Acts = int64(len(p.Said))
		for ; len(mentions) > 0 && mentions[0].At < end; mentions = mentions[1:] {
			if !h.Scenario.Unheard {
				p.Prompted = append(p.Prompted, mentions[0].Word)
			}
		}
		for ; len(calls) > 0 && calls[0] < end; calls = calls[1:] {
			p.Call = true
		}
		do(p)
	}
}

// Times are when something was said.
func (h *History) Times() []float64 {
	t := make([]float64, len(h.Uses))
	for i, u := range h.Uses {
		t[i] = u.At
	}
	return t
}
