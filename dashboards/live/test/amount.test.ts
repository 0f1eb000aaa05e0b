import assert from "node:assert/strict";
import { test } from "node:test";
import { minorOf } from "../src/amount";
import { decimal } from "../src/format";
import { seeded } from "./seeded";

test("amounts are read as they are written", () => {
  const cases: [string, number, string | null][] = [
    ["500000", 0, "500000"],
    ["500,000", 0, "500000"],
    [" ５００，０００ ", 0, "500000"],
    ["1,200.5", 2, "120050"],
    ["0.05", 2, "5"],
    ["12", 2, "1200"],
    ["92233720368547758.07", 2, "9223372036854775807"],
    ["1.5", 0, null], // finer than the currency
    ["1.234", 2, null],
    ["1.200,50", 2, null],
    ["12,00", 2, null],
    ["1,2345", 0, null],
    ["0", 0, null],
    ["0.00", 2, null],
    ["-5", 0, null],
    ["5e4", 0, null],
    ["¥500", 0, null],
    ["", 0, null],
    [".5", 2, null],
    ["5.", 2, null],
  ];
  for (const [text, exponent, want] of cases) assert.equal(minorOf(text, exponent), want, text);
});

test("what decimal writes is read as the same amount", () => {
  const random = seeded(2);
  for (let i = 0; i < 1000; i++) {
    const minor = String(1 + Math.floor(random() * 2 ** 50));
    assert.equal(minorOf(decimal(minor, i % 4), i % 4), minor);
  }
});
