// The words of a brand's page: [English, Japanese].
export const brandWords = {
  brandIs: ["Brand", "ブランド"],
  brandOf: ["of {name}", "{name}"],
  sells: ["sells {name}", "{name} を販売"],
  brandNone: ["No show on the air sells this brand", "このブランドを販売中の番組はありません"],
  brandRollup: [
    "Over the {n} {n:show|shows} on the air that {n:sells|sell} it, by the people in each",
    "販売中の {n} 番組を、人数で重み付けして合わせた値",
  ],
  brandRollupBare: [
    "Over the {n} {n:show|shows} on the air that {n:sells|sell} it, by the people in each, without an interval",
    "販売中の {n} 番組を、人数で重み付けして合わせた値（区間なし）",
  ],
  brandShared: [
    "{n} of them {n:sells|sell} other brands too: the heat is the room's, and counts whole for each.",
    "うち {n} 番組は他ブランドも販売しています。熱量は部屋のもので、各ブランドに全量を数えます。",
  ],
  brandShows: ["Shows on the air that sell it", "販売中の番組"],
  brandOthers: ["and {n} {n:other brand|other brands}", "ほか {n} ブランド"],
  brandNoCampaigns: ["No campaign of the brand has sold or cost anything yet.", "まだ売上や費用のあるキャンペーンはありません。"],
} satisfies Record<string, [string, string]>;
