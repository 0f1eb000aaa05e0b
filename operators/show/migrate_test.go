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

// A store that schema 3 wrote (testdata/schema3, a key and its value in a line, of flooded for 100 s) goes on, migrated, as
// if this version had written it.
func TestStateOfSchema3IsMigrated(t *testing.T) {
	b, err := os.ReadFile("testdata/schema3")
	if err != nil {
		t.Fatal(err)
	}
	old := newTheater(t)
	for line := range strings.Lines(string(b)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if old.memory[key], err = base64.StdEncoding.DecodeString(value); err != nil {
			t.Fatal(err)
		}
	}
	parts := 0
	for key, value := range maps.Clone(old.memory) {
		changed, err := Migrate(3, state.Entry{Key: key, Value: value})
		if err != nil {
			t.Fatal(err)
		}
		old.memory.Write(changed)
		parts += len(changed)
	}
	if parts < 50 {
		t.Fatalf("%d entries came of it", parts)
	}
	old.f, old.store = newFold(t, old.memory)
	never := newTheater(t)
	flooded(never, 100)
	old.ms, old.ids, old.said = never.ms, never.ids, newSaid()
	never.reload()
	never.said = newSaid()
	if x, y := never.f.shows["S"].study.trust, old.f.shows["S"].study.trust; len(x.Floods()) == 0 || x.View().Doubted == 0 ||
		fmt.Sprint(x.View(), x.Floods(), x.Suspects()) != fmt.Sprint(y.View(), y.Floods(), y.Suspects()) {
		t.Fatalf("%v %v, and migrated %v %v", x.View(), x.Floods(), y.View(), y.Floods())
	}
	flooded(never, 100)
	flooded(old, 100)
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
	for _, key := range differing(never.memory, old.memory) {
		// Schema 3 left out verdicts that are behind the one in force; here they stay until the next, and say nothing.
		const verdict = 5 + 8
		if more := len(never.memory[key]) - len(old.memory[key]); !strings.HasPrefix(key, "trusted/") || more <= 0 || more%verdict != 0 {
			t.Errorf("the state differs at %s, by %d bytes", key, more)
		}
	}
}
