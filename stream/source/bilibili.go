package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/netsu/netsu/stream/event"
)

// bilibili reads the messages of Bilibili's open platform for live rooms, {"cmd": "LIVE_OPEN_PLATFORM_…", "data": {…}}, as
// its long connection hands them out. There is no push over HTTP: who connects hands them on. Messages about the
// connection or the beginning and end of a broadcast are passed over.
//
//   - People are open_id; uid is 0 for all of them.
//   - Prices of gifts and guards are thousandths of a yuan for one, at what was really paid (r_price) where that is said; of
//     what is less than a fen in all the rest is dropped. A gift that is not paid (silver) has no amount. A combo is sent
//     gift by gift: combo_info is no sum to be taken.
//   - A super chat is in yuan. It can be taken back by its message_id, which takes back its words; the payment stays.
//   - like_count is what one person has added in two seconds.
//   - Times are whole seconds. What has none (a super chat taken back) has that of the message before it.
type bilibili struct {
	Payloads
	lastMS int64
}

type bilibiliMessage struct {
	RoomID    loose `json:"room_id"`
	OpenID    loose `json:"open_id"`
	Timestamp loose
	MsgID     loose `json:"msg_id"`
	Msg       *string
	IsAdmin   loose `json:"is_admin"`
	GiftNum   loose `json:"gift_num"`
	Price     loose
	RealPrice loose `json:"r_price"`
	Paid      loose
	MessageID loose `json:"message_id"`
	Message   string
	RMB       loose   `json:"rmb"`
	Taken     []loose `json:"message_ids"`
	LikeCount loose   `json:"like_count"`
	GuardNum  loose   `json:"guard_num"`
	User      struct {
		OpenID loose `json:"open_id"`
	} `json:"user_info"`
}

func (b *bilibili) payload(raw json.RawMessage, n int, yield func(Record)) error {
	var p struct {
		Cmd  string
		Data bilibiliMessage
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	m := &p.Data
	at := cmp.Or(m.Timestamp.whole()*1000, b.lastMS, b.AtMS)
	b.lastMS = at
	c := Common{TimeMS: at, ShowID: b.ShowID, EsolID: b.EsolID, Platform: "bilibili",
		PersonID: string(cmp.Or(m.OpenID, m.User.OpenID))}
	c.EventID = "bilibili/" + digest(p.Cmd, string(m.MsgID))
	if m.MsgID == "" {
		c.EventID = "bilibili/" + digest(p.Cmd, b.Name, strconv.Itoa(n))
	}
	if p.Cmd == "" {
		return errors.New("a message without cmd")
	}
	if at == 0 {
		return errors.New("a message without a time, and none before it that has one")
	}
	return b.message(p.Cmd, m, c, yield)
}

func (b *bilibili) message(cmd string, m *bilibiliMessage, c Common, yield func(Record)) error {
	r := Reaction{Common: c}
	switch cmd {
	case "LIVE_OPEN_PLATFORM_DM":
		words := Comment{Common: c, Text: deref(m.Msg)}
		if m.IsAdmin.yes() {
			words.Role = "moderator"
		}
		yield(words.Record())
		return nil
	case "LIVE_OPEN_PLATFORM_SUPER_CHAT":
		return b.superChat(m, c, yield)
	case "LIVE_OPEN_PLATFORM_SUPER_CHAT_DEL":
		for _, id := range m.Taken {
			c.EventID, c.PersonID = "bilibili/"+digest(cmd, string(m.RoomID), string(id)), ""
			back := Comment{Common: c, Kind: "retract", Retracts: superChatID(m.RoomID, id)}
			yield(back.Record())
		}
		return nil
	case "LIVE_OPEN_PLATFORM_SEND_GIFT":
		r.Kind = "gift"
		r.Count, r.HasCount = max(1, m.GiftNum.whole()), true
		if m.Paid.yes() {
			return b.paid(r, cmp.Or(m.RealPrice, m.Price), r.Count, yield)
		}
	case "LIVE_OPEN_PLATFORM_GUARD":
		r.Kind = "gift"
		return b.paid(r, m.Price, max(1, m.GuardNum.whole()), yield)
	case "LIVE_OPEN_PLATFORM_LIKE":
		r.Kind = "like"
		r.Count, r.HasCount = max(0, m.LikeCount.whole()), true
	case "LIVE_OPEN_PLATFORM_LIVE_ROOM_ENTER":
		r.Kind = "join"
	default:
		return nil
	}
	yield(r.Record())
	return nil
}

// paid is a gift of so many at a price in thousandths of a yuan.
func (b *bilibili) paid(r Reaction, price loose, count int64, yield func(Record)) error {
	millis, err := strconv.ParseInt(string(price), 10, 64)
	total := millis * count
	if err != nil || millis < 0 || total/count != millis {
		return errors.New("a price that is no whole number of thousandths")
	}
	r.Amount, r.Currency = event.FormatMinor(total/10, "CNY"), "CNY"
	yield(r.Record())
	return nil
}

// superChatID is what the words of a super chat are called, so that they can be taken back.
func superChatID(room, id loose) string {
	return "bilibili/" + digest("super chat", string(room), string(id))
}

func (b *bilibili) superChat(m *bilibiliMessage, c Common, yield func(Record)) error {
	if m.MessageID == "" {
		return errors.New("a super chat without message_id")
	}
	money := purse{currency: "CNY"}
	amount := money.text(money.read(m.RMB, nil))
	if money.err != nil {
		return money.err
	}
	c.EventID = superChatID(m.RoomID, m.MessageID)
	words := Comment{Common: c, Text: m.Message}
	c.EventID += "-gift"
	gift := Reaction{Common: c, Kind: "gift", Amount: amount, Currency: "CNY"}
	yield(gift.Record())
	if words.Text != "" {
		yield(words.Record())
	}
	return nil
}
