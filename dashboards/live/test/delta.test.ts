import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { apply, canonical, hashOf, type Json, type Keys, type Ops } from "../client/livemeter";

interface Vector {
  keys: Keys;
  before: { [name: string]: Json };
  patch: Ops;
  after: { [name: string]: Json };
  hash: string;
}

const vectors = readFileSync("../../stream/feed/delta/testdata/vectors.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Vector);

test("the feed's own steps are followed, and leave the document before them alone", () => {
  assert.ok(vectors.length >= 50);
  for (const [i, v] of vectors.entries()) {
    const before = structuredClone(v.before);
    assert.deepEqual(apply(v.keys, v.before, v.patch), v.after, `vector ${i}`);
    assert.deepEqual(v.before, before, `vector ${i} changed what was before it`);
  }
});

test("a state's hash is the feed's, however its names are ordered", () => {
  const shuffled = (v: Json): Json => {
    if (typeof v !== "object" || v === null) return v;
    if (Array.isArray(v)) return v.map(shuffled);
    return Object.fromEntries(Object.entries(v).reverse().map(([name, below]) => [name, shuffled(below)]));
  };
  for (const [i, v] of vectors.entries()) {
    assert.equal(hashOf(v.after), v.hash, `vector ${i}`);
    assert.equal(hashOf(shuffled(v.after)), v.hash, `vector ${i}, shuffled`);
    assert.notEqual(hashOf({ ...v.after, "": 1 }), v.hash);
  }
  assert.equal(hashOf({}), "crc32c:297bd0aa");
  assert.equal(canonical({ "\u{1f600}": -0, "\ufb33": 1e21, a: [1e-7, 0.1, "\u0007\u2028"] }), '{"a":[1e-7,0.1,"\\u0007\u2028"],"\u{1f600}":0,"\ufb33":1e+21}');
});

test("what did not change is the same object", () => {
  const doc = { rows: [{ id: "a", n: 1 }, { id: "b", n: 2 }], other: { x: 1 } };
  const next = apply({ "/rows": "id" }, doc, { add: { rows: { b: { n: 3 } } } });
  assert.deepEqual(next, { rows: [{ id: "a", n: 1 }, { id: "b", n: 5 }], other: { x: 1 } });
  assert.equal(next?.["other"], doc.other);
  assert.equal((next?.["rows"] as unknown[])[0], doc.rows[0]);
});

test("what does not fit is refused", () => {
  const doc = { rows: [{ id: "a", n: 1 }], sum: null, text: "x" };
  const keys = { "/rows": "id" };
  for (const ops of [
    { cut: ["/rows/b"] },
    { cut: ["/nothing"] },
    { cut: ["/nothing/below"] },
    { add: { sum: 1 } },
    { add: { text: "1" } },
    { add: { rows: { b: { n: 1 } } } },
    { max: { sum: 1 } },
    { order: { "/rows": ["a", "b"] } },
    { order: { "/rows": ["b"] } },
    { order: { "/text": ["a"] } },
  ] as Ops[]) {
    assert.equal(apply(keys, doc, ops), undefined, JSON.stringify(ops));
  }
});
