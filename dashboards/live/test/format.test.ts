import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, count, decimal, duration, elapsed, fixed, money, percent } from "../src/format";
import { seeded } from "./seeded";

test("minor units become decimal text without a float", () => {
  const cases: [string, number, string][] = [
    ["0", 0, "0"],
    ["12800", 0, "12800"],
    ["2598", 2, "25.98"],
    ["5", 2, "0.05"],
    ["-5", 2, "-0.05"],
    ["-1234", 3, "-1.234"],
    ["9223372036854775807", 2, "92233720368547758.07"],
  ];
  for (const [minor, exponent, want] of cases) assert.equal(decimal(minor, exponent), want);
});

test("decimal text and back is the same amount, for any digits and exponent", () => {
  const random = seeded(1);
  for (let i = 0; i < 2000; i++) {
    const digits = String(BigInt(Math.floor(random() * 2 ** 52)) * BigInt(1 + (i % 2000)));
    const minor = i % 3 === 0 && digits !== "0" ? `-${digits}` : digits;
    const exponent = i % 5;
    const text = decimal(minor, exponent);
    assert.equal(text.split(".")[1]?.length ?? 0, exponent);
    assert.equal(String(BigInt(text.replace(".", ""))), minor, `${minor} e${exponent} → ${text}`);
  }
});

test("money has as many fraction digits as the feed says, and every digit", () => {
  assert.equal(money({ minor: "119050", currency: "JPY", exponent: 0 }, "en"), "¥119,050");
  assert.equal(money({ minor: "119050", currency: "JPY", exponent: 0 }, "ja"), "¥119,050");
  assert.equal(money({ minor: "-2598", currency: "USD", exponent: 2 }, "en"), "-$25.98");
  assert.equal(money({ minor: "1050000", currency: "KWD", exponent: 3 }, "en").replace(/\s/, " "), "KWD 1,050.000");
  // The browser would give IDR other digits than ISO 4217 does.
  assert.equal(money({ minor: "18500000", currency: "IDR", exponent: 2 }, "en").replace(/\s/, " "), "IDR 185,000.00");
  assert.equal(
    money({ minor: "9223372036854775807", currency: "JPY", exponent: 0 }, "en"),
    "¥9,223,372,036,854,775,807",
  );
});

test("two dollars are not written alike", () => {
  const text = (currency: string): string => money({ minor: "100", currency, exponent: 2 }, "en");
  assert.notEqual(text("USD"), text("SGD"));
});

test("durations name one unit", () => {
  const cases: [number, string][] = [
    [-5, "0.0 sec"],
    [1440, "1.4 sec"],
    [9949, "9.9 sec"],
    [9951, "10 sec"],
    [89_400, "89 sec"],
    [95_000, "2 min"],
    [5 * 3600_000, "5 hr"],
    [3 * 86400_000, "3 days"],
    [16 * 365.25 * 86400_000, "16 yrs"],
  ];
  for (const [ms, want] of cases) assert.equal(duration(ms, "en"), want);
  assert.equal(duration(4800, "ja").replace(/\s/, " "), "4.8 秒");
});

test("counts, shares, quantities and clocks", () => {
  assert.equal(count(22140, "en"), "22,140");
  assert.equal(percent(0.0752, "en"), "7.5%");
  assert.equal(fixed(1.125, 2, "en"), "1.13");
  assert.equal(fixed(2, 2, "ja"), "2.00");
  assert.equal(elapsed(249_000), "4:09");
  assert.equal(elapsed(3_849_000), "1:04:09");
  assert.equal(elapsed(-1), "0:00");
  assert.equal(clock("nonsense", 0, "en"), "–");
  const t = "2026-03-08T11:59:25.000Z";
  assert.match(clock(t, Date.parse(t) + 1000, "en"), /^\d\d:\d\d:25$/);
  assert.match(clock(t, Date.parse(t) + 3 * 86400_000, "en"), /2026/);
});
