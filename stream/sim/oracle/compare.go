package oracle

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// Compare says what is compared. The zero value compares everything but the interval, whose over-dispersion is an
// estimate of the fold's own (see Rules.Branching).
type Compare struct {
	// Interval compares temperature_lo and _hi, gauge_lo and _hi and grade too.
	Interval bool
	// Tolerance is relative; 0 means 1e-9. Integers and texts are always compared exactly.
	Tolerance float64
}

var interval = map[protoreflect.Name]bool{"temperature_lo": true, "temperature_hi": true, "gauge_lo": true,
	"gauge_hi": true, "grade": true}

var gauges = map[protoreflect.Name]bool{"gauge": true, "gauge_lo": true, "gauge_hi": true}

// Diff lists where got differs from want, one line each: path, want, got. Both are views, trend points or money.
func (c Compare) Diff(want, got proto.Message) (lines []string) {
	if c.Tolerance == 0 {
		c.Tolerance = 1e-9
	}
	c.message("", want.ProtoReflect(), got.ProtoReflect(), &lines)
	return lines
}

func (c Compare) message(path string, want, got protoreflect.Message, lines *[]string) {
	if want.Descriptor() != got.Descriptor() {
		*lines = append(*lines, fmt.Sprintf("%s: want a %s, got a %s", path, want.Descriptor().Name(),
			got.Descriptor().Name()))
		return
	}
	heat, isHeat := want.Interface().(*eventpb.Heat)
	fields := want.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if interval[f.Name()] && !c.Interval || isHeat && heat.GetInsufficient() != "" && gauges[f.Name()] {
			continue
		}
		p := path + "." + string(f.Name())
		switch {
		case f.IsList():
			w, g := want.Get(f).List(), got.Get(f).List()
			if w.Len() != g.Len() {
				*lines = append(*lines, fmt.Sprintf("%s: want %d elements, got %d", p, w.Len(), g.Len()))
				continue
			}
			for j := range w.Len() {
				c.value(fmt.Sprintf("%s[%d]", p, j), f, w.Get(j), g.Get(j), lines)
			}
		default:
			c.value(p, f, want.Get(f), got.Get(f), lines)
		}
	}
}

func (c Compare) value(path string, f protoreflect.FieldDescriptor, want, got protoreflect.Value, lines *[]string) {
	switch f.Kind() {
	case protoreflect.MessageKind:
		c.message(path, want.Message(), got.Message(), lines)
	case protoreflect.DoubleKind:
		w, g := want.Float(), got.Float()
		if !(math.Abs(w-g) <= c.Tolerance*max(math.Abs(w), math.Abs(g)) || math.Abs(w-g) < 1e-12) {
			*lines = append(*lines, fmt.Sprintf("%s: want %.17g, got %.17g", path, w, g))
		}
	default:
		if !want.Equal(got) {
			*lines = append(*lines, fmt.Sprintf("%s: want %v, got %v", path, want, got))
		}
	}
}
