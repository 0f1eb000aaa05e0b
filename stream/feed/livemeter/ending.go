package livemeter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

// NotTaken is why a client must not come back: the same would be answered again.
type NotTaken struct{ Code, Message string }

func (e *NotTaken) Error() string { return e.Code + ": " + e.Message }

// busy is an answer that says when to come back.
type busy struct {
	error
	after time.Duration
}

func (b *busy) Unwrap() error { return b.error }

// askedFor is how long the feed wants to be left alone; 0 where it has not said.
func askedFor(err error) time.Duration {
	var b *busy
	if !errors.As(err, &b) {
		return 0
	}
	return min(b.after, longestWait)
}

// doNotRetry tells the close codes after which coming back would only bring the same answer: the table in stream/feed/doc.go.
func doNotRetry(code int) bool {
	switch code {
	case websocket.CloseProtocolError, websocket.CloseUnsupportedData, websocket.CloseInvalidFramePayloadData,
		websocket.ClosePolicyViolation, websocket.CloseMessageTooBig:
		return true
	}
	return code >= 4500
}

// closed is how a connection ended, whose last word, if it had one, was bye.
func closed(err error, bye *Frame) error {
	var close *websocket.CloseError
	switch {
	case errors.Is(err, websocket.ErrReadLimit):
		return &NotTaken{"FRAME_TOO_LONG", fmt.Sprintf("a frame is longer than %d bytes", maxFrame)}
	case errors.As(err, &close) && doNotRetry(close.Code):
		code, message := strconv.Itoa(close.Code), close.Text
		if bye != nil {
			code, message = bye.Code, bye.Message
		}
		return &NotTaken{code, message}
	case bye != nil && !bye.Retry:
		return &NotTaken{bye.Code, bye.Message}
	case bye != nil:
		return fmt.Errorf("%s: %s", bye.Code, bye.Message)
	}
	return err
}

// answered is what a handshake failed with, where the feed, or what stands before it, has answered.
func answered(err error, res *http.Response, renews bool) error {
	if res == nil {
		return err
	}
	var said struct {
		Error struct{ Code, Message, Hint string }
	}
	body, _ := io.ReadAll(io.LimitReader(res.Body, 4096)) // what cannot be read is not said
	_ = res.Body.Close()
	if json.Unmarshal(body, &said) != nil || said.Error.Code == "" {
		said.Error.Code, said.Error.Message = res.Status, "no websocket was opened"
	}
	e := said.Error
	if e.Hint != "" {
		e.Message += "; " + e.Hint
	}
	switch {
	case res.StatusCode >= 500, res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusRequestTimeout:
		after, _ := strconv.Atoi(res.Header.Get("Retry-After")) // absent, or a date: the backoff will do
		return &busy{fmt.Errorf("%s: %s", e.Code, e.Message), time.Duration(after) * time.Second}
	case e.Code == "TOKEN_EXPIRED" && renews:
		return fmt.Errorf("%s: %s", e.Code, e.Message)
	}
	return &NotTaken{e.Code, e.Message}
}
