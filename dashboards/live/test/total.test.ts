import assert from "node:assert/strict";
import { test } from "node:test";
import campaign from "../../../stream/feed/testdata/example_campaign.json";
import type { Total } from "../src/contract";
import { totalText } from "../src/total";

const total: Total = campaign.total;

test("a sum over currencies names its rates and what is not in it", () => {
  assert.equal(totalText(total, "en"), "In all, converted: ¥613,897 (rates 3f2a9c1d5e7b8a60; without IDR)");
  assert.equal(totalText(total, "ja"), "全通貨の換算合計：¥613,897（レート表 3f2a9c1d5e7b8a60、IDR を除く）");
  const whole = { ...total, left_out: [] };
  assert.equal(totalText(whole, "en"), "In all, converted: ¥613,897 (rates 3f2a9c1d5e7b8a60)");
  assert.equal(totalText(whole, "ja"), "全通貨の換算合計：¥613,897（レート表 3f2a9c1d5e7b8a60）");
});

test("no sum, and none without its rates, is said not to be known", () => {
  const none = { ...total, net: null, paid: null, rates: null, left_out: ["THB", "USD"], insufficient: "no_rate" };
  assert.equal(totalText(none, "en"), "In all, converted: not known; there is no rate for THB, USD");
  assert.equal(totalText(none, "ja"), "全通貨の換算合計：不明（THB、USD のレートがありません）");
  assert.equal(totalText({ ...none, insufficient: "overflow" }, "en"), "In all, converted: not known");
  assert.equal(totalText({ ...total, rates: null }, "ja"), "全通貨の換算合計：不明");
});
