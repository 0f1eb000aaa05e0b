import assert from "node:assert/strict";
import { test } from "node:test";
import { address, given } from "../src/access";

test("a token or a signed address is taken out of the fragment", () => {
  assert.deepEqual(given("#token=a.b.c"), { access: { token: "a.b.c" }, hash: "#/" });
  const query = "exp=1&fields=room%2Cinsight&kid=k&scope=show%2FS+42%2Fx&sig=s";
  assert.deepEqual(given(`#address=${encodeURIComponent(query)}`), {
    access: { address: query },
    hash: "#/show/S%2042%2Fx",
  });
  for (const other of ["", "#/", "#/show/token=x", "#token=", "#address=%"]) assert.equal(given(other), undefined, other);
});

test("a signed address goes into the feed's", () => {
  assert.equal(address("ws://h/v1/feed", {}), "ws://h/v1/feed");
  assert.equal(address("ws://h/v1/feed", { token: "a.b.c" }), "ws://h/v1/feed");
  assert.equal(address("ws://h/v1/feed", { address: "scope=show%2FS" }), "ws://h/v1/feed?scope=show%2FS");
});
