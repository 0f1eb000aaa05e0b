package contagion

const (
	// fadeShares is 2^(-Δ/300 s).
	fadeShares = 0x1.fed1824b51373p-1
	// priorTokens is the Dirichlet mass of a prior that is uniform over the words in use. MODEL gives 20 to the shares
	// of a category; uniform ones know less. [JUDG: with 20, false alarms after 300 s at one use a second were 9%,
	// with 5 5%]
	priorTokens = 5.
	// idleUses: a word with less than this left of it, 50 minutes after a single use, is in use no more. [JUDG]
	idleUses = 1. / 1024
	// nothing is taken for zero: of a trace, and so of what many words' traces could do to any number here. Of one use
	// it leaves out a ten-thousandth of the slowest kernel, the part after 92 s; a word without a trace costs little.
	nothing = 1e-5
	// maskPanes is how long a word that was prompted stays out of it; maskPanesBusy above busyUses first uses a
	// second.
	maskPanes, maskPanesBusy, busyUses = 90, 120, 300.
	// replyKernels of betas, the slower ones, make the delays of answers to a prompt.
	replyKernels = kernels - 1
)

// word is a followed word in use: one that the audience has said or the ESOL prompted.
type word struct {
	slot     uint16
	masked   bool  // of the running pane: prompted within the mask
	ever     bool  // prompted, in pane
	prompted int64 // the last time

	// Its share of what is said unprompted is num/exp, each with its prior: its first uses, and the uses of all words
	// that it could have been, both while it was not masked and fading.
	num, exp float64

	trace [kernels]float64      // X: what the audience's uses leave, before the running pane
	reply [replyKernels]float64 // Y: what prompts leave, 1/s

	// Of the running pane.
	uses    float64 // N
	share   float64 // a
	prompts bool    // it was prompted in it
	still   bool    // it has no trace, no reply and no use
}

// step ends the pane for the word's traces.
func (w *word) step() {
	for j := range w.trace {
		w.trace[j] = decayed(w.trace[j], rhos[j]) + float64(w.uses*gains[j])
	}
	for j := range w.reply {
		w.reply[j] = decayed(w.reply[j], rhos[j+1])
		if w.prompts {
			w.reply[j] += gains[j+1]
		}
	}
}

// decayed is exactly zero in the end.
func decayed(x, by float64) float64 {
	if x = float64(x * by); x < nothing {
		return 0
	}
	return x
}

// quiet is a word without traces.
func (w *word) quiet() bool {
	var sum float64
	for _, x := range w.trace {
		sum += x
	}
	for _, y := range w.reply {
		sum += y
	}
	return sum == 0
}

// power is x^n.
func power(x float64, n int64) float64 {
	v := 1.
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			v = float64(v * x)
		}
		x = float64(x * x)
	}
	return v
}
