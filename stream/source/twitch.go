package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/netsu/netsu/stream/event"
)

// twitch reads EventSub notifications, {"subscription": {"type": …}, "event": {…}} as webhooks have them, or within
// {"metadata": …, "payload": …} as websockets do. Challenges, keep-alives and types that are not named here say nothing.
//
//		channel.chat.message         comment; a reply names what it answers
//		channel.chat.message_delete  retraction
//		channel.cheer                gift, at a cent of a dollar a bit, which is what the broadcaster gets
//		channel.subscription.gift    gift, one for each subscription that was given; what they cost is not said
//		channel.subscription.message comment: the words of who subscribes again
//		channel.follow, channel.raid follow; share, by the channel that sends its viewers over
//
//	  - Bits are in the chat message too: only the cheer is the gift, and only the message the comment. IRC has no cheers;
//	    there the message is both, so bits must come by one of the two ways.
//	  - A message of a shared chat that was written in another channel's room is not of this room.
//	  - A clear of the chat names no messages, and raw retractions name one: it is passed over.
//	  - New subscriptions are no act that the raw format has; those that somebody was given are the giver's act.
//	  - Delivery is at least once, out of order. A chat message has an id; what has none is called by its delivery's.
//	  - A notification says in its header or metadata when it was sent, and only follows say it in the event too.
type twitch struct {
	Payloads
}

type twitchEvent struct {
	Room       string  `json:"broadcaster_user_id"`
	Source     string  `json:"source_broadcaster_user_id"`
	User       string  `json:"user_id"`
	Chatter    string  `json:"chatter_user_id"`
	From       string  `json:"from_broadcaster_user_id"`
	MessageID  string  `json:"message_id"`
	FollowedAt instant `json:"followed_at"`
	Bits       loose
	Total      loose
	Message    json.RawMessage // an object, or of a cheer its text
	Reply      *struct {
		Parent string `json:"parent_message_id"`
	}
	Badges []struct {
		Set string `json:"set_id"`
	}
}

func (t *twitch) payload(raw json.RawMessage, n int, yield func(Record)) error {
	type notification struct {
		Subscription *struct{ Type string }
		Event        *twitchEvent
	}
	var p struct {
		Metadata *struct {
			ID   string  `json:"message_id"`
			Sent instant `json:"message_timestamp"`
		}
		Payload *notification
		notification
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	note, id, sent := p.notification, t.Name+"/"+strconv.Itoa(n), t.AtMS
	if p.Metadata != nil {
		id, sent = p.Metadata.ID, int64(p.Metadata.Sent)
		if p.Payload != nil {
			note = *p.Payload
		}
	} else if note.Subscription == nil {
		return errors.New("no notification of EventSub: it names no subscription")
	}
	if note.Subscription == nil || note.Event == nil {
		return nil
	}
	c := Common{EventID: "twitch/" + digest(id), TimeMS: cmp.Or(int64(note.Event.FollowedAt), sent), ShowID: t.ShowID,
		EsolID: t.EsolID, Platform: "twitch", PersonID: cmp.Or(note.Event.Chatter, note.Event.User)}
	if c.TimeMS == 0 {
		return errors.New("a notification that does not say when it was sent: webhooks say it in a header")
	}
	return t.event(note.Subscription.Type, note.Event, c, yield)
}

func (t *twitch) event(kind string, e *twitchEvent, c Common, yield func(Record)) error {
	r := Reaction{Common: c, Kind: "gift"}
	switch kind {
	case "channel.chat.message":
		if e.Source != "" && e.Source != e.Room {
			return nil
		}
		m := Comment{Common: c, Role: e.role()}
		m.EventID = twitchID(e.MessageID)
		if e.Reply != nil && e.Reply.Parent != "" {
			m.ReplyTo = twitchID(e.Reply.Parent)
		}
		return t.words(e, m, yield)
	case "channel.subscription.message":
		return t.words(e, Comment{Common: c}, yield)
	case "channel.chat.message_delete":
		c.PersonID = ""
		m := Comment{Common: c, Kind: "retract", Retracts: twitchID(e.MessageID)}
		yield(m.Record())
		return nil
	case "channel.cheer":
		amount, err := worthOfBits(string(e.Bits))
		if err != nil {
			return err
		}
		r.Amount, r.Currency = amount, "USD"
	case "channel.subscription.gift":
		r.Count, r.HasCount = max(1, e.Total.whole()), true
	case "channel.follow":
		r.Kind = "follow"
	case "channel.raid":
		r.Kind, r.PersonID = "share", e.From
	default:
		return nil
	}
	yield(r.Record())
	return nil
}

func (t *twitch) words(e *twitchEvent, m Comment, yield func(Record)) error {
	var message struct{ Text string }
	if err := json.Unmarshal(e.Message, &message); err != nil {
		return errors.New("a chat message without its message")
	}
	m.Text = message.Text
	yield(m.Record())
	return nil
}

func (e *twitchEvent) role() string {
	if e.Chatter != "" && e.Chatter == e.Room {
		return "esol"
	}
	for _, b := range e.Badges {
		if b.Set == "moderator" {
			return "moderator"
		}
	}
	return ""
}

// twitchID is what a chat message is called, by EventSub and by IRC.
func twitchID(message string) string { return "twitch/" + message }

// worthOfBits is what the broadcaster gets for bits.
func worthOfBits(bits string) (amount string, err error) {
	cents, err := strconv.ParseInt(bits, 10, 64)
	if err != nil || cents < 0 {
		return "", errors.New("a number of bits that is none")
	}
	return event.FormatMinor(cents, "USD"), nil
}
