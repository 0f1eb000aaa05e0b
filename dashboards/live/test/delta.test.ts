import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { apply, type Json, type Keys, type Ops } from "../src/delta";

interface Vector {
  keys: Keys;
  before: { [name: string]: Json };
  patch: Ops;
  after: { [name: string]: Json };
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
