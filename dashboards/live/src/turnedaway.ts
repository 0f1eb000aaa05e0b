// Why the feed took no connection. A browser tells a page nothing of a handshake that was refused but that there is no
// connection, which is also what a cut cable looks like. So the same question is asked once more as a plain request, whose
// answer can be read.

/** The feed's code for a token or address that it does not take; undefined: that was not it, and to try again is right. */
export const turnedAway = async (url: string, headers: Record<string, string>): Promise<string | undefined> => {
  try {
    const answer = await fetch(url.replace(/^ws/, "http"), { headers, cache: "no-store" });
    if (answer.status !== 401 && answer.status !== 403) return undefined;
    const body = (await answer.json()) as { error?: { code?: string } };
    return body.error?.code; // without one it is not the feed that answers, but something before it
  } catch {
    return undefined;
  }
};
