// The words of sound and title alerts: [English, Japanese].
export const alertWords = {
  alertingTitle: ["Alerts: title", "通知：表示"],
  alertingSound: ["Alerts: sound", "通知：音"],
  alertingWaits: ["Alerts: sound, click", "通知：音（要クリック）"],
  alertingMuted: ["Alerts: off", "通知：なし"],
  muteShow: ["Mute this show", "この番組をミュート"],
  mutedShow: ["Muted: unmute this show", "ミュート中：解除する"],
  keyBoard: ["To the board", "番組一覧へ"],
  keySeller: ["To the show's seller", "番組のセラーへ"],
  keyAlerting: ["Alerts: title, sound, muted", "通知の切り替え（タイトル・音・ミュート）"],
  keyMute: ["Mute the show", "番組の通知をミュート"],
  keyLetters: ["Letters are shortcuts", "文字キーの操作を使う"],
} satisfies Record<string, [string, string]>;
