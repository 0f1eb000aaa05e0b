package fold

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/netsu/netsu/state"
)

// ErrRefused says that the state must not be gone on with: it is of a newer program, or of other logs. It stays so
// until somebody does something; see the text.
var ErrRefused = errors.New("refused")

// partitions are the counts that decide which task holds what and where outputs go.
func (c Config) partitions() map[string]int32 {
	t, counts := c.Topics, map[string]int32{}
	for _, topic := range []string{c.Stage.Input, t.Journal, t.Journeys, t.Credits, t.Meters, t.Alerts} {
		if n, ok := c.Layout.Partitions[topic]; ok {
			counts[topic] = n
		}
	}
	return counts
}

// admit tells whether the state that a marker speaks of may be gone on with here.
func (c Config) admit(m state.Marker) error {
	switch s := c.Stage; {
	case m.Schema > s.Schema:
		return fmt.Errorf("%w: %w (the %s fold's state has schema %d, this program reads %d to %d). The state is left as it "+
			"is, and goes on with the first process of the version that wrote it, or of a newer, that has this partition",
			ErrRefused, state.ErrNewer, s.Name, m.Schema, s.Oldest, s.Schema)
	case m.Schema < s.Oldest:
		return fmt.Errorf("%w: the state was written by a version of netsu that is too old (the %s fold's state has schema "+
			"%d, this program reads %d to %d). The state is left as it is: run the version that wrote it, upgrade to one that "+
			"reads schema %d and let it take every partition over, then come to this one",
			ErrRefused, s.Name, m.Schema, s.Oldest, s.Schema, m.Schema)
	}
	if id := c.Layout.IDs[c.Stage.Input]; m.Input != c.Stage.Input || m.InputID != id {
		return fmt.Errorf("%w: the state is of log %s (topic id %s), this one is %s (topic id %s); it was renamed, or "+
			"deleted and made anew. Delete and make the changelog %s anew too, and move the state directory away, to "+
			"begin with the log as it is", ErrRefused, m.Input, m.InputID, c.Stage.Input, id, c.Stage.Changelog)
	}
	now := c.partitions()
	for _, topic := range slices.Sorted(maps.Keys(m.Partitions)) {
		if n, ok := now[topic]; ok && n != m.Partitions[topic] {
			return fmt.Errorf("%w: %s has %d partitions, the state was made with %d; the counts of internal topics must "+
				"not change. Make the topics anew with a new prefix and replay", ErrRefused, topic, n, m.Partitions[topic])
		}
	}
	return nil
}
