// What a delta makes of a document: cut, set, add, max and order, as stream/feed/delta says. Pure: what did not change is
// the same object in both documents.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Tree = { readonly [name: string]: Json };

/** What tells the elements of lists apart: JSON Pointer, with * for any element, to the name of the key. */
export type Keys = Readonly<Record<string, string>>;

export interface Ops {
  cut?: readonly string[];
  set?: Tree;
  add?: Tree;
  max?: Tree;
  order?: Readonly<Record<string, readonly string[]>>;
}

const isTree = (v: Json | undefined): v is Tree => typeof v === "object" && v !== null && !Array.isArray(v);
const isList = (v: Json | undefined): v is readonly Json[] => Array.isArray(v);

class Misfit extends Error {}

/** The next document, or undefined where the ops do not fit the one that is held: ask for it again. */
export const apply = (keys: Keys, doc: Tree, ops: Ops): Tree | undefined => {
  try {
    let next: Json = doc;
    for (const pointer of ops.cut ?? []) next = at(keys, next, segments(pointer), cut);
    if (ops.set) next = merge(keys, "", next, ops.set);
    if (ops.add) next = combine(keys, "", next, ops.add, plus);
    if (ops.max) next = combine(keys, "", next, ops.max, greater);
    for (const [pointer, order] of Object.entries(ops.order ?? {})) next = at(keys, next, segments(pointer), sortBy(order));
    return next as Tree;
  } catch (e) {
    if (e instanceof Misfit) return undefined;
    throw e;
  }
};

const escape = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
const segments = (pointer: string): string[] =>
  pointer.split("/").slice(1).map((s) => s.replaceAll("~1", "/").replaceAll("~0", "~"));

/** The place of the element with this key; -1: there is none. */
const find = (keys: Keys, path: string, list: readonly Json[], key: string): number => {
  const name = keys[path];
  return name === undefined ? -1 : list.findIndex((e) => isTree(e) && e[name] === key);
};

const replaced = (list: readonly Json[], i: number, v: Json): Json[] => list.map((e, j) => (j === i ? v : e));

const merge = (keys: Keys, path: string, held: Json | undefined, given: Json): Json => {
  if (!isTree(given)) return given;
  if (isTree(held)) {
    const next: Record<string, Json> = { ...held };
    for (const [name, v] of Object.entries(given)) next[name] = merge(keys, `${path}/${escape(name)}`, held[name], v);
    return next;
  }
  if (!isList(held)) return given;
  let next = held;
  for (const [key, v] of Object.entries(given)) {
    const i = find(keys, path, next, key);
    next = i < 0 ? [...next, v] : replaced(next, i, merge(keys, `${path}/*`, next[i], v));
  }
  return next;
};

type With = (held: Json | undefined, given: Json) => Json;

const combine = (keys: Keys, path: string, held: Json | undefined, given: Json, how: With): Json => {
  if (!isTree(given)) return how(held, given);
  if (isTree(held)) {
    const next: Record<string, Json> = { ...held };
    for (const [name, v] of Object.entries(given)) {
      next[name] = combine(keys, `${path}/${escape(name)}`, held[name], v, how);
    }
    return next;
  }
  if (!isList(held)) throw new Misfit();
  let next = held;
  for (const [key, v] of Object.entries(given)) {
    const i = find(keys, path, next, key);
    if (i < 0) throw new Misfit();
    next = replaced(next, i, combine(keys, `${path}/*`, next[i], v, how));
  }
  return next;
};

const plus: With = (held, given) => {
  if (typeof held === "number" && typeof given === "number") return held + given;
  if (typeof held !== "string" || typeof given !== "string") throw new Misfit();
  try {
    return (BigInt(held) + BigInt(given)).toString(); // minor units: exact beyond what a number holds
  } catch {
    throw new Misfit();
  }
};

const greater: With = (held, given) => {
  if (typeof held === "number" && typeof given === "number") return Math.max(held, given);
  if (typeof held === "string" && typeof given === "string") return held > given ? held : given;
  throw new Misfit();
};

/** Changes what lies in a parent under the last segment of a path. */
type Change = (keys: Keys, path: string, parent: Json, last: string) => Json;

const at = (keys: Keys, held: Json, path: readonly string[], change: Change, pattern = ""): Json => {
  const [first, ...rest] = path;
  if (first === undefined) throw new Misfit();
  if (rest.length === 0) return change(keys, pattern, held, first);
  if (isTree(held) && held[first] !== undefined) {
    return { ...held, [first]: at(keys, held[first], rest, change, `${pattern}/${escape(first)}`) };
  }
  const i = isList(held) ? find(keys, pattern, held, first) : -1;
  if (i < 0 || !isList(held)) throw new Misfit();
  return replaced(held, i, at(keys, held[i] as Json, rest, change, `${pattern}/*`));
};

const cut: Change = (keys, path, parent, last) => {
  if (isList(parent)) {
    const i = find(keys, path, parent, last);
    if (i < 0) throw new Misfit();
    return parent.filter((_, j) => j !== i);
  }
  if (!isTree(parent) || parent[last] === undefined) throw new Misfit();
  const { [last]: _, ...rest } = parent;
  return rest;
};

const sortBy =
  (order: readonly string[]): Change =>
  (keys, path, parent, last) => {
    const list = isTree(parent) ? parent[last] : undefined;
    if (!isTree(parent) || !isList(list) || list.length !== order.length) throw new Misfit();
    const here = `${path}/${escape(last)}`;
    const next = order.map((key) => list[find(keys, here, list, key)]);
    if (next.some((e) => e === undefined) || new Set(order).size !== order.length) throw new Misfit();
    return { ...parent, [last]: next as Json[] };
  };
