package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// youtube reads what YouTube sends of a live chat: answers of the Data API (liveChatMessages.list), and the chat
// continuations that its page and the recorders of chats read, whole or as lists of their actions.
//
// A super chat and a super sticker are gifts, and the words that came with one are a comment. What is on the ticker is
// a payment that is in the chat already. New members are no act that the raw format has. A deletion is a
// retraction where it has a time, which is in the Data API.
type youtube struct{ Payloads }

// payload reads one answer, continuation or action.
func (y youtube) payload(raw json.RawMessage, _ int, yield func(Record)) error {
	var p struct {
		Kind  string
		Items []youtubeMessage
		Whole *struct {
			Chat *struct{ Actions []youtubeAction } `json:"liveChatContinuation"`
		} `json:"continuationContents"`
		youtubeAction
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	actions := []youtubeAction{p.youtubeAction}
	switch {
	case p.Kind == "youtube#liveChatMessageListResponse":
		for i := range p.Items {
			if err := y.message(&p.Items[i], yield); err != nil {
				return err
			}
		}
		return nil
	case p.Kind == "youtube#liveChatMessage":
		var m youtubeMessage
		if err := json.Unmarshal(raw, &m); err != nil {
			return err
		}
		return y.message(&m, yield)
	case p.Whole != nil:
		if actions = nil; p.Whole.Chat != nil {
			actions = p.Whole.Chat.Actions
		}
	}
	for _, a := range actions {
		if err := y.action(&a, yield); err != nil {
			return err
		}
	}
	return nil
}

// youtubeMessage is one message of the Data API.
type youtubeMessage struct {
	ID      string
	Snippet struct {
		Type        string
		PublishedAt instant `json:"publishedAt"`
		Author      string  `json:"authorChannelId"`
		Display     string  `json:"displayMessage"`
		Text        *struct {
			Text string `json:"messageText"`
		} `json:"textMessageDetails"`
		Chat    *youtubePaid `json:"superChatDetails"`
		Sticker *youtubePaid `json:"superStickerDetails"`
		Deleted *struct {
			ID string `json:"deletedMessageId"`
		} `json:"messageDeletedDetails"`
	}
	Author struct {
		ID        string `json:"channelId"`
		Owner     bool   `json:"isChatOwner"`
		Moderator bool   `json:"isChatModerator"`
	} `json:"authorDetails"`
}

type youtubePaid struct {
	Micros   loose `json:"amountMicros"`
	Currency string
	Comment  string `json:"userComment"`
}

func (y youtube) message(m *youtubeMessage, yield func(Record)) error {
	s := &m.Snippet
	if m.ID == "" || s.PublishedAt == 0 {
		return errors.New("a message without id or publishedAt")
	}
	c := Common{EventID: m.ID, TimeMS: int64(s.PublishedAt), ShowID: y.ShowID, EsolID: y.EsolID, Platform: "youtube",
		PersonID: cmp.Or(m.Author.ID, s.Author)}
	role := ""
	switch {
	case m.Author.Owner:
		role = "esol"
	case m.Author.Moderator:
		role = "moderator"
	}
	switch {
	case s.Text != nil:
		r := Comment{Common: c, Text: s.Text.Text, Role: role}
		yield(r.Record())
	case s.Type == "textMessageEvent":
		r := Comment{Common: c, Text: s.Display, Role: role}
		yield(r.Record())
	case s.Deleted != nil && s.Deleted.ID != "":
		r := Comment{Common: c, Kind: "retract", Retracts: s.Deleted.ID}
		yield(r.Record())
	case s.Chat != nil:
		return y.paid(c, s.Chat, role, yield)
	case s.Sticker != nil:
		return y.paid(c, s.Sticker, role, yield)
	}
	return nil
}

func (y youtube) paid(c Common, p *youtubePaid, role string, yield func(Record)) error {
	micros, err := strconv.ParseInt(string(p.Micros), 10, 64)
	if err != nil || micros < 0 {
		return errors.New("a payment whose amountMicros is no number")
	}
	y.gift(Reaction{Common: c, Currency: p.Currency, Amount: fromMicros(micros)}, p.Comment, role, yield)
	return nil
}

// gift is a payment and the comment that came with it. The comment has the message's id, by which a deletion takes its
// words back; the payment, which stays, has one of its own.
func (y youtube) gift(g Reaction, text, role string, yield func(Record)) {
	m := Comment{Common: g.Common, Text: text, Role: role}
	g.Kind = "gift"
	g.EventID += "-gift"
	yield(g.Record())
	if text != "" {
		yield(m.Record())
	}
}

// fromMicros is millionths as decimal text.
func fromMicros(micros int64) string {
	whole := strconv.FormatInt(micros/1e6, 10)
	if micros%1e6 == 0 {
		return whole
	}
	return whole + "." + strings.TrimRight(fmt.Sprintf("%06d", micros%1e6), "0")
}

// youtubeAction is one action of a continuation.
type youtubeAction struct {
	Replay *struct{ Actions []youtubeAction } `json:"replayChatItemAction"`
	Add    *struct {
		Item struct {
			Text    *youtubeItem `json:"liveChatTextMessageRenderer"`
			Paid    *youtubeItem `json:"liveChatPaidMessageRenderer"`
			Sticker *youtubeItem `json:"liveChatPaidStickerRenderer"`
		}
	} `json:"addChatItemAction"`
}

type youtubeItem struct {
	ID      string
	USec    loose  `json:"timestampUsec"`
	Author  string `json:"authorExternalChannelId"`
	Message struct {
		Runs []struct {
			Text  string
			Emoji *struct {
				ID        string `json:"emojiId"`
				Custom    bool   `json:"isCustomEmoji"`
				Shortcuts []string
			}
		}
	}
	Amount struct {
		Text string `json:"simpleText"`
	} `json:"purchaseAmountText"`
	Badges []struct {
		Badge struct {
			Icon struct {
				Type string `json:"iconType"`
			}
		} `json:"liveChatAuthorBadgeRenderer"`
	} `json:"authorBadges"`
}

func (y youtube) action(a *youtubeAction, yield func(Record)) error {
	if a.Replay != nil {
		for i := range a.Replay.Actions {
			if err := y.action(&a.Replay.Actions[i], yield); err != nil {
				return err
			}
		}
		return nil
	}
	if a.Add == nil {
		return nil // a deletion here has no time of its own; the Data API's has one
	}
	switch {
	case a.Add.Item.Text != nil:
		return y.item(a.Add.Item.Text, false, yield)
	case a.Add.Item.Paid != nil:
		return y.item(a.Add.Item.Paid, true, yield)
	case a.Add.Item.Sticker != nil:
		return y.item(a.Add.Item.Sticker, true, yield)
	}
	return nil
}

func (y youtube) item(i *youtubeItem, paid bool, yield func(Record)) error {
	at := i.USec.whole() / 1000
	if i.ID == "" || at == 0 {
		return errors.New("a chat item without id or timestampUsec")
	}
	c := Common{EventID: i.ID, TimeMS: at, ShowID: y.ShowID, EsolID: y.EsolID, Platform: "youtube", PersonID: i.Author}
	if !paid {
		m := Comment{Common: c, Text: i.text(), Role: i.role()}
		yield(m.Record())
		return nil
	}
	g := Reaction{Common: c}
	g.Currency, g.Amount = payment(i.Amount.Text)
	y.gift(g, i.text(), i.role(), yield)
	return nil
}

// text is what the author wrote, with emoji as characters, or those of the channel's own as their shortcuts.
func (i *youtubeItem) text() string {
	var b strings.Builder
	for _, run := range i.Message.Runs {
		b.WriteString(run.Text)
		switch e := run.Emoji; {
		case e == nil:
		case !e.Custom:
			b.WriteString(e.ID)
		case len(e.Shortcuts) > 0:
			b.WriteString(e.Shortcuts[0])
		}
	}
	return b.String()
}

func (i *youtubeItem) role() string {
	var badges []string
	for _, b := range i.Badges {
		badges = append(badges, strings.ToLower(b.Badge.Icon.Type))
	}
	return roleOf(badges)
}
