package contagion

import "math"

// Grade says whether what else could put the same words in many mouths was known.
type Grade uint8

// Grades. [JUDG: the transcript must have been there for nine in ten of the tokens that the number rests on]
const (
	None Grade = iota // nothing is said, so nothing is graded
	A                 // transcript and pins: words that the ESOL prompts are left out
	B                 // pins only, or a transcript without pins or with gaps
	C                 // neither: call it co-movement, not contagion. Of quick answers only, as B is with gaps
)

func (g Grade) String() string { return [...]string{"-", "A", "B", "C"}[min(g, 3)] }

// Why there is no number.
const (
	TooFewWords  = "too_few_words"  // fewer than two words are open
	TooYoung     = "too_young"      // the show has said something for less than 120 s
	TooFewTokens = "too_few_tokens" // fewer than 200, or for R_S fewer than 10 prompts
	TooUncertain = "too_uncertain"  // a standard error over .15, or none to be had
)

const (
	youngPanes     = 120 // [JUDG]
	fewTokens      = 200
	fewPrompts     = 10 // [JUDG]
	uncertain      = .15
	normal95       = 1.96
	normal95OneWay = 1.645
	fullTranscript = .9
)

// View is the numbers of now. Those with an Insufficient are what there is so far: for judging the estimator, not for
// showing; all are finite. Intervals are 95% and statistical only: a wrong kernel adds ±.1 (MODEL §3.2).
type View struct {
	// Lexical is n_c: secondary uses of the same word by other people, per use, unprompted. About zero where there is
	// no contagion, so it may be negative. Infectious is the one-sided test at 5% that it is above zero. Without a whole
	// transcript it is of quick answers only (sums.quick), zero is in its interval, and Infectious is false.
	Lexical, LexicalLo, LexicalHi, LexicalSE float64
	Infectious                               bool
	Grade                                    Grade
	Insufficient                             string
	Tokens                                   int64 // first uses that it rests on, forgetting as it does

	// Total is n_tot: what the rate of all comments looks like, whatever its cause.
	Total, TotalLo, TotalHi float64
	TotalInsufficient       string

	// RS is R_S: secondary uses per mention by the ESOL.
	RS, RSLo, RSHi, RSSE float64
	RSInsufficient       string
}

// View estimates. It changes nothing.
func (s *State) View() View {
	v := View{Tokens: int64(s.tokens)}
	s.viewLexical(&v)
	s.viewReplies(&v)
	s.viewTotal(&v)
	if v.Insufficient == "" {
		v.Grade = s.grade()
	}
	return v
}

func (s *State) viewLexical(v *View) {
	n, se, ok := 0., 0., false
	if s.lexical != nil {
		estimate := s.lexical.quick
		if s.heard() {
			estimate = s.lexical.all
		}
		if theta, variance, solved := estimate(); solved {
			n, se, ok = branching(theta, variance)
		}
	}
	v.Lexical, v.LexicalSE = n, se
	v.LexicalLo, v.LexicalHi = around(n, se)
	v.Infectious = ok && n-float64(normal95OneWay*se) > 0
	if !s.heard() {
		v.LexicalLo, v.LexicalHi, v.Infectious = min(v.LexicalLo, 0), max(v.LexicalHi, 0), false
	}
	switch {
	case s.open() < 2:
		v.Insufficient = TooFewWords
	case s.young < youngPanes:
		v.Insufficient = TooYoung
	case s.tokens < fewTokens:
		v.Insufficient = TooFewTokens
	case !ok || se > uncertain:
		v.Insufficient = TooUncertain
	}
}

// open is how many words were open in the last pane.
func (s *State) open() (n int) {
	for i := range s.words {
		if !s.words[i].masked {
			n++
		}
	}
	return n
}

// branching is n and its standard error; not ok if there is none.
func branching(theta []float64, variance float64) (n, se float64, ok bool) {
	var b float64
	for _, t := range theta {
		b += t
	}
	n, slope, ok := ratio(b, mixed(theta))
	if se = float64(slope * math.Sqrt(variance)); !ok || !(math.Abs(n)+se < 1e6) {
		return 0, 0, false
	}
	return n, se, true
}

func around(n, se float64) (lo, hi float64) {
	return n - float64(normal95*se), n + float64(normal95*se)
}

// viewReplies takes b as the lexical regression has found it: where a prompt was in its second is told by the answers
// within it, so that a b of its own would be of that, and R_S too great by a tenth. It corrects for answers within the
// pane of the mention as ratio does for infections: of r answers r(1-w0) come in later panes, each with those who
// answer it within its pane.
func (s *State) viewReplies(v *View) {
	ok := false
	if s.reply != nil && s.lexical != nil {
		var u [replyKernels]float64
		for j := range u {
			u[j] = 1 / (1 - sames[j+1])
		}
		b, _, known := s.lexical.all()
		if known {
			v.RS, v.RSSE, ok = s.reply.replies(b, u[:])
		}
	}
	v.RSLo, v.RSHi = around(v.RS, v.RSSE)
	switch {
	case len(s.words) < 2:
		v.RSInsufficient = TooFewWords
	case s.young < youngPanes:
		v.RSInsufficient = TooYoung
	case s.prompts < fewPrompts:
		v.RSInsufficient = TooFewTokens
	case !ok || v.RSSE > max(uncertain, math.Abs(v.RS)/4): // [JUDG: a quarter of it, since R_S may be any size]
		v.RSInsufficient = TooUncertain
	}
}

// replies is R_S and its standard error, b being given.
func (s *sums) replies(b, u []float64) (rs, se float64, ok bool) {
	theta, variance, ok := s.estimate(b, u)
	n, _, known := branching(b, 0)
	if !ok || !known {
		return 0, 0, false
	}
	for j, t := range theta {
		rs += float64(u[j] * t)
	}
	alone := max(0, 1-float64(n*mixed(b)))
	if rs, se = float64(rs*alone), float64(math.Sqrt(variance)*alone); !(math.Abs(rs)+se < 1e9) {
		return 0, 0, false
	}
	return rs, se, true
}

func (s *State) viewTotal(v *View) {
	acts := 0.
	for _, at := range s.total.ring {
		acts += float64(at.acts)
	}
	if len(s.total.ring) < youngPanes {
		v.TotalInsufficient = TooYoung
		return
	}
	theta, variance, ok := s.total.fit()
	n, se := 0., 0.
	if ok {
		n, se, ok = branching(theta, variance)
	}
	v.Total = n
	v.TotalLo, v.TotalHi = around(n, se)
	switch {
	case acts < fewTokens:
		v.TotalInsufficient = TooFewTokens
	case !ok || se > uncertain:
		v.TotalInsufficient = TooUncertain
	}
}

// heard tells whether what the ESOL puts into mouths is known: there is a transcript, and there was one all along.
func (s *State) heard() bool { return s.transcript && s.seen >= float64(fullTranscript*s.tokens) }

func (s *State) grade() Grade {
	switch {
	case s.heard() && s.pins:
		return A
	case s.pins, s.transcript:
		return B
	}
	return C
}
