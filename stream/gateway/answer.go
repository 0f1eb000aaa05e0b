package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// answer is what a sender is told.
type answer struct {
	status  int
	outcome string // a label of the metrics
	cause   string // why it is refused, another; "": it is not
	retryS  int    // Retry-After; 0: none
	close   bool   // the connection is closed: what is still to come of the body is not waited for
	plain   string // the body as text, instead of JSON
	body    any
}

func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if a.retryS > 0 {
		h.Set("Retry-After", strconv.Itoa(a.retryS))
	}
	if a.close {
		h.Set("Connection", "close")
	}
	if a.body == nil {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(a.status)
		w.Write([]byte(a.plain)) // the sender left: there is nobody to tell
		return
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	json.NewEncoder(w).Encode(a.body)
}

// accepted: all of it is in Kafka.
func accepted(records, letters int) answer {
	outcome := "accepted"
	if letters > 0 {
		outcome = "unreadable"
	}
	return answer{status: http.StatusAccepted, outcome: outcome, body: map[string]int{"records": records,
		"dead_letters": letters}}
}

type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func refuse(status int, code, message, hint string) answer {
	outcome := "refused"
	switch status {
	case http.StatusUnauthorized:
		outcome = "unsigned"
	case http.StatusTooManyRequests:
		outcome = "busy"
	case http.StatusServiceUnavailable:
		outcome = "failed"
	}
	return answer{status: status, outcome: outcome, cause: strings.ToLower(code),
		body: map[string]problem{"error": {code, message, hint}}}
}

// busy tells the sender to come back.
func busy(cause, message string) answer {
	a := refuse(http.StatusTooManyRequests, "BUSY", message, "deliver it again; twice counts once").later(5)
	a.cause = cause
	return a
}

func (a answer) later(seconds int) answer {
	a.retryS = seconds
	return a
}

func (a answer) hangUp() answer {
	a.close = true
	return a
}
