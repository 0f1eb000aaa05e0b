package show

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Whatever bytes the state holds, reading them ends, allocates in proportion, and what it accepts it writes the same.
func FuzzDecode(f *testing.F) {
	for key, value := range someState(f) {
		f.Add(strings.SplitN(key, "/", 2)[0], value)
	}
	f.Fuzz(func(t *testing.T, table string, b []byte) {
		switch table {
		case "clock":
			again(t, b, decodeClock, encodeClock)
		case "catalog":
			again(t, b, decodeEntry, encodeEntry)
		case "room":
			again(t, b, decodeShow, encodeShow)
		case "heads":
			again(t, b, decodeHeads, func(v *headsPart) []byte {
				s := newShow("S", 0)
				s.memory = &memory{}
				s.loadPart(0, v)
				return encodeHeads(&headsPart{show: s})
			})
		case "acts":
			again(t, b, decodeActs, func(v *actChunk) []byte {
				s := newShow("S", 0)
				s.loadActs(1, v)
				return encodeActs(&actChunk{pane: s.panes[1]})
			})
		case "study":
			again(t, b, decodeStudy, encodeStudy)
		case "outlook":
			again(t, b, decodeOutlook, (*outlook).Encode)
		case "people":
			again(t, b, decodePeople, func(v *peoplePart) []byte {
				s := newShow("S", 0)
				s.study.people.load(0, v)
				return encodePeople(&peoplePart{show: s})
			})
		case "profile":
			again(t, b, decodeProfile, encodeProfile)
		case "texts":
			again(t, b, decodeTexts, func(v *textList) []byte {
				s := newShow("S", 0)
				s.memory = &memory{}
				*s.memory.texts(1) = v.texts
				return encodeTexts(&textList{show: s, pane: 1})
			})
		}
	})
}

// again decodes, encodes, decodes and encodes: the second bytes must be the first. (The given ones may be longer: an
// integer has more than one encoding.)
func again[V any](t *testing.T, b []byte, decode func([]byte) (V, error), encode func(V) []byte) {
	v, err := decode(b)
	if err != nil {
		return
	}
	first := encode(v)
	w, err := decode(first)
	if err != nil {
		t.Fatalf("its own bytes do not decode: %v", err)
	}
	if second := encode(w); !bytes.Equal(first, second) {
		t.Fatalf("encoded\n%x\nand then\n%x", first, second)
	}
}

// someState is the state of a show in the middle of everything: a key of each table at least.
func someState(t testing.TB) state.Memory {
	th := newTheater(t)
	th.apply(setting()...)
	th.learn(&eventpb.Catalog{Kind: "show", Id: "S", Show: &eventpb.Show{Title: "Lip night", BrandIds: []string{"b0"}}})
	for i := range uint64(70) {
		order := th.event(eventpb.Kind_KIND_ORDER, i)
		order.Order = &eventpb.Order{OrderId: order.Id, Status: eventpb.OrderStatus_ORDER_STATUS_PAID}
		comment := th.event(eventpb.Kind_KIND_COMMENT, i)
		retraction := th.event(eventpb.Kind_KIND_RETRACT, i)
		retraction.RefHi, retraction.RefLo = comment.IdHi, comment.IdLo
		other, pin := th.event(eventpb.Kind_KIND_COMMENT, i+1), th.event(eventpb.Kind_KIND_PIN, i)
		th.apply(order, comment, retraction, other, pin)
		th.ms += 1000
	}
	late := th.event(eventpb.Kind_KIND_LIKE, 1)
	late.TimeMs -= 60_000
	th.apply(late)
	th.memory.Write(th.store.Cut())
	tables := map[string]bool{}
	for key := range th.memory {
		tables[strings.SplitN(key, "/", 2)[0]] = true
	}
	if len(tables) != 16 {
		t.Fatalf("the state has tables %v", tables)
	}
	return th.memory
}

func TestStateOfAnotherVersionIsRefused(t *testing.T) {
	for key, value := range someState(t) {
		for version, way := range map[byte]string{value[0] + 1: "or a newer", value[0] - 1: "or begin anew"} {
			m := state.Memory{key: append([]byte{version}, value[1:]...)}
			_, err := New(state.NewStore(m, 0), 0)
			if err == nil || !strings.Contains(err.Error(), fmt.Sprint("version ", version)) || !strings.Contains(err.Error(), way) {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
}

// A view asks the outlook for each of its three numbers.
func TestAnOutlookWithoutANumberIsRefused(t *testing.T) {
	whole := noOutlook()
	for _, a := range []*eventpb.Alignment{
		whole,
		{WorldviewEsol: whole.WorldviewEsol, Direction: whole.Direction},
		{Worldview: whole.Worldview, Direction: whole.Direction},
		{Worldview: whole.Worldview, WorldviewEsol: whole.WorldviewEsol},
	} {
		s := &show{study: newStudy()}
		s.study.glance.outlook = a
		if _, err := decodeStudy(encodeStudy(s)); (err == nil) != (a == whole) {
			t.Errorf("%v: %v", a, err)
		}
	}
}

func TestPartsWithoutTheirShowAreRefused(t *testing.T) {
	for key, value := range someState(t) {
		table, _, _ := strings.Cut(key, "/")
		if table == "clock" || table == "room" || table == "catalog" {
			continue
		}
		if _, err := New(state.NewStore(state.Memory{key: value}, 0), 0); err == nil {
			t.Errorf("%s was taken without a room", key)
		}
	}
}
