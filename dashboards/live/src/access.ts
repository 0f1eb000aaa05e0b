// Who the page is to its feed: a token, or the query of a signed address. Either comes behind the # of the address, which no
// server is sent and so none can log; the page takes it out of there at once, and keeps it for as long as its tab.
const key = "netsu.access";

type Access = { token?: string; address?: string };

/** What a fragment gives, and the fragment that is left: #token=JWT, #address=QUERY. */
export const given = (hash: string): { access: Access; hash: string } | undefined => {
  const [, kind, value] = /^#(token|address)=(.+)$/.exec(hash) ?? [];
  if (value === undefined) return undefined;
  if (kind === "token") return { access: { token: value }, hash: "#/" };
  try {
    const address = decodeURIComponent(value);
    const show = /^show\/(.+)$/.exec(new URLSearchParams(address).get("scope") ?? "")?.[1];
    return { access: { address }, hash: show === undefined ? "#/" : `#/show/${encodeURIComponent(show)}` };
  } catch {
    return undefined; // a broken escape
  }
};

let held: Access = {};

/** Takes what the fragment gives, or what the tab was given before. */
export const takeAccess = (): void => {
  const taken = given(location.hash);
  try {
    if (taken) sessionStorage.setItem(key, JSON.stringify(taken.access));
    held = taken?.access ?? (JSON.parse(sessionStorage.getItem(key) ?? "{}") as Access);
  } catch {
    held = taken?.access ?? {}; // no storage here: good until the page is loaded again
  }
  if (taken) history.replaceState(null, "", taken.hash);
};

/** The websocket's address. */
export const address = (url: string, a: Access = held): string => (a.address === undefined ? url : `${url}?${a.address}`);

/** The token that goes as a subprotocol, and never into an address. */
export const token = (): string | undefined => held.token;

/** The headers of a request. */
export const headers = (): Record<string, string> => (held.token === undefined ? {} : { Authorization: `Bearer ${held.token}` });
