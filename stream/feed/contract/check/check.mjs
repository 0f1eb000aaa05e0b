// Holds the contract's files to the specifications that they follow, by other implementations than the Go tests have:
// the schemas to JSON Schema 2020-12, asyncapi.json to AsyncAPI 3.0, openapi.json to OpenAPI 3.1, and every example to its
// schema; every frame of the server in the transcripts to its schema too, and what its deltas say to that of their topic, with
// nothing allowed that no schema has. What they refer to must be there.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const contract = new URL("../", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, contract), "utf8"));
const wrong = [];

// The schemas, under the addresses at which a server has them.
const base = "http://netsu.invalid/v1/";
const ajv = addFormats(new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }));
ajv.addVocabulary(["x-unit", "x-merge", "x-key"]);
const names = readdirSync(new URL("schema/", contract));
for (const name of names) ajv.addSchema(read(`schema/${name}`), `${base}schema/${name}`);
for (const name of names) {
  try {
    ajv.getSchema(`${base}schema/${name}`);
  } catch (e) {
    wrong.push(`schema/${name}: ${e.message}`);
  }
}
const says = (validate) => validate.errors.map((e) => `${e.instancePath} ${e.message}`).join("; ");

const asyncapi = read("asyncapi.json");
const spec = createRequire(import.meta.url)("@asyncapi/specs").schemas["3.0.0"];
// It has JSON Schema draft 7 in it, which Ajv need not bring.
const isAsyncAPI = addFormats(new Ajv({ strict: false, meta: false, validateSchema: false })).compile(spec);
if (!isAsyncAPI(asyncapi)) wrong.push(`asyncapi.json: ${says(isAsyncAPI)}`);

let examples = 0;
for (const [name, message] of Object.entries(asyncapi.components.messages)) {
  const validate = ajv.getSchema(new URL(message.payload.schema.$ref, base).href);
  if (!validate) wrong.push(`asyncapi.json: ${name}: there is no ${message.payload.schema.$ref}`);
  if (!message.examples?.length) wrong.push(`asyncapi.json: ${name} has no example`);
  for (const { payload } of message.examples ?? []) {
    examples++;
    if (!validate?.(payload)) wrong.push(`asyncapi.json: an example of ${name}: ${validate && says(validate)}`);
  }
}

const openapi = read("openapi.json");
// It resolves references within the document only; the others are looked at below.
const alone = JSON.parse(JSON.stringify(openapi), (k, v) => (v?.$ref?.startsWith("schema/") ? {} : v));
const verdict = await new Validator().validate(alone);
if (!verdict.valid) wrong.push(`openapi.json: ${JSON.stringify(verdict.errors)}`);

// Every reference, within a document or to a schema, leads somewhere.
const refs = (v, found = []) => {
  for (const [k, of] of Object.entries(v ?? {})) {
    if (k === "$ref" && typeof of === "string") found.push(of);
    else if (typeof of === "object") refs(of, found);
  }
  return found;
};
const leads = (doc, ref) =>
  ref.startsWith("#/")
    ? ref.slice(2).split("/").reduce((at, step) => at?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], doc) !== undefined
    : names.includes(ref.replace(/^schema\//, ""));
for (const [file, doc] of [["asyncapi.json", asyncapi], ["openapi.json", openapi]]) {
  for (const ref of refs(doc)) if (!leads(doc, ref)) wrong.push(`${file}: ${ref} leads nowhere`);
}

// The transcripts, by the schemas with nothing left open for fields to come.
const strict = addFormats(new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }));
strict.addVocabulary(["x-unit", "x-merge", "x-key"]);
const closed = (name) => JSON.parse(readFileSync(new URL(`schema/${name}`, contract)), (k, v) => (k === "additionalProperties" && v === true ? false : v));
for (const name of names) strict.addSchema(closed(name), `${base}schema/${name}`);
const held = (name, said, where) => {
  const validate = strict.getSchema(`${base}schema/${name}.json`);
  if (!validate) wrong.push(`${where}: there is no schema ${name}`);
  else if (!validate(said)) wrong.push(`${where}: not as ${name}.json has it: ${says(validate)}`);
};
let frames = 0, changes = 0;
const transcripts = new URL("../testdata/transcripts/", contract);
for (const file of readdirSync(transcripts).filter((f) => f.endsWith(".txt"))) {
  const topics = new Map(); // by the number of a sub
  for (const [i, line] of readFileSync(new URL(file, transcripts), "utf8").split("\n").entries()) {
    const text = /^> (?:data: )?(\{"(?:t|at)":.*)$/.exec(line)?.[1];
    if (!text) continue;
    const said = JSON.parse(text), where = `${file}:${i + 1}`;
    if (said.at) held("tapeline", said, where);
    const frame = said.frame ?? said;
    frames++;
    held(`server-${frame.t}`, frame, where);
    if (frame.t === "ack" && frame.sub && frame.topic) topics.set(frame.sub, frame.topic);
    if (frame.t !== "delta") continue;
    for (const word of ["set", "add", "max"]) {
      if (!frame[word]) continue;
      changes++;
      held(`${topics.get(frame.sub)?.split("/")[0]}.${word}`, frame[word], where);
    }
  }
}
if (changes === 0) wrong.push("no transcript has a delta");

if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(`${names.length} schemas, ${examples} examples, ${frames} frames and ${changes} changes of transcripts, AsyncAPI ${asyncapi.asyncapi}, OpenAPI ${openapi.openapi}: as their specifications have them`);
