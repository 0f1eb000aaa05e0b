package show

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// flooded is a room in which nine say the same again and again, and one what comes to mind.
func flooded(th *theater, seconds int) {
	for range seconds {
		one := th.event(eventpb.Kind_KIND_COMMENT, 20)
		one.Text = fmt.Sprint("what comes to my mind now is ", th.ids)
		same := th.event(eventpb.Kind_KIND_COMMENT, th.ids%9+1)
		same.Text = "buy followers at this address today"
		th.apply(one, same)
		th.ms += 1000
	}
}

// bought is a room in which forty ask, and buy what they asked for.
func bought(th *theater, seconds int) {
	for range seconds {
		order := th.event(eventpb.Kind_KIND_ORDER, th.ids%40+1)
		order.Order = &eventpb.Order{OrderId: order.Id, Status: eventpb.OrderStatus_ORDER_STATUS_PAID}
		question := th.event(eventpb.Kind_KIND_COMMENT, th.ids%40+2)
		question.Text = "what does it cost?"
		th.apply(order, question)
		th.ms += 1000
	}
}

// migrated is a theater that a store of an older schema was brought to (testdata, a key and its value in a line).
func migrated(t *testing.T, schema, least int) *theater {
	b, err := os.ReadFile(fmt.Sprint("testdata/schema", schema))
	if err != nil {
		t.Fatal(err)
	}
	th := newTheater(t)
	for line := range strings.Lines(string(b)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if th.memory[key], err = base64.StdEncoding.DecodeString(value); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for key, value := range maps.Clone(th.memory) {
		changed, err := Migrate(schema, state.Entry{Key: key, Value: value})
		if err != nil {
			t.Fatal(err)
		}
		th.memory.Write(changed)
		n += len(changed)
	}
	if n < least {
		t.Fatalf("%d entries came of it", n)
	}
	th.f, th.store = newFold(t, th.memory)
	return th
}

// goesOn has a migrated theater go on beside one that never was, which has played the same 100 s. What is said must be the
// same; what differs in the state comes back.
func goesOn(t *testing.T, old *theater, play func(*theater, int)) (never *theater, differ []string) {
	never = newTheater(t)
	play(never, 100)
	old.ms, old.ids, old.said = never.ms, never.ids, newSaid()
	never.reload()
	never.said = newSaid()
	play(never, 100)
	play(old, 100)
	if len(never.said.all) == 0 || len(never.said.all) != len(old.said.all) {
		t.Fatalf("%d things are said, and migrated %d", len(never.said.all), len(old.said.all))
	}
	for i := range never.said.all {
		if !bytes.Equal(never.said.all[i], old.said.all[i]) {
			t.Fatalf("output %d differs", i)
		}
	}
	never.reload()
	old.reload()
	return never, differing(never.memory, old.memory)
}

// A store that schema 3 wrote, of flooded for 100 s, goes on, migrated, as if this version had written it.
func TestStateOfSchema3IsMigrated(t *testing.T) {
	old := migrated(t, 3, 50)
	if x := old.f.shows["S"].study.trust; len(x.Floods()) == 0 || x.View().Doubted == 0 {
		t.Fatalf("migrated %v %v", x.View(), x.Floods())
	}
	never, differ := goesOn(t, old, flooded)
	if x, y := never.f.shows["S"].study.trust, old.f.shows["S"].study.trust; fmt.Sprint(x.View(), x.Floods(), x.Suspects()) !=
		fmt.Sprint(y.View(), y.Floods(), y.Suspects()) {
		t.Fatalf("%v %v, and migrated %v %v", x.View(), x.Floods(), y.View(), y.Floods())
	}
	for _, key := range differ {
		// Schema 3 left out verdicts that are behind the one in force; here they stay until the next, and say nothing.
		const verdict = 5 + 8
		if more := len(never.memory[key]) - len(old.memory[key]); !strings.HasPrefix(key, "trusted/") || more <= 0 || more%verdict != 0 {
			t.Errorf("the state differs at %s, by %d bytes", key, more)
		}
	}
}

// And one of schema 4, of bought.
func TestStateOfSchema4IsMigrated(t *testing.T) {
	old := migrated(t, 4, 8)
	for key := range old.memory {
		if table, rest, _ := strings.Cut(key, "/"); (table == "heads" || table == "people") && len(rest) != len("S/000") {
			t.Errorf("%s is still there", key)
		}
	}
	if s := old.f.shows["S"]; s.memory.orders < 50 || s.memory.heads < 20 || s.study.people.n < 20 {
		t.Fatalf("%d orders, %d heads, %d people came along", s.memory.orders, s.memory.heads, s.study.people.n)
	}
	if _, differ := goesOn(t, old, bought); len(differ) > 0 {
		t.Errorf("the state differs at %q", differ)
	}
}
