// What a room amounts to beyond its heat, as people read it: held against the document that the feed publishes.
import assert from "node:assert/strict";
import { test } from "node:test";
import example from "../../../stream/feed/testdata/example_show.json";
import { alertKinds } from "../src/alerts";
import type { Estimate, Flow, Relative, ShowDoc } from "../src/contract";
import { bracketText, isInfection, rangeText, reasonText, supportText } from "../src/estimate";
import { chain, closeToBuying, face, tileNames, underWay } from "../src/faces";
import { signedPercent, wholePercent } from "../src/format";
import { presentMs } from "../src/present";
import { changeText, relativeText } from "../src/relative";
import { coded, isWord } from "../src/words";

const show = example as unknown as ShowDoc;
const noon = Date.parse("2026-03-08T12:00:00.000Z");
const langs = ["en", "ja"] as const;

const known = (value: number, lo: number | null, hi: number | null, grade: string | null): Estimate => ({
  value,
  lo,
  hi,
  grade,
  insufficient: null,
  n: 9,
});
const missing = (insufficient: string): Estimate => ({
  value: null,
  lo: null,
  hi: null,
  grade: null,
  insufficient,
  n: 1,
});

test("a tile says its number, what it is, how sure, and what it is relative to", () => {
  assert.deepEqual(face("sync", show, noon, "en"), {
    name: "Sync rate",
    value: "48",
    unit: "of 100",
    says: "How far the room speaks and acts with the seller",
    support: "95 %: 38–61 · Grade B",
    relative: "all accounts: 54",
  });
  assert.deepEqual(face("contagion", show, noon, "en"), {
    name: "Infection",
    value: "12–41%",
    unit: "",
    says: "of comments were set off by others in the room",
    support: "Two ways to count · Grade B",
    relative: "all accounts: 34–52% · Comments +61% vs the 10 min before · more than 70% of shows",
  });
  assert.equal(face("trust", show, noon, "en").value, "94%");
  assert.equal(face("trust", show, noon, "en").relative, "5 of 86 people in doubt");
  assert.equal(face("funnel", show, noon, "en").value, "26"); // 54 in the cart, 28 of them bought
  assert.equal(face("flow", show, noon, "en").value, "70%");
  assert.equal(face("flow", show, noon, "en").relative, "Brand … Seller ← Room (reversed)");
  assert.equal(face("ignition", show, noon, "en").value, "Level 2");
  assert.equal(face("ignition", show, noon, "ja").says, "次のレベルまで 17 / 25 人");
  assert.equal(face("ignition", show, noon, "ja").support, "残り 1:15");
});

test("a tile without a number says why, in words, and shows no number", () => {
  const bare: ShowDoc = {
    ...show,
    context: null,
    sync: { ...show.sync!, rate: missing("too_few_words") },
    contagion: { ...show.contagion!, lexical: missing("no_transcript") },
    trust: null,
    funnel: { stages: [{ name: "seen", people: 9, bought: 0, trusted: 9 }] },
    flows: [],
    ignition: null,
  };
  for (const l of langs) {
    for (const tile of tileNames) {
      const f = face(tile, bare, noon, l);
      assert.equal(f.value, "–", tile);
      assert.equal(f.unit, "", tile);
      assert.ok(f.support.length > 4, tile);
      assert.doesNotMatch(f.support + f.relative, /undefined|null|\d|_/, tile);
    }
  }
  assert.equal(face("contagion", bare, noon, "en").support, "What the seller says is not received");
});

test("what a number would be with all accounts believed stands beside it only where it reads otherwise", () => {
  const s = show.sync!;
  const synced = (rate: number, all: number | null): string =>
    face(
      "sync",
      {
        ...show,
        sync: { ...s, rate: known(rate, null, null, "B"), raw: all === null ? null : { rate: known(all, null, null, "B") } },
      },
      noon,
      "ja",
    ).relative;
  assert.equal(synced(48.2, 41.4), "全アカウント: 41");
  assert.equal(synced(48.2, 48.4), ""); // the same to the reader
  assert.equal(synced(48.2, null), ""); // nobody has counted it
  const c = { ...show, context: null, contagion: { ...show.contagion!, raw: show.contagion } };
  assert.equal(face("contagion", c, noon, "en").relative, "");
  assert.equal(
    face("sync", { ...show, sync: { ...s, rate: missing("too_few_words") } }, noon, "en").relative,
    "",
  ); // no twin of what is not known
});

test("contagion is a bracket, and with grade C it is not called infection", () => {
  const c = show.contagion!;
  const graded = (grade: string): ShowDoc => ({ ...show, contagion: { ...c, lexical: known(0.5, 0.4, 0.6, grade) } });
  assert.equal(face("contagion", graded("A"), noon, "ja").name, "感染");
  assert.equal(face("contagion", graded("C"), noon, "ja").name, "連動");
  assert.equal(face("contagion", graded("C"), noon, "en").name, "Co-movement");
  assert.equal(face("contagion", graded("C"), noon, "en").value, "41–50%"); // the lower end first, whichever it is
  assert.ok(!isInfection(null));
  assert.equal(bracketText({ ...c, total: missing("too_few_tokens") }, "en"), "–"); // never one number
  assert.equal(rangeText(0.412, 0.408, "en"), "41%");
  assert.equal(bracketText(null, "en"), "–");
});

test("an estimate has its interval and grade, or its reason", () => {
  assert.equal(supportText(known(0.7, 0.55, 0.9, "B"), wholePercent, "en"), "95 %: 55%–90% · Grade B");
  assert.equal(supportText(known(0.7, null, null, "A"), wholePercent, "ja"), "区間は不明 · 確度 A");
  assert.equal(supportText(known(0.7, null, null, null), wholePercent, "en"), "no interval known");
  assert.equal(
    supportText(missing("no_possessions"), wholePercent, "en"),
    "Nobody has bought yet or said to own it",
  );
  assert.equal(reasonText(missing("some_new_code"), "en"), "Not enough to go on yet");
  assert.equal(reasonText(null, "ja"), "まだ判断できるだけの材料がありません");
  assert.equal(reasonText(missing("too_few_people"), "en"), "Too few people so far"); // not only for heat
  assert.equal(reasonText(missing("toString"), "en"), "Not enough to go on yet");
});

test("the relative context is said as far as it is known", () => {
  const r = (change_ratio: number | null, percentile: number | null): Relative => ({
    last_10m: 1,
    before_10m: 1,
    last_minutes: 10,
    before_minutes: 10,
    change_ratio,
    percentile,
  });
  assert.equal(
    relativeText(r(0.061, 0.82), "hotterThan", "en"),
    "+6% vs the 10 min before · hotter than 82% of shows",
  );
  assert.equal(
    relativeText(r(-0.12, 0.7), "moreThan", "ja", "注文"),
    "注文: 前の 10 分より −12% · 配信中の 70% より多い",
  );
  assert.equal(relativeText(r(null, 0), "moreThan", "en"), "the fewest of all shows");
  assert.equal(relativeText(r(null, 0.001), "moreThan", "en"), "more than 1% of shows");
  assert.equal(relativeText(r(null, 0.999), "hotterThan", "en"), "hotter than 99% of shows");
  assert.equal(relativeText(r(null, 1), "hotterThan", "ja"), "配信中で最も熱い");
  assert.equal(relativeText(r(null, null), "moreThan", "en", "Orders"), "");
  assert.equal(relativeText(undefined, "moreThan", "en"), "");
  assert.equal(changeText(0.004, "en"), "as in the 10 min before");
  assert.equal(changeText(-0.004, "ja"), "前の 10 分と同じ");
  assert.equal(signedPercent(0, "en"), "0%");
});

test("who is close to buying is of the cart, or of the clicks where no cart is known", () => {
  const stage = (name: string, people: number, bought: number) => ({ name, people, bought, trusted: people });
  assert.deepEqual(closeToBuying([stage("clicked", 90, 20), stage("carted", 30, 12)]), {
    says: "funnelCarted",
    people: 18,
  });
  assert.deepEqual(closeToBuying([stage("clicked", 90, 20), stage("carted", 0, 0)]), {
    says: "funnelClicked",
    people: 70,
  });
  assert.equal(closeToBuying([stage("seen", 90, 20)]), null);
});

test("heat flows towards the cooler, and back is said in words", () => {
  const flow = (from: string, to: string, reverse: boolean, match = known(0.8, 0.7, 0.9, "A")): Flow => ({
    from,
    to,
    reverse,
    match,
    conductance: null,
  });
  assert.equal(chain([flow("brand", "esol", false), flow("esol", "audience", false)], "en"), "Brand → Seller → Room");
  assert.equal(chain([flow("esol", "audience", true)], "ja"), "ブランド … セラー ← 部屋 (逆流)");
  assert.equal(chain([flow("esol", "audience", false, missing("too_young"))], "en"), "Brand … Seller … Room");
});

test("every reason why worldview, direction and possession are missing has its words", () => {
  const reasons = ["no_reference", "no_target", "no_movement", "too_few_texts", "too_few_brands", "no_possessions"];
  for (const code of reasons) assert.ok(isWord(code), code);
  assert.equal(show.alignment?.worldview?.n, 7);
  assert.equal(reasonText(show.alignment?.direction ?? null, "en"), "The talk stays where it is");
  assert.equal(reasonText(show.sync?.possession ?? null, "ja"), "購入した人も、持っていると言った人もまだいません");
});

test("ignition is under way until its time is over", () => {
  const i = show.ignition!;
  assert.ok(underWay(i, noon));
  assert.ok(!underWay(i, Date.parse(i.expires_at!)));
  assert.ok(!underWay({ ...i, level: 0 }, noon));
  assert.ok(underWay({ ...i, expires_at: null }, noon));
  assert.equal(face("ignition", show, noon + 3600_000, "en").value, "–");
  assert.equal(presentMs(noon + 1000, "2026-03-08T12:00:00.000Z"), noon + 1000);
  assert.equal(presentMs(noon + 9e8, "2026-03-08T12:00:00.000Z"), noon); // a replay
});

test("every code of the example has its words, and a new one is readable", () => {
  const codes: [string, readonly string[]][] = [
    ["kind", show.room!.provisional!.sources.map((s) => s.name)],
    ["sink", show.room!.provisional!.sinks.map((s) => s.name)],
    ["stage", show.funnel!.stages.map((s) => s.name)],
    ["reason", show.trust!.worst.flatMap((s) => s.reasons.map((r) => r.name))],
    ["role", show.bodies!.map((b) => b.role)],
    ["part", ["amount", "echo", "action", "possession"]],
  ];
  for (const [family, names] of codes) {
    assert.ok(names.length > 0, family);
    for (const name of names) assert.ok(isWord(`${family}_${name}`), `${family}_${name}`);
  }
  const diagnoses = alertKinds.filter((k) => !["hot", "cold", "raid", "ignition", "ignition_up"].includes(k));
  assert.equal(diagnoses.length, 6);
  for (const kind of diagnoses) assert.ok(isWord(`attn_${kind}`), kind);
  assert.equal(coded("en", "kind", "secret_wave"), "secret wave");
});
