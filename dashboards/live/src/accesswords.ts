// The words of who may see what: [English, Japanese]. access_… are the feed's codes (stream/access).
export const accessWords = {
  accessNeeded: ["This feed asks for a token", "この画面にはトークンが必要です"],
  accessRefused: ["The feed does not take this token", "このトークンは受け付けられませんでした"],
  accessHow: [
    "Ask whoever runs this Netsu for another, and enter it here. It stays in this tab only.",
    "Netsu の管理者から新しいトークンを受け取り、ここに入力してください。このタブの中だけに保存されます。",
  ],
  accessToken: ["Token", "トークン"],
  accessUse: ["Use this token", "このトークンを使う"],
  access_TOKEN_EXPIRED: ["It has ended.", "有効期限が切れています。"],
  access_TOKEN_EARLY: ["It has not begun.", "まだ有効期間になっていません。"],
  access_TOKEN_MALFORMED: ["What was entered is not a token.", "トークンの形式ではありません。"],
  access_TOKEN_SIGNATURE: ["It is not signed by a key of this Netsu.", "この Netsu の鍵で署名されていません。"],
  access_TOKEN_AUDIENCE: ["It is for another audience.", "別のサービス向けのトークンです。"],
  access_NO_TOKEN: ["Without one nothing is shown.", "トークンがないと何も表示できません。"],
  access_STRANGER: ["None that is in force came in time.", "有効なトークンが届きませんでした。"],
  access_WRONG_HOST: [
    "This address is open on its own machine only.",
    "このアドレスは同じマシンからのみ開けます。",
  ],
  notGranted: ["This is not granted by your token, or does not exist.", "お使いのトークンでは表示できないか、存在しません。"],
  revoked: ["This is not granted any more: it is somebody else's now.", "担当が変わったため、表示できなくなりました。"],
  grantedTitle: ["The list of all shows is not granted", "全番組の一覧は表示できません"],
  grantedSome: ["Your token is for:", "お使いのトークンで表示できるもの："],
  grantedNone: ["Ask whoever runs this Netsu what your token is for.", "表示できる内容は Netsu の管理者にお尋ねください。"],
} satisfies Record<string, [string, string]>;
