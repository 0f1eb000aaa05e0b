package feed

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/netsu/netsu/stream/feed/contract/derive"
)

// What the contract says of frames and answers that no struct of the feed has: those that are written by hand
// (edition.go), read by hand (client.go), or made by another package.

// SnapFrame is the whole of a sub's document, or what of it was asked for and is granted.
type SnapFrame struct {
	T         string  `json:"t"`
	Sub       uint64  `json:"sub"`
	Topic     string  `json:"topic"`
	Cursor    string  `json:"cursor"`
	AsOf      *string `json:"as_of"`
	Watermark *string `json:"watermark"`
	// Data is the document, as its topic has it; null: there is none, and reason says why.
	Data json.RawMessage `json:"data"`
	// Hash is CRC-32C of the canonical JSON (RFC 8785) of data.
	Hash string `json:"hash,omitempty"`
	// Reason is not_yet or gone.
	Reason string `json:"reason,omitempty"`
}

// DeltaFrame is what changed between two states of a sub's document. It is applied in the order cut, set, add, max, order.
// Each of them has the shape of the document, but that a list with a key (keys of the ack) is an object by that key.
type DeltaFrame struct {
	T         string  `json:"t"`
	Sub       uint64  `json:"sub"`
	From      string  `json:"from"` // cursor of the state that it applies to
	To        string  `json:"to"`
	AsOf      *string `json:"as_of"`
	Watermark *string `json:"watermark"`
	// Cut is what is no longer there, by JSON Pointer.
	Cut []string `json:"cut,omitempty"`
	// Set is what is now so.
	Set map[string]any `json:"set,omitempty"`
	// Add is by how much sums grew; amounts are decimal text.
	Add map[string]any `json:"add,omitempty"`
	// Max is what rose.
	Max map[string]any `json:"max,omitempty"`
	// Order is how the elements of lists stand now, by JSON Pointer to the list.
	Order map[string][]string `json:"order,omitempty"`
	// Hash is that of the state at to.
	Hash string `json:"hash"`
}

// HelloRequest says who comes. It is optional where the port has no keys, and answered by another welcome.
type HelloRequest struct {
	T      string `json:"t"`
	ID     uint64 `json:"id,omitempty"`
	V      uint64 `json:"v,omitempty"`
	Client string `json:"client,omitempty"` // as acme-overlay/2.3
	Token  string `json:"token,omitempty"`  // where the port has keys, and no header had it
}

// SubRequest subscribes to a topic's document and events. The ack has the number of the sub.
type SubRequest struct {
	T     string `json:"t"`
	ID    uint64 `json:"id,omitempty"` // said again in the answer
	Topic string `json:"topic"`
	// Fields are names of the document with a dot between levels, as room.final.heat. None ([]): events alone. Absent: all.
	Fields []string      `json:"fields,omitempty"`
	Basis  BasisRequest  `json:"basis,omitempty"`
	MaxHz  float64       `json:"max_hz,omitempty"` // absent: every change
	Resume ResumeRequest `json:"resume,omitempty"`
	// From asks for a rehearsal of a show's tape from that time on.
	From  string  `json:"from,omitempty"`
	Speed float64 `json:"speed,omitempty"` // of a rehearsal; absent: 1
}

// BasisRequest is what the document is to be made in, which its ack says again: in a currency, whatever is listed by currency is of
// that one alone, and deals are made of what each earned in it; nothing is converted. A model is a condition: the sub is refused
// where the campaign goes by another, and ends with BASIS_CHANGED once it does.
type BasisRequest struct {
	Currency string `json:"currency,omitempty"`
	Model    string `json:"model,omitempty"` // of attribution, as the campaign's document has it; of campaign/ID alone
}

// ResumeRequest is what a client that comes back holds.
type ResumeRequest struct {
	Cursor string `json:"cursor"`         // the last of any frame
	Hash   string `json:"hash,omitempty"` // of the document that it holds
}

// TuneRequest changes how often a sub's document comes.
type TuneRequest struct {
	T     string  `json:"t"`
	ID    uint64  `json:"id,omitempty"`
	Sub   uint64  `json:"sub"`
	MaxHz float64 `json:"max_hz,omitempty"` // absent: every change
}

// UnsubRequest ends a sub, or a rehearsal.
type UnsubRequest struct {
	T   string `json:"t"`
	ID  uint64 `json:"id,omitempty"`
	Sub uint64 `json:"sub"`
}

// WatchRequest asks to be told when a condition holds, in every state of the document and not only in those that are sent.
type WatchRequest struct {
	T     string `json:"t"`
	ID    uint64 `json:"id,omitempty"`
	Topic string `json:"topic"`
	When  string `json:"when"` // as room.final.heat.gauge >= 60 && money.orders_total > 0
}

// UnwatchRequest ends a watch.
type UnwatchRequest struct {
	T     string `json:"t"`
	ID    uint64 `json:"id,omitempty"`
	Watch uint64 `json:"watch"`
}

// ExplainRequest asks what is behind a place of a document.
type ExplainRequest struct {
	T     string `json:"t"`
	ID    uint64 `json:"id,omitempty"`
	Topic string `json:"topic"`
	Path  string `json:"path"` // as room.provisional.heat.gauge
}

// PingRequest asks for a pong.
type PingRequest struct {
	T  string `json:"t"`
	ID uint64 `json:"id,omitempty"`
}

// Alerts is the answer of GET /v1/alerts, the newest first.
type Alerts struct {
	Alerts []AlertView `json:"alerts"`
}

// TapeLine is a line of GET /v1/export: a frame of the server, and when it was said.
type TapeLine struct {
	At    string          `json:"at"`
	Frame json.RawMessage `json:"frame"`
}

// Failure is what every path answers that does not do what it was asked.
type Failure struct {
	Error problem `json:"error"`
}

// Ready is the answer of GET /readyz.
type Ready struct {
	Ready bool `json:"ready"`
	Readiness
}

// Alive is the answer of GET /healthz.
type Alive struct {
	Status string `json:"status"`
}

// Accepted is the answer of POST /v1/ingest/{source}: all of the delivery is in Kafka.
type Accepted struct {
	Records     int64 `json:"records"`
	DeadLetters int64 `json:"dead_letters"` // of them, those that could not be read
}

// Series is the answer of GET /v1/series.
type Series struct {
	Scope    string         `json:"scope"`
	Step     string         `json:"step"`
	From     string         `json:"from"`
	To       string         `json:"to"`        // excluded
	Floor    *string        `json:"floor"`     // what lies before it is not kept any more; null: nothing was dropped
	OpenFrom *string        `json:"open_from"` // rows from here on are not complete, and may change without a revision
	Columns  []SeriesColumn `json:"columns"`
	// Rows have a value for each column: a number, an amount as decimal text, or null.
	Rows [][]json.RawMessage `json:"rows"`
	Gaps []SeriesGap         `json:"gaps"` // rows may be missing in them
	Next *string             `json:"next"` // ask for what follows with this as from; null: this is all
}

// SeriesColumn is what a column of the rows is.
type SeriesColumn struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit"`
	Part     *string `json:"part"`     // whose rows it is of; null: the time
	Currency *string `json:"currency"` // of amounts, and of what is counted or divided in one
	Exponent *int    `json:"exponent"` // of amounts: how many of the digits are minor
}

// SeriesGap is a time of which rows may be missing.
type SeriesGap struct {
	Part string  `json:"part"`
	From *string `json:"from"` // null: from the beginning, which is not known
	To   string  `json:"to"`   // excluded
}

// promised is a schema to be made of a type.
type promised struct {
	name string
	of   reflect.Type
	t    string // of a frame
	how  derive.How
}

func promise[T any](name, t string, how derive.How) promised {
	return promised{name, reflect.TypeFor[T](), t, how}
}

// promises are all schemas. A new document or frame is added here.
var promises = []promised{
	promise[Show]("show", "", derive.How{}), promise[Show]("show.part", "", derive.How{Part: true}),
	promise[Esol]("esol", "", derive.How{}), promise[Esol]("esol.part", "", derive.How{Part: true}),
	promise[Campaign]("campaign", "", derive.How{}), promise[Campaign]("campaign.part", "", derive.How{Part: true}),
	promise[Brand]("brand", "", derive.How{}), promise[Brand]("brand.part", "", derive.How{Part: true}),
	promise[Board]("shows", "", derive.How{}), promise[Board]("shows.part", "", derive.How{Part: true}),
	promise[AlertView]("alert", "", derive.How{}), promise[Alerts]("alerts", "", derive.How{}),
	promise[Similar]("similar", "", derive.How{}), promise[Advice]("advice", "", derive.How{}),
	promise[Explanation]("explanation", "", derive.How{}), promise[Series]("series", "", derive.How{}),
	promise[TapeLine]("tapeline", "", derive.How{}), promise[Failure]("error", "", derive.How{}),
	promise[Ready]("ready", "", derive.How{}), promise[Alive]("alive", "", derive.How{}),
	promise[Accepted]("accepted", "", derive.How{}),

	promise[welcomeFrame]("server-welcome", "welcome", derive.How{}), promise[ackFrame]("server-ack", "ack", derive.How{}),
	promise[SnapFrame]("server-snap", "snap", derive.How{}), promise[DeltaFrame]("server-delta", "delta", derive.How{}),
	promise[eventFrame]("server-event", "event", derive.How{}), promise[restateFrame]("server-restate", "restate", derive.How{}),
	promise[watchFrame]("server-watch", "watch", derive.How{}), promise[noticeFrame]("server-notice", "notice", derive.How{}),
	promise[Explanation]("server-explanation", "explanation", derive.How{}),
	promise[heartbeatFrame]("server-hb", "hb", derive.How{}), promise[pongFrame]("server-pong", "pong", derive.How{}),
	promise[revokedFrame]("server-err", "err", derive.How{}), promise[byeFrame]("server-bye", "bye", derive.How{}),

	promise[HelloRequest]("client-hello", "hello", derive.How{Closed: true}),
	promise[SubRequest]("client-sub", "sub", derive.How{Closed: true}),
	promise[TuneRequest]("client-tune", "tune", derive.How{Closed: true}),
	promise[UnsubRequest]("client-unsub", "unsub", derive.How{Closed: true}),
	promise[WatchRequest]("client-watch", "watch", derive.How{Closed: true}),
	promise[UnwatchRequest]("client-unwatch", "unwatch", derive.How{Closed: true}),
	promise[ExplainRequest]("client-explain", "explain", derive.How{Closed: true}),
	promise[PingRequest]("client-ping", "ping", derive.How{Closed: true}),
}

type fact = derive.Schema

var (
	timeFact   = fact{"format": "date-time"}
	nullFact   = fact{derive.Null: true}
	topicFact  = fact{"pattern": "^(shows|(show|esol|campaign|brand)/.+)$", "maxLength": maxTopicLen}
	hzFact     = fact{"minimum": minHz, "maximum": maxHz, "x-unit": "Hz"}
	hashFact   = fact{"pattern": "^crc32c:[0-9a-f]{8}$"}
	cursorFact = fact{"pattern": "^e[^:]*:[A-Za-z0-9_-]*$", "description": "a position in the logs; opaque"}
	gradeFact  = fact{"enum": []any{"A", "B", "C", nil}}
	resumeFact = fact{"enum": []any{resumedInStep, resumedDelta, resumedSnap, resumedTooOld, resumedNone}}
	aboveZero  = fact{"minimum": 1}

	currencyFact = fact{"pattern": currencyForm.String()}
	modelFact    = fact{"pattern": modelForm.String()}
)

// facts are what the types do not say.
var facts = derive.Facts{
	"Answer()": {"type": []string{"boolean", "null"}},

	"Money.minor": {"pattern": "^(0|-?[1-9][0-9]*)$"}, "Money.currency": {"pattern": "^[A-Z]{3}$"},
	"Show.state":     {"enum": []any{"on_air", "idle", "ended", "unknown"}},
	"Row.state":      {"enum": []any{"on_air", "idle", "ended", "unknown"}},
	"Heat.grade":     gradeFact,
	"Estimate.grade": gradeFact,
	"Show.kind":      {"const": "show"}, "Esol.kind": {"const": "esol"}, "Campaign.kind": {"const": "campaign"},
	"Brand.kind": {"const": "brand"}, "Board.kind": {"const": "shows"}, "RollUp.roll_up": {"const": true},
	"Restatement.from": timeFact, "Restatement.to": timeFact,

	"Campaign.costs": nullFact, "Campaign.returns": nullFact,
	"Insight.bodies": nullFact, "Insight.flows": nullFact, "Insight.products": nullFact, "Insight.beats": nullFact,
	"Insight.pins": nullFact,

	"Explanation.value":     {"description": "as the document has it now; null: not known, or nothing is there"},
	"heartbeatFrame.cursor": cursorFact, "SnapFrame.cursor": cursorFact, "eventFrame.cursor": cursorFact,
	"restateFrame.cursor": cursorFact, "watchFrame.cursor": cursorFact, "DeltaFrame.to": cursorFact,
	"DeltaFrame.from": fact{"pattern": cursorFact["pattern"], "description": "the position of the state that it applies to; of the first " +
		"after a resume in_step or delta it may be another than that of the state held, which has the same hash"},
	"DeltaFrame.set": changesBy("set"), "DeltaFrame.add": changesBy("add"), "DeltaFrame.max": changesBy("max"),
	"DeltaFrame.hash": hashFact, "SnapFrame.hash": hashFact, "SnapFrame.reason": {"enum": []any{"not_yet", "gone"}},
	"ackFrame.resumed":   resumeFact,
	"welcomeFrame.state": {"enum": []any{"catching_up", "live"}}, "heartbeatFrame.state": {"enum": []any{"catching_up", "live"}},
	"noticeFrame.code": {"enum": []any{"slow", "well", "end"}}, "noticeFrame.action": {"enum": []any{"conflating", "none"}},
	"errFrame.code":  {"oneOf": codesOf(func(c code) bool { return c.on&onFrames != 0 })},
	"byeFrame.code":  {"oneOf": codesOf(func(c code) bool { return c.on&onBye != 0 })},
	"problem.code":   {"oneOf": codesOf(func(c code) bool { return c.on&onHTTP != 0 })},
	"revokedFrame":   {"title": "errFrame", "description": "A frame that was refused, by the id that it had; or, without an id, the end of a sub or watch."},
	"SnapFrame":      {"allOf": dataOfTopic()},
	"TapeLine.frame": {"$ref": "server-frame.json"}, "TapeLine.at": timeFact,

	"HelloRequest.v": {"const": 1}, "HelloRequest.client": {"maxLength": 100}, "HelloRequest.token": {"minLength": 1},
	"SubRequest.topic": topicFact, "WatchRequest.topic": topicFact, "ExplainRequest.topic": topicFact,
	"SubRequest.max_hz": hzFact, "TuneRequest.max_hz": hzFact,
	"SubRequest.speed": {"exclusiveMinimum": 0, "maximum": maxSpeed}, "SubRequest.from": timeFact,
	"SubRequest": {
		"dependentRequired": fact{"speed": []string{"from"}},
		"dependentSchemas":  fact{"from": fact{"properties": fact{"fields": false, "basis": false, "max_hz": false, "resume": false}}},
	},
	"BasisRequest": {"minProperties": 1}, "BasisRequest.currency": currencyFact, "BasisRequest.model": modelFact,
	"basisFrame.currency": currencyFact, "basisFrame.model": modelFact,
	"Campaign.model":       {"examples": []any{"last", "first", "linear", "time_decay", "position", "shapley", "none"}},
	"ResumeRequest.cursor": cursorFact,
	"TuneRequest.sub":      aboveZero, "UnsubRequest.sub": aboveZero, "UnwatchRequest.watch": aboveZero,
	"Series.rows": {"items": fact{"type": "array", "items": fact{"type": []string{"number", "string", "null"}}}},
	"Series.step": {"enum": []any{"1s", "10s", "1m", "5m"}},
	"Series.from": timeFact, "Series.to": timeFact, "Series.floor": timeFact, "Series.open_from": timeFact,
	"Series.next": timeFact, "SeriesGap.from": timeFact, "SeriesGap.to": timeFact,
	"Alive.status": {"const": "alive"},
}

// changesBy is what a delta may say by a word. It does not name its topic: whose ack was of show/… holds it to the show's.
func changesBy(word string) fact {
	var all []any
	for _, kind := range slices.Sorted(maps.Keys(shapes)) {
		all = append(all, fact{"$ref": kind + "." + word + ".json"})
	}
	return fact{"anyOf": all}
}

// dataOfTopic says which document a snap has.
func dataOfTopic() []any {
	var all []any
	for _, kind := range slices.Sorted(maps.Keys(shapes)) {
		topic := fact{"pattern": "^" + kind + "/"}
		if kind == boardTopic {
			topic = fact{"const": boardTopic}
		}
		all = append(all, fact{
			"if":   fact{"properties": fact{"topic": topic}},
			"then": fact{"properties": fact{"data": fact{"anyOf": []any{fact{"$ref": kind + ".part.json"}, fact{"type": "null"}}}}},
		})
	}
	return all
}

// The frames that a client may send are those of the parser, with its fields.
func TestTheClientsFramesAreTheParsers(t *testing.T) {
	found := map[string][]string{}
	for _, p := range promises {
		if !strings.HasPrefix(p.name, "client-") {
			continue
		}
		for i := range p.of.NumField() {
			name, _, _ := strings.Cut(p.of.Field(i).Tag.Get("json"), ",")
			found[p.t] = append(found[p.t], name)
		}
		slices.Sort(found[p.t])
	}
	for kind, fields := range clientFields {
		if want := slices.Sorted(slices.Values(fields)); !slices.Equal(found[kind], want) {
			t.Errorf("%s has %v in the contract, and %v in the parser", kind, found[kind], want)
		}
	}
	if len(found) != len(clientFields) {
		t.Errorf("the contract has the frames %v", slices.Sorted(maps.Keys(found)))
	}
}
