// What a campaign sold over all currencies, as one sentence: never a sum without its rates and what is not in it.
import type { Total } from "./contract";
import { money } from "./format";
import type { Lang } from "./settings";
import { word } from "./words";

export const totalText = (t: Total, l: Lang): string => {
  const list = t.left_out.join(l === "ja" ? "、" : ", ");
  if (t.net === null || t.rates === null) {
    return t.insufficient === "no_rate" ? word(l, "inAllNoRate", { list }) : word(l, "inAllUnknown");
  }
  const sum = money(t.net, l);
  return list === ""
    ? word(l, "inAll", { sum, table: t.rates })
    : word(l, "inAllWithout", { sum, table: t.rates, list });
};
