package gateway

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

const twitchTolerance = 10 * time.Minute

// twitchSigned reads Twitch-Eventsub-Message-Signature: sha256=HEX, of the message's id, its timestamp and the body.
func twitchSigned(secrets [][]byte, d *delivery) error {
	stamp := d.header.Get("Twitch-Eventsub-Message-Timestamp")
	sum, ok := strings.CutPrefix(d.header.Get("Twitch-Eventsub-Message-Signature"), "sha256=")
	got, err := hex.DecodeString(sum)
	if !ok || err != nil || !signedBy(secrets, got, []byte(d.header.Get("Twitch-Eventsub-Message-Id")), []byte(stamp), d.body) {
		return errUnsigned
	}
	at, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return errUnsigned
	}
	return fresh(at, d.at, twitchTolerance)
}

// greetTwitch answers what a subscription begins and ends with. The end is logged: nothing comes any more, and only a
// person can subscribe again.
func greetTwitch(s *Server, d *delivery) (answer, bool) {
	var p struct {
		Challenge    string
		Subscription struct{ Type, Status string }
	}
	kind := d.header.Get("Twitch-Eventsub-Message-Type")
	if kind != "webhook_callback_verification" && kind != "revocation" {
		return answer{}, false
	}
	if err := json.Unmarshal(d.body, &p); err != nil {
		return refuse(http.StatusBadRequest, "BAD_EVENT", "expected a "+kind, ""), true
	}
	if kind == "revocation" {
		s.c.Logger.Error("Twitch has ended a subscription: subscribe again", "type", p.Subscription.Type, "status",
			p.Subscription.Status)
		return accepted(0, 0), true
	}
	return answer{status: http.StatusOK, outcome: "accepted", plain: p.Challenge}, true
}
