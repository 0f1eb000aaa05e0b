package state

import (
	"encoding/json"
	"errors"
	"fmt"
)

// MarkerVersion is the newest form of a Marker that this program reads, and the one it writes.
const MarkerVersion = 1

// Marker says what a cut is a cut of: the state after all of the input before InputOffset, and nothing else. It is
// written with the cut in one transaction. Its form is JSON, so that any Kafka client can look at it.
type Marker struct {
	Version     int    `json:"version"`      // of this form
	Schema      int    `json:"schema"`       // of the fold's state
	Input       string `json:"input"`        // the log that was read
	InputID     string `json:"input_id"`     // Kafka's id of it: another one is another log under the same name
	InputOffset int64  `json:"input_offset"` // the next to read
	// Missing is how many records at the input's beginning were gone when this state began. Versions that do not know it drop it.
	Missing  int64 `json:"missing,omitempty"`
	AppendMS int64 `json:"append_ms"` // the fold's time: the greatest append time, or what was made to follow it
	// LogMS is the append time of the last record. It is less than AppendMS after a broker's clock was set back.
	LogMS int64 `json:"log_ms,omitempty"`
	// Partitions are the counts of the internal topics. They decide which task holds what, so they must not change.
	Partitions map[string]int32 `json:"partitions"`
	Sources    []SourceMark     `json:"sources"` // in order of topic, id, partition
}

// SourceMark is the greatest position seen of one partition of an upstream topic.
type SourceMark struct {
	Topic     string `json:"topic"`
	TopicID   string `json:"topic_id"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Index     uint32 `json:"index"`
}

// Mark says how far a disk has followed the changelog.
type Mark struct {
	ChangelogID     string `json:"changelog_id"`
	ChangelogOffset int64  `json:"changelog_offset"` // the next to read
	WallMS          int64  `json:"wall_ms"`          // when it was written
	Marker          Marker `json:"marker"`           // the newest before ChangelogOffset
}

// ErrNewer says that state was written by a newer version of the program.
var ErrNewer = errors.New("the state was written by a newer version of netsu; upgrade this one")

// Encode gives equal markers equal bytes.
func (m Marker) Encode() []byte { return mustJSON(m) }

// Encode is as Marker's.
func (m Mark) Encode() []byte { return mustJSON(m) }

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("cannot happen: a marker of plain fields does not encode: " + err.Error())
	}
	return b
}

// DecodeMarker reads a marker; a newer form is ErrNewer.
func DecodeMarker(b []byte) (Marker, error) {
	var m Marker
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("decoding marker: %w", err)
	}
	return m, m.check()
}

// DecodeMark reads a mark; a newer form is ErrNewer.
func DecodeMark(b []byte) (Mark, error) {
	var m Mark
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("decoding mark: %w", err)
	}
	return m, m.Marker.check()
}

func (m Marker) check() error {
	switch {
	case m.Version > MarkerVersion:
		return fmt.Errorf("%w (marker version %d, known are up to %d)", ErrNewer, m.Version, MarkerVersion)
	case m.Version < 1 || m.InputOffset < 0:
		return fmt.Errorf("a marker of version %d at input offset %d is not one that netsu writes", m.Version, m.InputOffset)
	}
	return nil
}
