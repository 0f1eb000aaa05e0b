// The frame that the pages of a seller, a campaign and a brand have in common: whose it is, how fresh, and why there is nothing.
import type { ComponentChildren } from "preact";
import { absentWhy } from "./access";
import type { TopicState } from "./reduce";
import { lang } from "./settings";
import { StatusView } from "./statusview";
import { word } from "./words";

interface Props {
  id: string;
  topic: TopicState;
  /** Of the page's main element, beside "show". */
  kind?: string;
  /** The line under the name. */
  meta: ComponentChildren;
  children: ComponentChildren;
}

export const ScopePage = ({ id, topic, kind, meta, children }: Props) => (
  <main id="main" class={kind === undefined ? "show" : `show ${kind}`} tabIndex={-1}>
    <header class="title">
      <div>
        <h1 dir="auto">{id}</h1>
        <p class="meta">{meta}</p>
      </div>
      <StatusView topic={topic} />
    </header>
    {topic.doc === null && <p class="empty">{word(lang.value, absentWhy(topic.reason))}</p>}
    {children}
  </main>
);
