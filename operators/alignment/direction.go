package alignment

import (
	"errors"
	"math"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/fade"
)

// Do they move where the brand wants to go? What is said lately, less what is said by and large, is where a show moves;
// the brand's target less what it says now is where it should.

var (
	lately = fade.New(5 * 60)
	around = fade.New(60 * 60)
)

// Direction is where the talk of one show moves. The zero value has heard nothing. It belongs to one goroutine.
type Direction struct {
	started    bool
	pane       int64
	fast, slow talk
}

// talk is a fading sum of texts.
type talk struct {
	sum   Vector
	texts fade.Mass
}

func (t *talk) halve(times int) {
	if times == 0 {
		return
	}
	t.texts.Halve(times)
	if t.texts.Sum == 0 {
		t.sum = Vector{}
		return
	}
	for i, x := range t.sum {
		t.sum[i] = math.Ldexp(x, -times)
	}
}

func (t *talk) add(texts *Texts, w float64) {
	for i, x := range texts.Sum {
		t.sum[i] += float64(float64(x) * w)
	}
	t.texts.Add(texts.N, w)
}

func (t *talk) mean() (v Vector) {
	for i, x := range t.sum {
		v[i] = x / t.texts.Sum / fixed
	}
	return v
}

// Step takes in the texts of a final pane. Panes come in order; empty ones may be left out.
func (d *Direction) Step(pane int64, texts *Texts) {
	if d.started {
		d.fast.halve(lately.Halvings(d.pane, pane))
		d.slow.halve(around.Halvings(d.pane, pane))
		pane = max(pane, d.pane)
	}
	d.started, d.pane = true, pane
	d.fast.add(texts, lately.Weight(pane))
	d.slow.add(texts, around.Weight(pane))
}

// Toward is the cosine between where the talk moves and the way from now to target, 0 where it moves away. It is
// missing while the movement is no more than what chance moves: its length squared is below twice the variance of the
// mean of what was said lately. Since texts are of length 1, their variance is 1 less the square of their mean.
func (d *Direction) Toward(target, now *Vector) Term {
	n := d.fast.texts.Kish()
	if n < TextsMin || d.fast.texts.Sum < float64(lately.Weight(d.pane)*TextsMin)/2 {
		return Term{Missing: TooFewTexts}
	}
	way := target.minus(now)
	if way.dot(&way) == 0 {
		return Term{Missing: NoTarget}
	}
	fast, slow := d.fast.mean(), d.slow.mean()
	moved := fast.minus(&slow)
	if moved.dot(&moved) < 2*max(1-fast.dot(&fast), 0)/n {
		return Term{Missing: NoMovement}
	}
	return Term{Value: max(cosine(&moved, &way), 0), N: n}
}

const encodingVersion = 1

// Encode is the whole state: equal directions give equal bytes.
func (d *Direction) Encode() []byte {
	w := codec.NewWriter(encodingVersion)
	w.Bool(d.started)
	w.Int(d.pane)
	for _, t := range []*talk{&d.fast, &d.slow} {
		w.Float(t.texts.Sum)
		w.Float(t.texts.Squares)
		if t.texts.Sum > 0 {
			for _, x := range t.sum {
				w.Float(x)
			}
		}
	}
	return w.Done()
}

var errState = errors.New("the direction's state makes no sense")

// DecodeDirection is the inverse of Encode. Bytes that Encode cannot have written are an error.
func DecodeDirection(b []byte) (*Direction, error) {
	r := codec.NewReader(b, encodingVersion)
	d := &Direction{started: r.Bool(), pane: r.Int()}
	for _, t := range []*talk{&d.fast, &d.slow} {
		t.texts = fade.Mass{Sum: r.Float(), Squares: r.Float()}
		if !finite(t.texts.Sum) || !finite(t.texts.Squares) || t.texts.Sum < 0 || t.texts.Squares < 0 ||
			(t.texts.Sum == 0) != (t.texts.Squares == 0) {
			r.Fail(errState)
		}
		if t.texts.Sum > 0 {
			for i := range t.sum {
				if t.sum[i] = r.Float(); !finite(t.sum[i]) {
					r.Fail(errState)
				}
			}
		}
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return d, nil
}

func finite(x float64) bool { return x-x == 0 }
