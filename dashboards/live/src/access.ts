// Who the page is to its feed: a token. It comes behind the # of the address, which no server is sent and so none can log; the
// page takes it out of there at once, and keeps it for as long as its tab.
const key = "netsu.access";

type Access = { token?: string };

/** What a fragment gives: #token=JWT. */
export const given = (hash: string): Access | undefined => {
  const token = /^#token=(.+)$/.exec(hash)?.[1];
  return token === undefined ? undefined : { token };
};

let held: Access = {};

/** Takes what the fragment gives, or what the tab was given before. */
export const takeAccess = (): void => {
  const taken = given(location.hash);
  try {
    if (taken) sessionStorage.setItem(key, JSON.stringify(taken));
    held = taken ?? (JSON.parse(sessionStorage.getItem(key) ?? "{}") as Access);
  } catch {
    held = taken ?? {}; // no storage here: good until the page is loaded again
  }
  if (taken) history.replaceState(null, "", "#/");
};

/** Takes a token that was entered, instead of what there was. */
export const takeToken = (token: string): void => {
  held = { token };
  try {
    sessionStorage.setItem(key, JSON.stringify(held));
  } catch {
    // no storage here: good until the page is loaded again
  }
};

/** The scopes that a token names, as it says itself: for links only. What it grants, the feed decides. */
export const scopesOf = (token: string | undefined): string[] => {
  try {
    const claims = (token ?? "").split(".")[1] ?? "";
    const text = atob(claims.replaceAll("-", "+").replaceAll("_", "/"));
    const said = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0)))) as {
      netsu?: { scopes?: unknown };
    };
    const scopes = said.netsu?.scopes;
    return Array.isArray(scopes) ? scopes.filter((s): s is string => typeof s === "string" && !s.includes("*")) : [];
  } catch {
    return []; // not a token as the feed has them; it will say so
  }
};

/** Why a topic has no document, by the feed's word for it. */
export const absentWhy = (reason: string): "notGranted" | "revoked" | "absentWhy" =>
  reason === "FORBIDDEN" ? "notGranted" : reason === "REVOKED" ? "revoked" : "absentWhy";

/** The token that goes as a subprotocol, and never into an address. */
export const token = (): string | undefined => held.token;

/** The headers of a request. */
export const headers = (): Record<string, string> => (held.token === undefined ? {} : { Authorization: `Bearer ${held.token}` });
