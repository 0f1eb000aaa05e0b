package source_test

import (
	"strings"
	"testing"
)

const (
	tiktokGift = `{"event":"gift","data":{"giftId":5,"giftType":1,"repeatCount":3,"repeatEnd":false,"groupId":"9","userId":"71","msgId":"m1","createTime":"1788264000000"}}`

	youtubeChat = `{"continuationContents":{"liveChatContinuation":{"actions":[
 {"addChatItemAction":{"item":{"liveChatTextMessageRenderer":{"id":"a","timestampUsec":"1788264000123456","authorExternalChannelId":"U1",
  "message":{"runs":[{"text":"hi "},{"emoji":{"emojiId":"🔥"}},{"emoji":{"emojiId":"UCx/1","isCustomEmoji":true,"shortcuts":[":wave:"]}}]},
  "authorBadges":[{"liveChatAuthorBadgeRenderer":{"icon":{"iconType":"OWNER"}}}]}}}},
 {"replayChatItemAction":{"actions":[{"addChatItemAction":{"item":{"liveChatPaidMessageRenderer":{"id":"b","timestampUsec":"1788264001000000",
  "authorExternalChannelId":"U2","purchaseAmountText":{"simpleText":"￥6,000"},"message":{"runs":[{"text":"nice"}]}}}}}]}},
 {"addLiveChatTickerItemAction":{"item":{"liveChatTickerPaidMessageItemRenderer":{"id":"b"}}}},
 {"addChatItemAction":{"item":{"liveChatPaidStickerRenderer":{"id":"c","timestampUsec":"1788264002000000","authorExternalChannelId":"U2",
  "purchaseAmountText":{"simpleText":"€2.50"}}}}}]}}}`
)

func TestTikTokEvents(t *testing.T) {
	event := func(kind, fields string) string {
		return `{"event":"` + kind + `","data":{"userId":"71","msgId":"m` + kind + `","createTime":"1788264000000",` + fields + `}}`
	}
	expect(t, said(t, settings, "tiktok",
		event("chat", `"comment":"how much?"`)+event("like", `"likeCount":6,"totalLikeCount":21349`)+event("member", `"actionId":1`)+
			event("share", `"displayType":"pm_mt_guidance_share"`)+event("social", `"displayType":"pm_main_follow_message_viewer_2"`)+
			event("social", `"displayType":"pm_else"`)+event("subscribe", `"subMonth":1`)+event("emote", `"emoteId":"1"`)+
			`{"viewerCount":630,"topViewers":[]}`+`{"questionText":"which shade?","userId":"72"}`+
			`{"coins":20,"canOpen":20,"userId":"73","timestamp":1788264060}`),
		`01T12:00:00 comment "how much?"`, "01T12:00:00 like 6", "01T12:00:00 join 1", "01T12:00:00 share 1", "01T12:00:00 follow 1",
		"01T12:00:00 viewers 630", `01T12:00:00 comment "which shade?"`, "01T12:01:00 gift 1")
	viewers := mapped(t, settings, "tiktok", event("roomUser", `"viewerCount":1`))[0]
	if viewers.PersonHi != 0 {
		t.Error("a gauge is nobody's")
	}
	chat := mapped(t, settings, "tiktok", event("chat", `"comment":"","isModerator":true,"userDetails":{"createTime":"1588502711"}`))[0]
	if chat.AccountCreatedMs != 1588502711000 || chat.Role != 4 || chat.PersonHi == 0 || chat.ShowId != "S1" {
		t.Errorf("a moderator's chat: %v", chat)
	}
}

// A streak counts once, at its end, also where the end is told twice; gifts of other types count as they come.
func TestTikTokStreaks(t *testing.T) {
	again := with(tiktokGift, `"repeatCount":3`, `"repeatCount":8`, "m1", "m2")
	end := with(again, `"repeatEnd":false`, `"repeatEnd":true`, "m2", "m3")
	all := mapped(t, settings, "tiktok", tiktokGift+again+end+with(end, "m3", "m4"))
	if len(all) != 2 || all[0].Count != 8 || all[0].Id != all[1].Id {
		t.Errorf("a streak of 8: %v", all)
	}
	if next := mapped(t, settings, "tiktok", with(end, `"groupId":"9"`, `"groupId":"10"`)); next[0].Id == all[0].Id {
		t.Error("the next streak of that gift has the same id")
	}
	expect(t, said(t, settings, "tiktok", with(tiktokGift, `"giftType":1`, `"giftType":2`)), "01T12:00:00 gift 3")
	expect(t, said(t, settings, "tiktok", `{"createTime":"1788264000000","userId":"6","gift":{"gift_id":5729,"gift_type":2,"repeat_count":1,"repeat_end":0}}`),
		"01T12:00:00 gift 1")
	expect(t, said(t, settings, "tiktok", `{"createTime":"1788264000000","userId":"6","gift":{"gift_id":5655,"gift_type":1,"repeat_count":2,"repeat_end":0}}`))
}

func TestRecordedTikTokEvents(t *testing.T) {
	const set = "tiktok_event_examples"
	var all strings.Builder
	for _, name := range []string{"chat", "emote", "envelope", "follow", "gift", "like", "linkMicArmies", "linkMicBattle", "liveIntro",
		"member", "questionNew", "roomUser", "share", "social", "subscribe"} {
		all.WriteString(fixture(t, set, name) + "\n")
	}
	expect(t, said(t, settings, "tiktok", all.String()),
		`30T19:18:54 comment "How are you?"`, "30T19:23:42 gift 1", "30T19:18:54 follow 1", "30T19:18:54 gift 1", "30T19:18:54 like 6",
		"30T19:18:54 join 1", `30T19:18:54 comment "Do you know why TikTok has such a complicated API?"`, "30T19:18:54 viewers 630",
		"30T19:18:54 share 1", "30T19:18:54 follow 1")
	events := mapped(t, settings, "tiktok", all.String())
	if follow, social := events[2], events[9]; follow.Id != social.Id || follow.Id == events[8].Id {
		t.Error("follow and social are one event with two ids, or follow and share two with one")
	}
}

func TestYouTubePayloads(t *testing.T) {
	expect(t, said(t, settings, "youtube", youtubeChat), `01T12:00:00 comment "hi 🔥:wave:"`, "01T12:00:01 gift 6000 JPY",
		`01T12:00:01 comment "nice"`, "01T12:00:02 gift 2.50 EUR")
	if owner := mapped(t, settings, "youtube", youtubeChat)[0]; owner.Role != 2 || owner.PersonHi == 0 {
		t.Errorf("the owner's comment: %v", owner)
	}
	message := func(snippet string) string {
		return `{"kind":"youtube#liveChatMessage","id":"x","snippet":{"publishedAt":"2026-09-01T12:00:00Z","authorChannelId":"U1",` + snippet + `}}`
	}
	expect(t, said(t, settings, "youtube",
		message(`"type":"textMessageEvent","textMessageDetails":{"messageText":"hi"}`)+
			message(`"type":"superChatEvent","superChatDetails":{"amountMicros":"2500000","currency":"EUR","userComment":"nice"}`)+
			message(`"type":"superStickerEvent","superStickerDetails":{"amountMicros":200000000,"currency":"JPY"}`)+
			message(`"type":"messageDeletedEvent","messageDeletedDetails":{"deletedMessageId":"a"}`)+
			message(`"type":"newSponsorEvent"`)),
		`01T12:00:00 comment "hi"`, "01T12:00:00 gift 2.50 EUR", `01T12:00:00 comment "nice"`, "01T12:00:00 gift 200 JPY",
		"01T12:00:00 retract 0")
	taken := mapped(t, settings, "youtube",
		message(`"type":"superChatEvent","superChatDetails":{"amountMicros":"2500000","currency":"EUR","userComment":"nice"}`)+
			message(`"type":"messageDeletedEvent","messageDeletedDetails":{"deletedMessageId":"x"}`))
	if words, back := taken[1], taken[2]; words.IdHi != back.RefHi || words.IdLo != back.RefLo {
		t.Error("a deletion does not take back the words of a super chat")
	}
}

func TestRecordedYouTubePayloads(t *testing.T) {
	const set = "youtube_raw_payload_fixtures"
	for name, want := range map[string]int{
		"chatdl_other_youtube_actions": 0, "chatdl_youtube_actions": 2, "dataapi_v3_API_NewSponsor": 0,
		"dataapi_v3_API_SuperChat": 2, "dataapi_v3_API_TextMessage": 1, "pytchat_chatreplay": 49,
		"pytchat_compatible_newSponsor": 0, "pytchat_compatible_superchat": 2, "pytchat_compatible_supersticker": 1,
		"pytchat_compatible_textmessage": 1, "pytchat_default_superchat": 2, "pytchat_default_textmessage": 1, "pytchat_finished_live": 0,
	} {
		if got := said(t, settings, "youtube", fixture(t, set, name)); len(got) != want {
			t.Errorf("%s: %d events, want %d: %q", name, len(got), want, got)
		}
	}
	expect(t, said(t, settings, "youtube", fixture(t, set, "dataapi_v3_API_SuperChat"))[:1], "01T00:00:00 gift 200 JPY")
	expect(t, said(t, settings, "youtube", fixture(t, set, "pytchat_compatible_superchat"))[:1], "01T14:37:18 gift 846 JPY")
	// This one has no times, so it is refused; with times it has amounts in two currencies.
	timeless := fixture(t, set, "pytchat_calculator_superchat_0")
	for _, err := range settings.Read("youtube", strings.NewReader(timeless)) {
		if err == nil {
			t.Error("an item without a time was taken")
		}
	}
	sums := map[string]int64{}
	for _, e := range mapped(t, settings, "youtube", with(timeless, `"timestampUsec": 0`, `"timestampUsec": "1571985910682806"`)) {
		if e.AmountMinor != 0 {
			sums[e.Currency] += e.AmountMinor
		}
	}
	if len(sums) != 2 || sums["JPY"] == 0 || sums["EUR"] == 0 {
		t.Errorf("sums %v", sums)
	}
	t.Logf("sums %v", sums)
}
