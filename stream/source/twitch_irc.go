package source

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// twitchIRC reads lines of Twitch's chat as IRC sends them, with tags: @tags :prefix COMMAND #channel :text.
//
//		PRIVMSG     comment, and with bits a gift; a reply names what it answers
//		USERNOTICE  raid: share; subgift, submysterygift: gift; what somebody wrote with one: comment
//		CLEARMSG    retraction of one message
//
//	  - Tag values are escaped (\s is a space, \: a semicolon). Times are tmi-sent-ts, people user-id: names change.
//	  - Many subscriptions given at once are announced once with their number and then one by one: those that belong to an
//	    announcement do not count again.
//	  - CLEARCHAT takes all of a person's or of the room's words back and names none, as with EventSub.
//	  - A line without tags (the login, PING, who joined) says nothing.
type twitchIRC struct{ Payloads }

func (t twitchIRC) payload(raw json.RawMessage, _ int, yield func(Record)) error {
	line := strings.TrimRight(string(raw), "\r\n")
	if !strings.HasPrefix(line, "@") {
		return nil
	}
	tagText, rest, _ := strings.Cut(line[1:], " ")
	command, text := ircCommand(rest)
	tags := ircTags(tagText)
	switch command {
	case "PRIVMSG", "USERNOTICE", "CLEARMSG":
	default:
		return nil
	}
	if from := tags["source-room-id"]; from != "" && from != tags["room-id"] {
		return nil // written in the room of another channel that shares its chat
	}
	at, err := strconv.ParseInt(tags["tmi-sent-ts"], 10, 64)
	if err != nil || at <= 0 {
		return errors.New("a message without tmi-sent-ts")
	}
	c := Common{EventID: twitchID(tags["id"]), TimeMS: at, ShowID: t.ShowID, EsolID: t.EsolID, Platform: "twitch",
		PersonID: tags["user-id"]}
	if command == "CLEARMSG" {
		if tags["target-msg-id"] == "" {
			return errors.New("a CLEARMSG that names no message")
		}
		c.EventID, c.PersonID = "twitch/clear/"+tags["target-msg-id"], ""
		m := Comment{Common: c, Kind: "retract", Retracts: twitchID(tags["target-msg-id"])}
		yield(m.Record())
		return nil
	}
	if tags["id"] == "" {
		return errors.New("a message without id")
	}
	if command == "USERNOTICE" {
		t.notice(tags, c, yield)
	} else if err := t.bits(tags, c, yield); err != nil {
		return err
	}
	if text == "" {
		return nil
	}
	m := Comment{Common: c, Text: text, Role: ircRole(tags)}
	if parent := tags["reply-parent-msg-id"]; parent != "" {
		m.ReplyTo = twitchID(parent)
	}
	yield(m.Record())
	return nil
}

func (t twitchIRC) bits(tags map[string]string, c Common, yield func(Record)) (err error) {
	if tags["bits"] == "" {
		return nil
	}
	c.EventID += "-gift"
	r := Reaction{Common: c, Kind: "gift", Currency: "USD"}
	if r.Amount, err = worthOfBits(tags["bits"]); err == nil {
		yield(r.Record())
	}
	return err
}

func (t twitchIRC) notice(tags map[string]string, c Common, yield func(Record)) {
	c.EventID += "-notice"
	r := Reaction{Common: c}
	switch tags["msg-id"] {
	case "raid":
		r.Kind = "share"
	case "subgift", "anonsubgift":
		if tags["msg-param-community-gift-id"] != "" {
			return
		}
		r.Kind = "gift"
	case "submysterygift", "anonsubmysterygift":
		r.Kind = "gift"
		r.Count, r.HasCount = max(1, loose(tags["msg-param-mass-gift-count"]).whole()), true
	default:
		return // sub, resub, announcement …: no act, but perhaps words
	}
	yield(r.Record())
}

// ircCommand reads what follows the tags: [:prefix] COMMAND parameter… [:text]. An action (/me) is its words.
func ircCommand(rest string) (command, text string) {
	if strings.HasPrefix(rest, ":") {
		_, rest, _ = strings.Cut(rest, " ")
	}
	command, rest, _ = strings.Cut(rest, " ")
	if _, text, _ = strings.Cut(" "+rest, " :"); strings.HasPrefix(text, "\x01ACTION ") {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "\x01ACTION "), "\x01")
	}
	return command, text
}

// ircTags reads name=value;…. Values are escaped, a semicolon as \:, so that splitting is safe; the ids and numbers that
// are read here have nothing to escape.
func ircTags(text string) map[string]string {
	tags := map[string]string{}
	for pair := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(pair, "=")
		tags[name] = value
	}
	return tags
}

func ircRole(tags map[string]string) string {
	role := ""
	for badge := range strings.SplitSeq(tags["badges"], ",") {
		switch name, _, _ := strings.Cut(badge, "/"); name {
		case "broadcaster":
			return "esol"
		case "moderator":
			role = "moderator"
		}
	}
	return role
}
