// The present that "ago" and "left" are told from. Pure.

/** The clock, or in a replay of the past the show's own time. */
export const presentMs = (nowMs: number, watermark: string | null): number => {
  const at = Date.parse(watermark ?? "");
  return nowMs - at > 3600_000 ? at : nowMs;
};
