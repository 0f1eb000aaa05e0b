package contagion

import "slices"

// whole sums words that a pane's uses are compared within: those that are not masked, or all.
type whole struct {
	words int
	uses  float64
	share float64
	trace [kernels]float64
	reply [replyKernels]float64
	still float64 // share of the words that are still
}

// step is the pane for all that is told by words:
//
//	prompts ─▶ masks ─▶ first uses ─▶ score of the pane, with traces and shares of before it ─▶ shares, traces
func (s *State) step(p *Pane) {
	s.window.turn(p.Number)
	if len(p.Said) == 0 && len(p.Prompted) == 0 && (s.quiet > 0 || s.silentTraces()) {
		s.quiet++
		s.learn(nil, nil)
		return
	}
	s.wake()
	s.prompt(p)
	met := s.count(p)
	open, all := s.wholes()
	s.learn(s.score(&open), s.scoreReplies(&all))
	s.tokens += open.uses
	if p.Transcript {
		s.seen += open.uses
	}
	s.remember(&open)
	s.meet(met)
}

func (s *State) silentTraces() bool {
	for i := range s.words {
		if !s.words[i].quiet() {
			return false
		}
	}
	return true
}

// wake lets the words fade for the panes that they were not looked at, and drops those of which nothing is left.
func (s *State) wake() {
	by := power(fadeShares, s.quiet+1)
	s.quiet = 0
	s.uses = float64(s.uses * by)
	kept := 0
	for i := range s.words {
		w := &s.words[i]
		w.still = w.quiet()
		if w.still && w.num < idleUses && !(w.ever && s.pane-w.prompted < maskPanesBusy) {
			s.at[w.slot] = 0
			continue
		}
		w.num, w.exp = float64(w.num*by), float64(w.exp*by)
		w.uses, w.prompts = 0, false
		if kept < i {
			s.words[kept] = *w
		}
		kept++
	}
	if kept < len(s.words) {
		s.words = s.words[:kept]
		s.index()
	}
}

// prompt notes what was prompted; a word counts once in a pane.
func (s *State) prompt(p *Pane) {
	var fresh []word
	for _, slot := range p.Prompted {
		if int(slot) < Slots && s.at[slot] == 0 {
			s.at[slot] = pending
			fresh = append(fresh, word{slot: slot, exp: s.uses, still: true})
		}
	}
	s.enter(fresh)
	for _, slot := range p.Prompted {
		if int(slot) >= Slots {
			continue
		}
		if w := &s.words[s.at[slot]-1]; !w.prompts {
			w.ever, w.prompted, w.prompts = true, p.Number, true
			s.prompts++
		}
	}
}

// pending stands in at for a word that is about to be taken into use.
const pending = 1<<16 - 1

// count counts first uses, and returns the words that were not in use, with theirs.
func (s *State) count(p *Pane) (met []word) {
	for i := range p.Said {
		said := &p.Said[i]
		for _, slot := range said.Slots {
			if int(slot) >= Slots || !s.window.first(said.Person, slot, p.Number) {
				continue
			}
			switch at := s.at[slot]; at {
			case 0:
				s.at[slot] = pending
				met = append(met, word{slot: slot, uses: 1})
			case pending:
				met[slices.IndexFunc(met, func(w word) bool { return w.slot == slot })].uses++
			default:
				s.words[at-1].uses++
				s.words[at-1].still = false
			}
		}
	}
	return met
}

// wholes gives each word its share and mask, and sums them: those that are open, and all.
func (s *State) wholes() (open, all whole) {
	mask := int64(maskPanes)
	var rate float64
	for i := range s.words {
		if w := &s.words[i]; !w.still {
			rate += w.trace[kernels-1]
		}
	}
	if rate > busyUses {
		mask = maskPanesBusy
	}
	prior := priorTokens / float64(max(1, len(s.words)))
	for i := range s.words {
		w := &s.words[i]
		w.share = (prior + w.num) / (priorTokens + w.exp)
		w.masked = w.ever && s.pane-w.prompted < mask
		all.add(w)
		if !w.masked {
			open.add(w)
		}
	}
	return open, all
}

func (t *whole) add(w *word) {
	t.words++
	t.share += w.share
	if w.still {
		t.still += w.share
		return
	}
	t.uses += w.uses
	for j, x := range w.trace {
		t.trace[j] += x
	}
	for j, y := range w.reply {
		t.reply[j] += y
	}
}

// rate is the uses a second that a share of one would have had of late, by the slowest trace; at least .05.
func (t *whole) rate() float64 { return max(t.trace[kernels-1]/t.share, .05) }

// score is what the open words tell about contagion among them, or nil: the use of each, and its traces, less its
// share of those of all. What drives all words alike cancels, however it varies.
func (s *State) score(t *whole) []float64 {
	if t.words < 2 || t.trace[kernels-1] == 0 {
		return nil
	}
	g := &s.lexicalScore
	*g = [len(g)]float64{}
	rate, whole := t.rate(), 1/t.share
	var d [kernels]float64
	for i := range s.words {
		w := &s.words[i]
		if w.masked || w.still {
			continue
		}
		q := float64(w.share * whole)
		for j, x := range w.trace {
			d[j] = x - float64(q*t.trace[j])
		}
		g.note(&d, w.uses-float64(q*t.uses), 1/w.noise(rate))
	}
	// Of still words only the share differs: d is -q·trace, R is -q·uses, and v is q's share of the rate.
	for j := range d {
		d[j] = -float64(whole * t.trace[j])
	}
	g.note(&d, -float64(whole*t.uses), t.still/rate)
	return g[:]
}

// noise is v, about the variance of a word's uses, known before the pane.
func (w *word) noise(rate float64) float64 {
	var traces float64
	for _, x := range w.trace {
		traces += x
	}
	return float64(w.share*rate) + float64(.1*traces)
}

// scoreReplies is the same over all words, with what prompts have left beside the traces; nil while that is nothing.
// Its weights follow the slowest trace only: the fast ones tell where in its second a prompt was, and many replies
// within it mean fewer later, so that weights by them would favour the seconds with more to come (R_S +7% instead of
// +4%).
func (s *State) scoreReplies(t *whole) []float64 {
	if t.words < 2 || t.reply[replyKernels-1] == 0 {
		return nil
	}
	g := &s.replyScore
	*g = [len(g)]float64{}
	rate, whole := t.rate(), 1/t.share
	var d [kernels + replyKernels]float64
	for i := range s.words {
		w := &s.words[i]
		if w.still {
			continue
		}
		q := float64(w.share * whole)
		for j, x := range w.trace {
			d[j] = x - float64(q*t.trace[j])
		}
		for j, y := range w.reply {
			d[kernels+j] = y - float64(q*t.reply[j])
		}
		g.note(&d, w.uses-float64(q*t.uses), 1/(float64(w.share*rate)+float64(.3*w.trace[kernels-1])))
	}
	for j, x := range t.trace { // still words, as above
		d[j] = -float64(whole * x)
	}
	for j, y := range t.reply {
		d[kernels+j] = -float64(whole * y)
	}
	g.note(&d, -float64(whole*t.uses), t.still/rate)
	return g[:]
}

// learn takes the pane's scores into the regressions, which forget at the same pace.
func (s *State) learn(lexical, reply []float64) {
	s.tokens, s.seen, s.prompts = float64(s.tokens*forget), float64(s.seen*forget), float64(s.prompts*forget)
	if lexical != nil && s.lexical == nil {
		s.lexical = newSums(kernels)
	}
	if reply != nil && s.reply == nil {
		s.reply = newSums(kernels + replyKernels)
	}
	if s.lexical != nil {
		s.lexical.add(lexical)
	}
	if s.reply != nil {
		s.reply.add(reply)
	}
}

// remember takes the pane's uses into shares and traces. A masked word's share stays as it is: what is prompted says
// nothing about what is said unprompted.
func (s *State) remember(open *whole) {
	exposure := 0.
	if open.uses > 0 {
		exposure = open.uses / open.share
		s.uses += exposure
	}
	for i := range s.words {
		w := &s.words[i]
		if !w.masked {
			w.num += w.uses
			w.exp += exposure
		}
		if w.prompts || !w.still {
			w.step()
		}
	}
}

// meet takes words into use that were said for the first time. Their first pane is no evidence, of neither share nor
// contagion: they are here because they were said.
func (s *State) meet(met []word) {
	slices.SortFunc(met, func(a, b word) int { return int(a.slot) - int(b.slot) })
	for i := range met {
		w := &met[i]
		s.uses += w.uses
		w.num = w.uses
		w.step()
	}
	for i := range met {
		met[i].exp = s.uses
	}
	s.enter(met)
}
