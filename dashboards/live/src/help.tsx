// The keys, in a dialog of the browser's own: it keeps the focus inside, and Esc closes it.
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { lang, letters, toggleLetters } from "./settings";
import { word, type Word } from "./words";

export const helpOpen = signal(false);

const keys: [string[], Word][] = [
  [["↑", "↓", "j", "k"], "keyMove"],
  [["Enter"], "keyOpen"],
  [["Esc"], "keyBack"],
  [["g", "b"], "keyBoard"],
  [["g", "e"], "keySeller"],
  [["s"], "keyAlerting"],
  [["m"], "keyMute"],
  [["l"], "keyLang"],
  [["t"], "keyTheme"],
  [["?"], "keyHelp"],
];

export const Help = () => {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  const l = lang.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={() => (helpOpen.value = false)}>
      <h2 id="help-title">{word(l, "help")}</h2>
      <dl class="keys">
        {keys.map(([caps, meaning]) => (
          <div key={meaning}>
            <dt>
              {caps.map((c) => (
                <kbd key={c}>{c}</kbd>
              ))}
            </dt>
            <dd>{word(l, meaning)}</dd>
          </div>
        ))}
      </dl>
      <p>
        <label>
          <input type="checkbox" checked={letters.value} onChange={toggleLetters} /> {word(l, "keyLetters")}
        </label>
      </p>
      <button type="button" class="quiet" autofocus onClick={() => (helpOpen.value = false)}>
        {word(l, "close")}
      </button>
    </dialog>
  );
};
