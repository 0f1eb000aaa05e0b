package feed

import "encoding/json"

// The frames that the server sends; doc.go lists them.

type snapFrame struct {
	T         string          `json:"t"`
	Sub       uint64          `json:"sub"`
	Topic     string          `json:"topic"`
	Cursor    string          `json:"cursor"`
	AsOf      *string         `json:"as_of"`
	Watermark *string         `json:"watermark"`
	Data      json.RawMessage `json:"data"`
	Reason    string          `json:"reason,omitempty"` // why data is null: not_yet, ended, evicted
}
