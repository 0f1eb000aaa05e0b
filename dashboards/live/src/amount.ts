// An amount as people write it, read into minor units. Pure, and exact: it is text from end to end.

/**
 * The minor units that a text means in a currency of so many decimals, or null where it is no amount above zero:
 * ("1,200.5", 2) → "120050". Commas stand between thousands and nowhere else; a fraction finer than the currency is refused
 * and not rounded.
 */
export const minorOf = (text: string, exponent: number): string | null => {
  const plain = text.normalize("NFKC").trim(); // Japanese keyboards write full-width digits
  const parts = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(plain);
  if (!parts) return null;
  const fraction = parts[2] ?? "";
  if (fraction.length > exponent) return null;
  const minor = (parts[1] ?? "").replaceAll(",", "") + fraction.padEnd(exponent, "0");
  return minor.replace(/^0+/, "") || null;
};
