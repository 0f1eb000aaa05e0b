package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// tiktok reads the events of a TikTok live as connectors hand them out: {"event": "chat", "data": {…}} (or "type"), or
// the data alone, whose kind its fields tell. Emotes, battles, subscriptions, introductions and whatever else there is
// say nothing that a raw event could hold, and are passed over.
//
//   - A gift of type 1 is a streak: it is sent again with a growing count until repeatEnd, and counts once, then. Other
//     gifts count as they come. A streak whose end was not recorded is lost. What a gift is worth in money is not
//     known: diamonds are no currency.
//   - likeCount is what one batch adds; totalLikeCount, the gauge beside it, is not read.
//   - A follow or share that comes twice, as itself and as social, has the same id both times.
//   - An envelope, coins for whoever opens it first, is a gift [JUDG].
//   - What has no time of its own (the number of viewers, questions) has that of the event before it in the file.
type tiktok struct {
	Payloads
	lastMS int64
}

type tiktokEvent struct {
	Event, Type string // of a wrapper
	Data        json.RawMessage
	MsgID       string `json:"msgId"`
	CreateTime  loose  `json:"createTime"`
	Timestamp   loose
	UserID      loose `json:"userId"`
	IsModerator bool  `json:"isModerator"`
	UserDetails struct {
		CreateTime loose `json:"createTime"`
	} `json:"userDetails"`
	DisplayType   string `json:"displayType"`
	Comment       *string
	Question      *string `json:"questionText"`
	GiftID        loose   `json:"giftId"`
	GiftType      loose   `json:"giftType"`
	RepeatCount   loose   `json:"repeatCount"`
	RepeatEnd     loose   `json:"repeatEnd"`
	GroupID       loose   `json:"groupId"`
	Gift          *tiktokGift
	LikeCount     loose `json:"likeCount"`
	ViewerCount   loose `json:"viewerCount"`
	ActionID      loose `json:"actionId"`
	EnvelopeCoins loose `json:"coins"`
	CanOpen       loose `json:"canOpen"`
}

// tiktokGift is where other versions have the fields of a gift.
type tiktokGift struct {
	ID          loose `json:"gift_id"`
	Type        loose `json:"gift_type"`
	RepeatCount loose `json:"repeat_count"`
	RepeatEnd   loose `json:"repeat_end"`
}

// payload reads one event.
func (t *tiktok) payload(raw json.RawMessage, n int, yield func(Record)) error {
	var e tiktokEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		return err
	}
	kind := e.Event
	if kind == "" && e.Data != nil {
		kind = e.Type
	}
	if e.Data != nil {
		e = tiktokEvent{}
		var inner struct{ Data *tiktokEvent }
		inner.Data = &e
		if err := json.Unmarshal(raw, &inner); err != nil {
			return err
		}
	}
	if kind == "" {
		kind = e.kind()
	}
	at := cmp.Or(e.timeMS(), t.lastMS, t.AtMS)
	t.lastMS = at
	return t.event(kind, &e, Common{TimeMS: at, ShowID: t.ShowID, EsolID: t.EsolID, Platform: "tiktok",
		PersonID: string(e.UserID), AccountMS: e.UserDetails.CreateTime.whole() * 1000}, n, yield)
}

func (t *tiktok) event(kind string, e *tiktokEvent, c Common, n int, yield func(Record)) error {
	reaction := Reaction{Kind: reactionOf(kind, e)}
	switch {
	case kind == "chat" && e.Comment != nil, kind == "questionNew" && e.Question != nil:
	case reaction.Kind == "":
		return nil
	}
	if c.TimeMS == 0 {
		return errors.New("an event without a time, and none before it that has one")
	}
	c.EventID = "tiktok/" + digest(kindOf(kind, reaction.Kind), e.MsgID)
	if e.MsgID == "" {
		c.EventID = "tiktok/" + digest(t.Name, fmt.Sprint(n))
	}
	if reaction.Kind == "" {
		m := Comment{Common: c}
		if m.Text = deref(e.Comment); kind == "questionNew" {
			m.Text = deref(e.Question)
		}
		if e.IsModerator {
			m.Role = "moderator"
		}
		yield(m.Record())
		return nil
	}
	switch kind {
	case "gift":
		g := e.gift()
		if g.Type == "1" {
			if !g.RepeatEnd.yes() {
				return nil
			}
			if e.GroupID != "" && e.UserID != "" {
				c.EventID = "tiktok/" + digest("streak", string(e.UserID), string(g.ID), string(e.GroupID))
			}
		}
		reaction.Count, reaction.HasCount = max(1, g.RepeatCount.whole()), true
	case "like":
		reaction.Count, reaction.HasCount = max(0, e.LikeCount.whole()), true
	case "roomUser":
		reaction.Count, reaction.HasCount = max(0, e.ViewerCount.whole()), true
		c.PersonID, c.AccountMS = "", 0
	}
	reaction.Common = c
	yield(reaction.Record())
	return nil
}

// kind tells what an event without a name is by the fields that only its kind has.
func (e *tiktokEvent) kind() string {
	switch {
	case e.Comment != nil:
		return "chat"
	case e.Question != nil:
		return "questionNew"
	case e.GiftID != "" || e.Gift != nil:
		return "gift"
	case e.LikeCount != "":
		return "like"
	case e.ViewerCount != "":
		return "roomUser"
	case e.EnvelopeCoins != "" && e.CanOpen != "":
		return "envelope"
	case e.ActionID != "":
		return "member"
	case e.DisplayType != "":
		return "social"
	}
	return ""
}

// reactionOf is the raw format's word; empty for what is no reaction. A social event says what it is by its display
// type.
func reactionOf(kind string, e *tiktokEvent) string {
	switch kind {
	case "gift", "like", "follow", "share":
		return kind
	case "envelope":
		return "gift"
	case "member":
		return "join"
	case "roomUser":
		return "viewers"
	case "social":
		switch {
		case strings.Contains(e.DisplayType, "follow"):
			return "follow"
		case strings.Contains(e.DisplayType, "share"):
			return "share"
		}
	}
	return ""
}

// kindOf is what an event id names its kind by: that of the reaction, so that social and follow are one.
func kindOf(kind, reaction string) string {
	if reaction == "" {
		return kind
	}
	return reaction
}

func (e *tiktokEvent) gift() tiktokGift {
	g := tiktokGift{ID: e.GiftID, Type: e.GiftType, RepeatCount: e.RepeatCount, RepeatEnd: e.RepeatEnd}
	if e.Gift == nil {
		return g
	}
	for _, f := range []struct {
		have  *loose
		other loose
	}{
		{&g.ID, e.Gift.ID}, {&g.Type, e.Gift.Type}, {&g.RepeatCount, e.Gift.RepeatCount},
		{&g.RepeatEnd, e.Gift.RepeatEnd},
	} {
		if *f.have == "" {
			*f.have = f.other
		}
	}
	return g
}

// timeMS is when the event was made: createTime in milliseconds, else timestamp, in seconds or milliseconds.
func (e *tiktokEvent) timeMS() int64 {
	for _, t := range []loose{e.CreateTime, e.Timestamp} {
		switch n := t.whole(); {
		case n >= 1e12:
			return n
		case n > 0:
			return n * 1000
		}
	}
	return 0
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
