package feed

import "github.com/gorilla/websocket"

// goodbye is why the server ends a connection: the close code, and what the bye before it says. doc.go has the table.
type goodbye struct {
	code    int
	name    string // of the bye frame, and of the metric's label
	message string
	retry   bool
}

var (
	closeGoingAway = &goodbye{websocket.CloseGoingAway, "GOING_AWAY", "the server is stopping or restarting", true}
	closeSlow      = &goodbye{4000, "SLOW", "events were waiting for this client and found no more room", true}
	closeNoPong    = &goodbye{4001, "NO_PONG", "no sign of life for too long", true}
	closeRate      = &goodbye{4002, "RATE", "too many frames; the limits are in the welcome", true}
	closeExpired   = &goodbye{4003, "EXPIRED", "the token has ended; come back with another", true}
	closeShare     = &goodbye{4004, "TOO_MANY_CONNECTIONS", "this token's subject has as many connections as it may", true}
	closeFull      = &goodbye{websocket.CloseTryAgainLater, "OVERLOADED", "there is no room now for all topics of this stream; come back with the same cursor", true}
	closeStranger  = &goodbye{4501, "NO_TOKEN", "no token that is in force came in a first hello, within 5 s", false}
	closeRefused   = &goodbye{4500, "REFUSED", "too many frames that this server does not understand", false}
	closeText      = &goodbye{websocket.CloseUnsupportedData, "TEXT_ONLY", "expected text frames", false}
	// closeGone and closeWrite have nobody left to say goodbye to.
	closeGone  = &goodbye{name: "GONE"}
	closeWrite = &goodbye{name: "WRITE_FAILED"}
)
