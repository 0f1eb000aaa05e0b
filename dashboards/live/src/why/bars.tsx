// Rows of a name, a bar and a figure; where there is no figure, the reason instead of the bar.
export interface Bar {
  name: string;
  share: number | null; // 0..1, the length; null: not known
  text: string; // the figure, or the reason why there is none
  more?: string; // a line of context
}

export const Bars = ({ bars }: { bars: readonly Bar[] }) => (
  <ul class="bars">
    {bars.map((b) => (
      <li key={b.name} class={b.share === null ? "nobar" : ""}>
        <span class="barname">{b.name}</span>
        {b.share !== null && (
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <path class="track" d="M 0 4 H 100" />
            <path class="fill" d={`M 0 4 H ${(100 * Math.min(1, Math.max(0, b.share))).toFixed(1)}`} />
          </svg>
        )}
        <span class="bartext">{b.text}</span>
        {b.more !== undefined && b.more !== "" && <span class="barmore">{b.more}</span>}
      </li>
    ))}
  </ul>
);
