package vocab_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators/vocab"
	"pgregory.net/rapid"
)

// crowd is n persons who each use the word.
func crowd(word uint64, n int) []vocab.Use {
	var uses []vocab.Use
	for i := range n {
		uses = append(uses, vocab.Use{Person: uint64(i) + 1, Word: word})
	}
	return uses
}

func upTo(n uint64) []uint64 {
	var words []uint64
	for i := range n {
		words = append(words, i+1)
	}
	return words
}

func TestAPinnedWordHasASlotAtOnce(t *testing.T) {
	v := vocab.New()
	if got := v.Pin([]uint64{7, 0, 7, 9}); !slices.Equal(got, []uint16{0, 1}) {
		t.Fatalf("renewed %v", got)
	}
	if got := v.Pin([]uint64{9, 7}); len(got) != 0 {
		t.Errorf("the same words again renewed %v", got)
	}
	if s, ok := v.Slot(9); !ok || v.Word(s) != 9 {
		t.Error("word 9 has no slot")
	}
	if v.Word(vocab.Slots) != 0 || v.Word(2) != 0 {
		t.Error("a slot that is free or does not exist has a word")
	}
}

func TestOnlyTheFirst384WordsArePinned(t *testing.T) {
	v := vocab.New()
	v.Pin(upTo(600))
	if _, ok := v.Slot(vocab.PinnedMax); !ok {
		t.Error("word 384 has no slot")
	}
	if _, ok := v.Slot(vocab.PinnedMax + 1); ok {
		t.Error("word 385 has a slot")
	}
}

func TestAWordThatIsUsedGetsAnOpenSlotAtTheNextReselection(t *testing.T) {
	v := vocab.New()
	v.Step(65, crowd(7, 1))
	if got := v.Step(89, crowd(7, 1)); len(got) != 0 {
		t.Errorf("pane 89 renewed %v", got)
	}
	if got := v.Step(90, nil); !slices.Equal(got, []uint16{0}) || v.Word(0) != 7 {
		t.Errorf("pane 90 renewed %v", got)
	}
}

func TestAPersonWhoRepeatsAWordInAPaneIsOne(t *testing.T) {
	v, uses := vocab.New(), crowd(5, 2)
	for range 9 {
		uses = append(uses, vocab.Use{Person: 1, Word: 4})
	}
	v.Step(0, uses)
	v.Step(30, nil)
	if v.Word(0) != 5 {
		t.Errorf("the first slot went to %d", v.Word(0))
	}
}

// full is a vocabulary whose 128 open slots are held by words 1001 … 1128, each used by ten people.
func full(t testing.TB) *vocab.Vocabulary {
	v := vocab.New()
	v.Pin(upTo(vocab.PinnedMax))
	var uses []vocab.Use
	for w := range uint64(vocab.Slots - vocab.PinnedMax) {
		uses = append(uses, crowd(1001+w, 10)...)
	}
	v.Step(0, uses)
	if got := v.Step(30, nil); len(got) != vocab.Slots-vocab.PinnedMax {
		t.Fatalf("%d slots renewed", len(got))
	}
	return v
}

func TestSlotsDoNotFlap(t *testing.T) {
	for _, c := range []struct {
		name  string
		users int
		takes bool
	}{
		{"a word that is used a little more waits", 12, false},
		{"a word that is used half as much again waits", 15, false},
		{"a word that is used by more than that takes a slot", 17, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := full(t)
			v.Step(31, crowd(5000, c.users))
			renewed := v.Step(60, nil)
			_, has := v.Slot(5000)
			if has != c.takes || (len(renewed) == 1) != c.takes {
				t.Errorf("has a slot: %v, renewed %v", has, renewed)
			}
		})
	}
}

func TestAWordThatIsNoLongerPinnedHoldsItsSlotAsAnyOther(t *testing.T) {
	v := full(t)
	slot, _ := v.Slot(1)
	v.Pin(upTo(vocab.PinnedMax)[1:])
	if got, ok := v.Slot(1); !ok || got != slot {
		t.Error("it lost its slot at once")
	}
	v.Step(31, crowd(5000, 2)) // two people are enough: nobody uses word 1
	if got := v.Step(60, nil); !slices.Equal(got, []uint16{slot}) || v.Word(slot) != 5000 {
		t.Errorf("renewed %v", got)
	}
}

func TestPinningTakesTheSlotOfTheLeastUsedWord(t *testing.T) {
	v := full(t)
	var uses []vocab.Use
	for w := range uint64(127) {
		uses = append(uses, crowd(1001+w, 1)...) // all but 1128
	}
	v.Step(31, uses)
	v.Pin(upTo(383)) // 384 is open now, and unused: it is the least
	least, _ := v.Slot(384)
	if got := v.Pin(append(upTo(383), 9000)); !slices.Equal(got, []uint16{least}) || v.Word(least) != 9000 {
		t.Errorf("renewed %v", got)
	}
}

func TestCandidatesAreBounded(t *testing.T) {
	v := vocab.New()
	random := rand.New(rand.NewPCG(1, 1))
	for pane := range int64(120) {
		var uses []vocab.Use
		for range 500 {
			uses = append(uses, vocab.Use{Person: 1, Word: random.Uint64() | 1})
		}
		v.Step(pane, append(uses, crowd(3, 5)...))
		if pane%20 != 19 {
			continue
		}
		if n := len(v.Encode()); n > 8192*16+512*11+32 {
			t.Fatalf("pane %d: the state has %d bytes", pane, n)
		}
	}
	if _, ok := v.Slot(3); !ok {
		t.Error("a flood of new words kept out a word that five people use in every pane")
	}
}

// Which of the new words find a place when the candidates are nearly full does not depend on the order of the uses.
func TestTheLastPlacesDoNotDependOnOrder(t *testing.T) {
	a, b := vocab.New(), vocab.New()
	random := rand.New(rand.NewPCG(2, 2))
	for pane := range int64(3) {
		var uses []vocab.Use
		for range 3500 {
			uses = append(uses, vocab.Use{Person: 1, Word: random.Uint64()})
		}
		a.Step(pane, uses)
		slices.Reverse(uses)
		b.Step(pane, uses)
	}
	if !bytes.Equal(a.Encode(), b.Encode()) {
		t.Error("the states differ")
	}
}

// history is panes with uses, some of them far apart.
func history(t *rapid.T) (panes []int64, uses [][]vocab.Use) {
	pane := int64(rapid.IntRange(0, 1000).Draw(t, "start"))
	for range rapid.IntRange(1, 12).Draw(t, "panes") {
		panes = append(panes, pane)
		uses = append(uses, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) vocab.Use {
			return vocab.Use{
				Person: rapid.Uint64Range(1, 8).Draw(t, "person"), Word: rapid.Uint64Range(0, 900).Draw(t, "word"),
			}
		}), 0, 30).Draw(t, "uses"))
		pane += int64(rapid.SampledFrom([]int{1, 1, 7, 30, 61, 700, 3700}).Draw(t, "gap"))
	}
	return panes, uses
}

func TestOrderAndRepetitionWithinAPaneDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes, uses := history(t)
		a, b := vocab.New(), vocab.New()
		for i, pane := range panes {
			other := append(slices.Clone(uses[i]), uses[i]...)
			slices.Reverse(other)
			if x, y := a.Step(pane, uses[i]), b.Step(pane, other); !slices.Equal(x, y) {
				t.Fatalf("pane %d renewed %v and %v", pane, x, y)
			}
			if !bytes.Equal(a.Encode(), b.Encode()) {
				t.Fatalf("pane %d: the states differ", pane)
			}
		}
	})
}

// Leaving empty panes out changes nothing, and a decoded vocabulary goes on as the one that was encoded.
func TestEmptyPanesAndRestartsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes, uses := history(t)
		lazy, eager := vocab.New(), vocab.New()
		lazy.Pin([]uint64{3, 5})
		eager.Pin([]uint64{3, 5})
		for i, pane := range panes {
			if i > 0 {
				for k := panes[i-1] + 1; k < pane; k++ {
					eager.Step(k, nil)
				}
			}
			lazy.Step(pane, uses[i])
			eager.Step(pane, uses[i])
			if !bytes.Equal(lazy.Encode(), eager.Encode()) {
				t.Fatalf("pane %d: the states differ", pane)
			}
			if rapid.Bool().Draw(t, "restart") {
				again, err := vocab.Decode(lazy.Encode())
				if err != nil {
					t.Fatal(err)
				}
				lazy = again
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(full(f).Encode())
	f.Add(vocab.New().Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := vocab.Decode(b)
		if err != nil {
			return
		}
		first := v.Encode()
		again, err := vocab.Decode(first)
		if err != nil {
			t.Fatalf("its own bytes do not decode: %v", err)
		}
		if !bytes.Equal(first, again.Encode()) {
			t.Fatal("encoded differently the second time")
		}
		v.Step(100, crowd(9, 3))
		v.Pin([]uint64{1, 2, 3})
	})
}

func BenchmarkStep(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 4, 20_000)
	panes := make([][]vocab.Use, 64)
	for i := range panes {
		for range 2000 {
			panes[i] = append(panes[i], vocab.Use{Person: random.Uint64N(5000) * 0x9e3779b97f4a7c15,
				Word: (zipf.Uint64() + 1) * 0x9e3779b97f4a7c15})
		}
	}
	v, pane := vocab.New(), int64(0)
	b.ReportAllocs()
	for b.Loop() {
		v.Step(pane, panes[pane%64])
		pane++
	}
}
