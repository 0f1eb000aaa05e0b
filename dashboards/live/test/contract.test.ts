// The types that the page believes in, held against the examples that the feed publishes. The assignments are the test:
// a field renamed or taken away does not compile.
import assert from "node:assert/strict";
import { test } from "node:test";
import advice from "../../../stream/feed/testdata/example_advice.json";
import campaign from "../../../stream/feed/testdata/example_campaign.json";
import board from "../../../stream/feed/testdata/example_board.json";
import esol from "../../../stream/feed/testdata/example_esol.json";
import show from "../../../stream/feed/testdata/example_show.json";
import snap from "../../../stream/feed/testdata/example_snap_show.json";
import type { Advice, BoardDoc, CampaignDoc, Doc, EsolDoc, ShowDoc } from "../src/contract";
import { hashOf } from "../client/livemeter";
import { emptyTopic, watermarkOf, withDocument } from "../src/reduce";

/** A type with its literals widened, since that is how TypeScript reads JSON. */
type Wide<T> = T extends string
  ? string
  : T extends number | null
    ? T
    : T extends readonly (infer U)[]
      ? Wide<U>[]
      : { [K in keyof T]: Wide<T[K]> };

const documents: [Wide<ShowDoc>, Wide<BoardDoc>, Wide<EsolDoc>] = [show, board, esol];
const advised: Wide<Advice> = advice;
const account: Wide<CampaignDoc> = campaign;

test("the feed's example is a document that the page can hold", () => {
  const state = withDocument(emptyTopic, snap.data as unknown as Doc, "", 0);
  assert.equal(state.doc?.kind, "show");
  assert.equal(hashOf(snap.data as never), snap.hash);
  for (const d of documents) assert.ok(watermarkOf(d as unknown as Doc), d.kind);
  assert.equal(advised.claim, "attributed");
  assert.equal(watermarkOf(account as unknown as Doc), null); // money is never late, so it has none
});
