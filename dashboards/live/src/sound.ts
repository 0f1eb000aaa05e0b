// A short soft tone for a notice: two rising notes for what asks somebody to act, one for what has happened. Browsers let a page
// sound only after a click or a key, so after a reload the first of those switches it on again.
import { signal } from "@preact/signals";
import type { Severity } from "./notices";

const notes: Record<Severity, readonly number[]> = { act: [587.3, 880], tell: [440] }; // hertz
const noteSeconds = 0.22;
const loudest = 0.09; // of 1: over headphones at full volume it must not hurt
const apartSeconds = 3; // a burst of notices is one tone

let audio: AudioContext | undefined;
let soundedAt = Number.NEGATIVE_INFINITY;

/** Whether the browser lets the page sound by now. */
export const audible = signal(false);

/** To be called in a click or a key: the browser will not have it otherwise. */
export const allowSound = async (): Promise<void> => {
  if (typeof AudioContext === "undefined") return;
  audio ??= new AudioContext();
  audio.onstatechange = () => (audible.value = audio?.state === "running"); // a machine that slept may have stopped it
  try {
    await audio.resume();
  } catch {
    // refused: audible says so
  }
  audible.value = audio.state === "running";
};

export const sound = (severity: Severity): void => {
  if (!audio || audio.state !== "running" || audio.currentTime - soundedAt < apartSeconds) return;
  soundedAt = audio.currentTime;
  notes[severity].forEach((hertz, i) => note(audio!, hertz, soundedAt + i * noteSeconds * 0.8));
};

/** One sine that swells and fades, without a click at either end. */
const note = (on: AudioContext, hertz: number, at: number): void => {
  const [wave, gain] = [on.createOscillator(), on.createGain()];
  wave.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loudest, at + 0.03);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + noteSeconds);
  wave.connect(gain).connect(on.destination);
  wave.start(at);
  wave.stop(at + noteSeconds);
};
