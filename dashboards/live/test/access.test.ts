import assert from "node:assert/strict";
import { test } from "node:test";
import { given, scopesOf } from "../src/access";

test("a token is taken out of the fragment", () => {
  assert.deepEqual(given("#token=a.b.c"), { token: "a.b.c" });
  for (const other of ["", "#/", "#/show/token=x", "#token=", "#address=x"]) assert.equal(given(other), undefined, other);
});

test("the scopes of a token are read for links, and nothing else is a token", () => {
  const token = (claims: unknown): string => `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
  assert.deepEqual(scopesOf(token({ netsu: { scopes: ["brand/花", "show/*", "*", 7, "campaign/x"] } })), ["brand/花", "campaign/x"]);
  for (const other of [undefined, "", "abc", "a.b.c", token({}), token({ netsu: { scopes: "brand/x" } }), token(null)])
    assert.deepEqual(scopesOf(other), []);
});
