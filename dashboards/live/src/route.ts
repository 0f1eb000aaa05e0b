// The address: #/ the board, #/show/ID, #/esol/ID, #/campaign/ID, #/brand/ID. Ids may hold any character, so they are percent-encoded.
import { signal } from "@preact/signals";

export type Route = { page: "board" } | { page: "show"; id: string } | { page: "esol"; id: string } | { page: "campaign"; id: string } | { page: "brand"; id: string };

export const parse = (hash: string): Route => {
  const [, kind, rest] = /^#\/(show|esol|campaign|brand)\/(.+)$/.exec(hash) ?? [];
  if (rest === undefined) return { page: "board" };
  try {
    return { page: kind as "show" | "esol" | "campaign" | "brand", id: decodeURIComponent(rest) };
  } catch {
    return { page: "board" }; // an address with a broken escape names nothing
  }
};

export const href = (r: Route): string => (r.page === "board" ? "#/" : `#/${r.page}/${encodeURIComponent(r.id)}`);

export const route = signal<Route>({ page: "board" });

/** Follows the address from now on. */
export const followAddress = (): void => {
  const read = (): void => {
    route.value = parse(location.hash);
    scrollTo(0, 0);
  };
  addEventListener("hashchange", read);
  read();
};
