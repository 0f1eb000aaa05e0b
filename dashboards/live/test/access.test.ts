import assert from "node:assert/strict";
import { test } from "node:test";
import { given } from "../src/access";

test("a token is taken out of the fragment", () => {
  assert.deepEqual(given("#token=a.b.c"), { token: "a.b.c" });
  for (const other of ["", "#/", "#/show/token=x", "#token=", "#address=x"]) assert.equal(given(other), undefined, other);
});
