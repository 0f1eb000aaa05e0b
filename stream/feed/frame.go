package feed

// The frames that the server sends; doc.go lists them. Snaps and deltas are written by edition.go.

type welcomeFrame struct {
	T           string `json:"t"`
	ID          *int64 `json:"id,omitempty"` // of the hello that it answers
	Session     string `json:"session"`
	ServerTime  string `json:"server_time"`
	HeartbeatMS int64  `json:"heartbeat_ms"`
	State       string `json:"state"` // catching_up: meters are still being read; live
	Limits      limits `json:"limits"`
	Schema      string `json:"schema"`
}

type limits struct {
	Subs        int     `json:"max_subs"`
	Hz          float64 `json:"max_hz"`
	FrameBytes  int     `json:"max_frame_bytes"`
	FramesPerS  float64 `json:"max_frames_per_s"`
	FramesBurst float64 `json:"max_frames_burst"`
}

type ackFrame struct {
	T     string `json:"t"`
	ID    *int64 `json:"id,omitempty"`
	Sub   uint64 `json:"sub,omitempty"`
	Watch uint64 `json:"watch,omitempty"` // instead of sub, of a watch
	Topic string `json:"topic"`
	// Keys are what tells the elements of lists apart that deltas address by key: JSON Pointer, with * for any element, to
	// the name of the key. Only of a sub.
	Keys map[string]string `json:"keys,omitempty"`
	// Basis is what the sub's document is made in, as it was asked for; absent: in none.
	Basis *basisFrame `json:"basis,omitempty"`
	// Resumed is how a sub with resume goes on (resume.go); absent without.
	Resumed *string `json:"resumed,omitempty"`
	// Deprecations are fields that will go, among those that were asked for. There are none yet.
	Deprecations []string `json:"deprecations"`
}

type basisFrame struct {
	Currency string `json:"currency,omitempty"`
	Model    string `json:"model,omitempty"`
}

type noticeFrame struct {
	T       string  `json:"t"`
	Sub     uint64  `json:"sub,omitempty"` // of the rehearsal that has come to its end
	Code    string  `json:"code"`          // slow, or well again; end
	Action  string  `json:"action"`        // conflating: documents come no closer together than at hz
	Hz      float64 `json:"hz"`
	Message string  `json:"message"`
}

type pongFrame struct {
	T          string `json:"t"`
	ID         *int64 `json:"id,omitempty"`
	ServerTime string `json:"server_time"`
}

type eventFrame struct {
	T      string    `json:"t"`
	Sub    uint64    `json:"sub"`
	Cursor string    `json:"cursor"`
	Kind   string    `json:"kind"`
	Data   AlertView `json:"data"`
}

// restateFrame corrects what was said before: the document's own change comes with its next delta.
type restateFrame struct {
	T      string    `json:"t"`
	Sub    uint64    `json:"sub"`
	Cursor string    `json:"cursor"`
	Reason string    `json:"reason"`
	Data   AlertView `json:"data"` // its restatement says by how much, of which orders
}

type heartbeatFrame struct {
	T     string `json:"t"`
	N     uint64 `json:"n"` // counts up by one a second; a gap was dropped on its way to a slow reader
	State string `json:"state"`
	// ServerTime lets a client without a true clock tell freshness: server_time − watermark.
	ServerTime string `json:"server_time"`
	Cursor     string `json:"cursor"`
	// AsOf is the append time of the newest meter of the shows on the air, watermark the lowest of theirs, lag_ms
	// server_time − as_of. All are null where nothing is on the air.
	AsOf      *string `json:"as_of"`
	Watermark *string `json:"watermark"`
	LagMS     *int64  `json:"lag_ms"`
}

type errFrame struct {
	T       string `json:"t"`
	ID      *int64 `json:"id,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"` // says what was expected
}

// revokedFrame is an err that answers no frame of the client's: it says what has ended.
type revokedFrame struct {
	errFrame
	Sub   uint64 `json:"sub,omitempty"`
	Watch uint64 `json:"watch,omitempty"`
}

type byeFrame struct {
	T       string `json:"t"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Retry   bool   `json:"retry"` // connect again (with backoff and jitter), or do not
}

// schemaVersion is of the documents in view.go; the minor counts additions.
const schemaVersion = "meters/1.3"

// encodeFrame encodes a frame struct of the given kind.
func encodeFrame(kind string, v any) *frame {
	b, err := encode(v)
	if err != nil {
		panic("cannot happen: encoding a frame of plain fields: " + err.Error())
	}
	cursor := ""
	switch v := v.(type) {
	case eventFrame:
		cursor = v.Cursor
	case restateFrame:
		cursor = v.Cursor
	case heartbeatFrame:
		if v.State == "live" { // else events before it have not been sent
			cursor = v.Cursor
		}
	case watchFrame:
		cursor = v.Cursor
	}
	return newFrame(kind, cursor, b)
}
