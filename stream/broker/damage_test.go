package broker_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// A damaged file is said by this run and the next, until its copy is removed; what was before the damage is there. What a
// kill leaves at the end is not said.
func TestEmbeddedSaysWhatWasDamaged(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(b []byte) []byte
		said  bool
		left  int
	}{
		"nothing":                     {func(b []byte) []byte { return b }, false, 3},
		"a byte of a batch":           {func(b []byte) []byte { b[len(b)/2] ^= 0x55; return b }, true, 1},
		"the length of a batch":       {func(b []byte) []byte { b[len(b)/3+8] = 0x7f; return b }, true, 1},
		"zeros at the end":            {func(b []byte) []byte { return append(b, make([]byte, 100)...) }, true, 3},
		"the end, cut in a batch":     {func(b []byte) []byte { return b[:len(b)-5] }, false, 2},
		"the end, cut in a head":      {func(b []byte) []byte { return b[:len(b)/3*2+7] }, false, 2},
		"a last byte that is another": {func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "odd [name]*")
			k := embedded(t, broker.EmbeddedSettings{Dir: dir})
			k.Create(t, 1)
			cl := k.Client(t, kgo.DefaultProduceTopic(k.Topics.Orders))
			for i := range 3 {
				must(t, cl.ProduceSync(deadline(t), kgo.StringRecord(fmt.Sprint("order ", i))).FirstErr())
			}
			k.Embedded.Close()
			file := filepath.Join(dir, "data", "partitions", k.Topics.Orders+"-0", "0.dat")
			b, err := os.ReadFile(file)
			must(t, err)
			must(t, os.WriteFile(file, c.spoil(b), 0o600))

			for run := range 2 {
				again := embedded(t, broker.EmbeddedSettings{Dir: dir})
				said := errors.Join(again.Embedded.Damage()...)
				switch {
				case (said != nil) != c.said:
					t.Errorf("run %d says %v", run, said)
				case said != nil && (!errors.Is(said, broker.ErrDamaged) || !strings.Contains(said.Error(), file+".damaged")):
					t.Errorf("run %d says %v, which does not name the file", run, said)
				}
				must(t, again.Client(t, kgo.DefaultProduceTopic(k.Topics.Orders)).ProduceSync(deadline(t), kgo.StringRecord("end")).FirstErr())
				got := committed(t, again, k.Topics.Orders, "end")
				if run == 0 && len(got) != c.left+1 {
					t.Errorf("the log has %v", got)
				}
				again.Embedded.Close()
			}
			if !c.said {
				return
			}
			must(t, os.Remove(file+".damaged"))
			if said := embedded(t, broker.EmbeddedSettings{Dir: dir}).Embedded.Damage(); len(said) > 0 {
				t.Errorf("after the copy was removed: %v", said)
			}
		})
	}
}
