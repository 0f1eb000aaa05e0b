package source_test

import (
	"strings"
	"testing"
)

// expectRefused: the only payload of a file is refused, in words that say nothing of it.
func expectRefused(t *testing.T, name, format, payload string) {
	t.Helper()
	var last error
	for r, err := range settings.Read(format, strings.NewReader(payload)) {
		if last = err; err == nil {
			t.Errorf("%s was taken: %s", name, r.Value)
			return
		}
	}
	if last == nil {
		t.Errorf("%s was passed over", name)
	}
}

func biliMessage(cmd, fields string) string {
	return `{"cmd":"LIVE_OPEN_PLATFORM_` + cmd + `","data":{"room_id":21,"uid":0,"open_id":"o1","timestamp":1788264000,"msg_id":"m` + cmd + `",` + fields + `}}`
}

func TestBilibiliMessages(t *testing.T) {
	const sc = `"message_id":42,"message":"冲呀","rmb":30`
	file := biliMessage("DM", `"msg":"多少钱","dm_type":0,"reply_open_id":"o2"`) + biliMessage("LIKE", `"like_count":12`) +
		biliMessage("SEND_GIFT", `"gift_num":3,"price":2000,"r_price":1500,"paid":true,"combo_gift":true,"combo_info":{"combo_base_num":3,"combo_count":7}`) +
		biliMessage("SEND_GIFT", `"gift_num":2,"price":100,"paid":false`) +
		biliMessage("SUPER_CHAT", sc) + `{"cmd":"LIVE_OPEN_PLATFORM_SUPER_CHAT_DEL","data":{"room_id":21,"message_ids":[42,"43"],"msg_id":"d"}}` +
		`{"cmd":"LIVE_OPEN_PLATFORM_GUARD","data":{"room_id":21,"user_info":{"uid":0,"open_id":"o1"},"guard_level":3,"guard_num":2,"guard_unit":"月","price":198000,"timestamp":1788264001,"msg_id":"g"}}` +
		biliMessage("LIVE_ROOM_ENTER", `"uname":"x"`) + biliMessage("LIVE_START", `"title":"x"`) + `{"cmd":"LIVE_OPEN_PLATFORM_INTERACTION_END","data":{"game_id":"x","timestamp":1788264000}}`
	expect(t, said(t, settings, "bilibili", file),
		`01T12:00:00 comment "多少钱"`, "01T12:00:00 like 12", "01T12:00:00 gift 4.50 CNY", "01T12:00:00 gift 2", "01T12:00:00 gift 30.00 CNY",
		`01T12:00:00 comment "冲呀"`, "01T12:00:00 retract 0", "01T12:00:00 retract 0", "01T12:00:01 gift 396.00 CNY", "01T12:00:00 join 1")
	all := mapped(t, settings, "bilibili", file)
	if words, back := all[5], all[6]; words.IdHi != back.RefHi || words.IdLo != back.RefLo || all[7].RefLo == back.RefLo {
		t.Error("a super chat that is taken back is another than the one that was said")
	}
	if guard, chat := all[8], all[0]; guard.PersonHi == 0 || guard.PersonHi != chat.PersonHi || chat.ShowId != "S1" {
		t.Error("open_id of user_info and of the message are two people, or nobody: uid is 0 for all")
	}
	if nobody := mapped(t, settings, "bilibili", with(biliMessage("DM", `"msg":"x"`), `"open_id":"o1",`, ""))[0]; nobody.PersonHi != 0 {
		t.Error("uid 0 became a person")
	}
}

// What a gift costs is a thousandth of a yuan times a number: less than a fen of it all is dropped, once.
func TestBilibiliMoney(t *testing.T) {
	for fields, want := range map[string]string{
		`"gift_num":9,"price":105,"paid":true`: "0.94", `"gift_num":1,"price":"1000","paid":1`: "1.00", `"gift_num":10,"price":9,"r_price":0,"paid":true`: "",
	} {
		got := said(t, settings, "bilibili", biliMessage("SEND_GIFT", fields))
		if want == "" {
			expect(t, got, "01T12:00:00 gift 10")
			continue
		}
		expect(t, got, "01T12:00:00 gift "+want+" CNY")
	}
	for _, fields := range []string{`"gift_num":1,"price":1.5,"paid":true`, `"gift_num":9000000000,"price":9000000000,"paid":true`, `"gift_num":1,"price":-1,"paid":true`, `"gift_num":1,"paid":true`} {
		expectRefused(t, fields, "bilibili", biliMessage("SEND_GIFT", fields))
	}
	expectRefused(t, "a super chat without an id", "bilibili", biliMessage("SUPER_CHAT", `"message":"x","rmb":30`))
	expectRefused(t, "no time at all", "bilibili", `{"cmd":"LIVE_OPEN_PLATFORM_DM","data":{"msg":"x"}}`)
}

// twitchFrame is a frame of the websocket; a webhook's body is its payload.
func twitchFrame(kind, event string) string {
	return `{"metadata":{"message_id":"d-` + kind + `","message_type":"notification","message_timestamp":"2026-09-01T12:00:00.123456789Z"},
		"payload":` + twitchBody(kind, event) + `}`
}

func twitchBody(kind, event string) string {
	return `{"subscription":{"id":"s","type":"` + kind + `"},"event":{"broadcaster_user_id":"1",` + event + `}}`
}

const twitchChat = `"chatter_user_id":"7","message_id":"c1","message":{"text":"how much? Cheer100","fragments":[]},"message_type":"text",
	"badges":[{"set_id":"moderator","id":"1"}],"cheer":{"bits":100},"reply":{"parent_message_id":"c0"}`

func TestTwitchEventSub(t *testing.T) {
	file := twitchFrame("channel.chat.message", twitchChat) + twitchFrame("channel.cheer", `"is_anonymous":true,"user_id":null,"message":"Cheer100","bits":100`) +
		twitchFrame("channel.follow", `"user_id":"7","followed_at":"2026-09-01T11:59:59Z"`) +
		twitchFrame("channel.subscription.gift", `"user_id":"7","total":5,"cumulative_total":284,"tier":"1000"`) +
		twitchFrame("channel.subscribe", `"user_id":"8","tier":"1000","is_gift":true`) +
		twitchFrame("channel.subscription.message", `"user_id":"8","tier":"1000","message":{"text":"a year!","emotes":null},"cumulative_months":12`) +
		`{"metadata":{"message_id":"r","message_timestamp":"2026-09-01T12:00:00Z"},"payload":{"subscription":{"type":"channel.raid"},"event":{"from_broadcaster_user_id":"99","to_broadcaster_user_id":"1","viewers":9001}}}` +
		twitchFrame("channel.chat.message_delete", `"target_user_id":"7","message_id":"c1"`) + twitchFrame("channel.chat.clear", `"x":1`) +
		twitchFrame("channel.channel_points_custom_reward_redemption.add", `"user_id":"7","user_input":"x"`) +
		`{"metadata":{"message_id":"w","message_type":"session_welcome","message_timestamp":"2026-09-01T12:00:00Z"},"payload":{"session":{}}}`
	expect(t, said(t, settings, "twitch", file),
		`01T12:00:00 comment "how much? Cheer100"`, "01T12:00:00 gift 1.00 USD", "01T11:59:59 follow 1", "01T12:00:00 gift 5",
		`01T12:00:00 comment "a year!"`, "01T12:00:00 share 1", "01T12:00:00 retract 0")
	all := mapped(t, settings, "twitch", file)
	if c := all[0]; c.Id != "twitch/c1" || c.Role != 4 || c.RefHi == 0 || c.PersonHi == 0 || c.TimeMs%1000 != 123 {
		t.Errorf("a chat message: %v", c)
	}
	if all[1].PersonHi != 0 || all[5].PersonHi == 0 {
		t.Error("an anonymous cheer is somebody's, or a raid nobody's")
	}
	if words, back := all[0], all[6]; words.IdHi != back.RefHi || words.IdLo != back.RefLo {
		t.Error("a deletion does not take back the message")
	}
}

// The room of a show is one channel's: what is written in another that shares its chat is not of it.
func TestTwitchSharedChat(t *testing.T) {
	expect(t, said(t, settings, "twitch", twitchFrame("channel.chat.message", `"source_broadcaster_user_id":"2",`+twitchChat)))
	expect(t, said(t, settings, "twitch", twitchFrame("channel.chat.message", `"source_broadcaster_user_id":"1",`+twitchChat)), `01T12:00:00 comment "how much? Cheer100"`)
	expect(t, said(t, settings, "twitch-irc", with(ircPrivmsg, "room-id=21;", "room-id=21;source-room-id=22;")))
}

// A webhook's body does not say when it was sent; whoever reads its header tells.
func TestTwitchWebhookBodies(t *testing.T) {
	body := twitchBody("channel.cheer", `"user_id":"7","message":"","bits":1`)
	expectRefused(t, "a body without its header", "twitch", body)
	p := settings
	p.AtMS, p.Name = 1788264000000, "twitch/delivery-1"
	expect(t, said(t, p, "twitch", body), "01T12:00:00 gift 0.01 USD")
	once, again := mapped(t, p, "twitch", body)[0], mapped(t, p, "twitch", body)[0]
	p.Name = "twitch/delivery-2"
	if other := mapped(t, p, "twitch", body)[0]; once.Id != again.Id || once.Id == other.Id {
		t.Error("what has no id is called by its delivery")
	}
	expectRefused(t, "bits that are none", "twitch", twitchFrame("channel.cheer", `"bits":1.5`))
	expectRefused(t, "a message without words", "twitch", twitchFrame("channel.chat.message", `"message_id":"x"`))
	expectRefused(t, "no notification", "twitch", `{"id":1}`)
}

const ircPrivmsg = `@badge-info=;badges=moderator/1;bits=100;display-name=a\sb;first-msg=0;id=c1;reply-parent-msg-id=c0;room-id=21;tmi-sent-ts=1788264000520;user-id=7 :x!x@x.tmi.twitch.tv PRIVMSG #chan :Cheer100 a :b`

func TestTwitchIRCLines(t *testing.T) {
	notice := func(id, more string) string {
		return `@id=n` + id + `;msg-id=` + id + `;room-id=21;tmi-sent-ts=1788264000000;user-id=7` + more
	}
	file := strings.Join([]string{":tmi.twitch.tv 001 x :Welcome, GLHF!", "PING :tmi.twitch.tv", "", ircPrivmsg + "\r",
		`@id=c2;room-id=21;tmi-sent-ts=1788264000000;user-id=7;badges=broadcaster/1,moderator/1 :x!x@x PRIVMSG #chan :` + "\x01ACTION waves\x01",
		notice("raid", `;msg-param-viewerCount=15 :tmi.twitch.tv USERNOTICE #chan`),
		notice("resub", `;system-msg=x\ssubscribed :tmi.twitch.tv USERNOTICE #chan :a year!`),
		notice("submysterygift", `;msg-param-mass-gift-count=5;msg-param-community-gift-id=9 :tmi.twitch.tv USERNOTICE #chan`),
		notice("subgift", `;msg-param-community-gift-id=9 :tmi.twitch.tv USERNOTICE #chan`), notice("subgift", ` :tmi.twitch.tv USERNOTICE #chan`),
		`@login=x;room-id=21;target-msg-id=c1;tmi-sent-ts=1788264001000 :tmi.twitch.tv CLEARMSG #chan :Cheer100`,
		`@ban-duration=1;room-id=21;target-user-id=7;tmi-sent-ts=1788264001000 :tmi.twitch.tv CLEARCHAT #chan :x`,
		`@emote-only=0;room-id=21 :tmi.twitch.tv ROOMSTATE #chan`}, "\n")
	expect(t, said(t, settings, "twitch-irc", file),
		"01T12:00:00 gift 1.00 USD", `01T12:00:00 comment "Cheer100 a :b"`, `01T12:00:00 comment "waves"`, "01T12:00:00 share 1",
		`01T12:00:00 comment "a year!"`, "01T12:00:00 gift 5", "01T12:00:00 gift 1", "01T12:00:01 retract 0")
	all := mapped(t, settings, "twitch-irc", file)
	chat, eventSub := all[1], mapped(t, settings, "twitch", twitchFrame("channel.chat.message", twitchChat))[0]
	if chat.Id != eventSub.Id || chat.PersonHi != eventSub.PersonHi || chat.RefHi != eventSub.RefHi || chat.Role != 4 || all[2].Role != 2 {
		t.Errorf("IRC says %v, EventSub of the same message %v", chat, eventSub)
	}
	if back := all[7]; back.RefHi != chat.IdHi || back.RefLo != chat.IdLo {
		t.Error("CLEARMSG does not take back the message")
	}
	for name, line := range map[string]string{"no time": with(ircPrivmsg, "tmi-sent-ts=1788264000520", "x=1"), "no id": with(ircPrivmsg, ";id=c1", ""),
		"bits that are none": with(ircPrivmsg, "bits=100", "bits=x")} {
		expectRefused(t, name, "twitch-irc", line)
	}
}
