package access

import (
	"fmt"
	"slices"
	"strings"
)

// Fields is a set of kinds of fields.
type Fields uint8

// The kinds of fields. What none of them names is in All only.
const (
	Room    Fields = 1 << iota // heat, people, trend: what happens in the room
	Money                      // what was sold, owed, spent and returned
	Insight                    // what the room amounts to: sync, contagion, trust, funnel, alerts
	All     Fields = 1<<8 - 1
)

var fieldNames = map[string]Fields{"room": Room, "money": Money, "insight": Insight, "*": All}

// ParseFields reads names of kinds of fields: at least one, none twice.
func ParseFields(names []string) (Fields, error) {
	var f Fields
	for i, name := range names {
		one, ok := fieldNames[name]
		if !ok || slices.Contains(names[:i], name) {
			return 0, fmt.Errorf("field %.40q is not known, or there twice: expected some of room, money, insight, or *", name)
		}
		f |= one
	}
	if f == 0 {
		return 0, fmt.Errorf("no fields: expected some of room, money, insight, or *")
	}
	return f, nil
}

// Has tells whether all of need is in f.
func (f Fields) Has(need Fields) bool { return f&need == need }

// Names is what ParseFields reads.
func (f Fields) Names() []string {
	if f == All {
		return []string{"*"}
	}
	var names []string
	for _, name := range []string{"room", "money", "insight"} {
		if f.Has(fieldNames[name]) {
			names = append(names, name)
		}
	}
	return names
}

func (f Fields) String() string { return strings.Join(f.Names(), ",") }
