// Package operators is the contract between the folds and whoever runs them.
//
//	Record ──▶ Fold.Apply ──▶ Outputs
//	              │ reads and writes
//	              ▼
//	        state.Table …  (encoded by state.Store.Cut at a checkpoint)
//
// A Fold is deterministic: its state and its outputs are a function of the records it was given, in their order, and of
// nothing else. So it reads no clock, starts no goroutine, draws no random number, and never lets the order of a map's
// iteration reach state or output. Time is the append time of the record; idleness comes as ticks; settings as catalog.
//
// The packages below hold the folds: show (the room), journey (the person), ledger (the ESOL and the campaign).
package operators

import "github.com/netsu/netsu/stream/event/eventpb"

// Record is one record of an internal log, with the events that this partition has not seen yet (the runner has dropped
// those whose source position is not after the greatest seen). Events and their strings are valid only during Apply:
// clone what is kept.
type Record struct {
	Partition int32
	Offset    int64
	// AppendMS is the log's append time. It never goes back within a partition.
	AppendMS int64
	Events   []*eventpb.Event
}

// Fold is state', outputs = f(state, record) over one partition. One goroutine calls it.
type Fold interface {
	// Apply folds one record. An error means that the state cannot be trusted any more (a disk error, state that does not
	// decode): the task stops and is restored. Bad events are not errors; ingest has refused them.
	Apply(r *Record, out *Outputs) error
}

// Log names an internal log that a fold may append events to.
type Log int

// The logs that folds append to.
const (
	LogJourneys Log = iota
	LogCredits
)

// Outputs collects what a fold says about one record, in order. The runner gives each its position (partition, offset of
// the record, index in this list), which is what makes saying it twice harmless. What it holds must not change after.
type Outputs struct {
	Events []EventOut
	Meters []MeterOut
	Alerts []AlertOut
}

// EventOut is an event for an internal log; Key decides its partition.
type EventOut struct {
	Log   Log
	Key   string
	Event *eventpb.Event
}

// MeterOut is a whole meter, or with a nil Meter the end of one. Key is scope/part.
type MeterOut struct {
	Key   string
	Meter *eventpb.Meter
}

// AlertOut is an alert; Key is the id of its ESOL (or its show, where no ESOL is known, or its scope, where it is of
// neither).
type AlertOut struct {
	Key   string
	Alert *eventpb.Alert
}

// Event appends e to a log under key. The runner fills in e's source, source_offset and source_index.
func (o *Outputs) Event(log Log, key string, e *eventpb.Event) {
	o.Events = append(o.Events, EventOut{log, key, e})
}

// Meter publishes m under its scope and part. The runner fills in nothing: version and append_ms are the fold's.
func (o *Outputs) Meter(m *eventpb.Meter) {
	o.Meters = append(o.Meters, MeterOut{m.Scope + "/" + m.Part, m})
}

// DropMeter takes a meter back: its key becomes a tombstone.
func (o *Outputs) DropMeter(scope, part string) {
	o.Meters = append(o.Meters, MeterOut{Key: scope + "/" + part})
}

// Restate is the kind of an alert that is none: its restatement says why the money of a scope is not what it had been.
const Restate = "restate"

// Alert publishes a.
func (o *Outputs) Alert(a *eventpb.Alert) {
	key := a.EsolId
	if key == "" {
		key = a.ShowId
	}
	if key == "" {
		key = a.Scope
	}
	o.Alerts = append(o.Alerts, AlertOut{key, a})
}

// Reset empties o for the next record, keeping its memory.
func (o *Outputs) Reset() {
	clear(o.Events)
	clear(o.Meters)
	clear(o.Alerts)
	o.Events, o.Meters, o.Alerts = o.Events[:0], o.Meters[:0], o.Alerts[:0]
}
