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

/** The token that goes as a subprotocol, and never into an address. */
export const token = (): string | undefined => held.token;

/** The headers of a request. */
export const headers = (): Record<string, string> => (held.token === undefined ? {} : { Authorization: `Bearer ${held.token}` });
