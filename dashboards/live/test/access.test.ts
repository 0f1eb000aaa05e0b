import assert from "node:assert/strict";
import { test } from "node:test";
import { given, opening } from "../src/access";

test("a token or a signed address is taken out of the fragment", () => {
  assert.deepEqual(given("#token=a.b.c"), { access: { token: "a.b.c" }, hash: "#/" });
  const query = "exp=1&fields=room%2Cinsight&kid=k&scope=show%2FS+42%2Fx&sig=s";
  assert.deepEqual(given(`#address=${encodeURIComponent(query)}`), {
    access: { address: query },
    hash: "#/show/S%2042%2Fx",
  });
  for (const other of ["", "#/", "#/show/token=x", "#token=", "#address=%"]) assert.equal(given(other), undefined, other);
});

test("a token goes as a subprotocol and never into an address", () => {
  assert.deepEqual(opening("ws://h/v1/feed", {}), ["ws://h/v1/feed", ["livemeter.v1.json"]]);
  assert.deepEqual(opening("ws://h/v1/feed", { token: "a.b.c" }), ["ws://h/v1/feed", ["livemeter.v1.json", "bearer.a.b.c"]]);
  assert.deepEqual(opening("ws://h/v1/feed", { address: "scope=show%2FS" }), ["ws://h/v1/feed?scope=show%2FS", ["livemeter.v1.json"]]);
});
