package access

import (
	"encoding/json"
	"net/http"
)

// Refusal is why somebody does not get in: a code for programs, and sentences that hold no secret.
type Refusal struct {
	Status              int
	Code, Message, Hint string
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Write answers a request with it, as the feed words errors: {"error":{"code","message","hint"}}.
func (r *Refusal) Write(w http.ResponseWriter) {
	b, err := json.Marshal(map[string]any{"error": map[string]string{"code": r.Code, "message": r.Message, "hint": r.Hint}})
	if err != nil {
		panic("cannot happen: encoding texts: " + err.Error())
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	switch r.Status {
	case http.StatusUnauthorized:
		challenge := `Bearer realm="netsu"`
		if r != errNoToken {
			challenge += `, error="invalid_token"`
		}
		h.Set("WWW-Authenticate", challenge)
	case http.StatusForbidden:
		h.Set("WWW-Authenticate", `Bearer realm="netsu", error="insufficient_scope"`)
	case http.StatusTooManyRequests:
		h.Set("Retry-After", "10")
	}
	w.WriteHeader(r.Status)
	_, _ = w.Write(append(b, '\n')) // the client is gone, and nobody else is to be told
}

const tokenHint = "ask whoever runs this Netsu for a token (netsu token sign), and look into it with netsu token inspect"

func unauthorised(code, message string) *Refusal {
	return &Refusal{http.StatusUnauthorized, code, message, tokenHint}
}

var (
	errNoToken = unauthorised("NO_TOKEN", "this port asks for a token: Authorization: Bearer, the websocket subprotocol "+
		"bearer.TOKEN, or the token of the first hello")
	errQueryToken = &Refusal{http.StatusBadRequest, "TOKEN_IN_ADDRESS", "a token in an address ends up in logs, and is not taken",
		"send it as Authorization: Bearer, and sign another: this one may have been seen"}
	errTwoTokens = &Refusal{http.StatusBadRequest, "TWO_TOKENS", "the request says in more than one way whose it is", tokenHint}
	errHost      = &Refusal{http.StatusForbidden, "WRONG_HOST", "this port is open to this machine only, and was asked for under " +
		"another name", "use 127.0.0.1 or localhost, or give the port keys (--access-keys-file); behind a proxy that keeps the Host, name its origin with --origins"}
	errForbidden = &Refusal{http.StatusForbidden, "FORBIDDEN", "this is not granted, or does not exist",
		"the scopes and fields of a token are said by netsu token inspect"}
	errFailures = &Refusal{http.StatusTooManyRequests, "TOO_MANY_FAILURES", "too many tokens from this address were refused",
		"wait, and use one that is in force"}
	errMessages = &Refusal{http.StatusTooManyRequests, "TOO_MANY_MESSAGES", "too many requests and frames with this token's subject",
		"ask less often, or subscribe to /v1/feed"}
	errConnections = &Refusal{http.StatusTooManyRequests, "TOO_MANY_CONNECTIONS", "this token's subject has as many connections as it may",
		"close one: a connection takes many subscriptions"}
)
