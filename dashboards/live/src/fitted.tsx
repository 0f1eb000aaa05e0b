// Text that fills its line at any length: the style sheet divides the width of its container by --len.

export const Fitted = ({ text, unit = "", class: name }: { text: string; unit?: string; class: string }) => (
  <span class={`fitted ${name}`} style={{ "--len": String(Math.max(5, ems(text) + 0.5 * ems(unit))) }}>
    {text}
    {unit !== "" && <span class="unit"> {unit}</span>}
  </span>
);

/** Letters as wide as digits count one; the narrow ones less. */
const ems = (text: string): number => {
  let n = 0;
  for (const c of text) n += /[.,\s]/.test(c) ? 0.5 : 1;
  return n;
};
