// What stands above everything where the feed does not take who the page says it is: why, and where to enter another token.
import { useState } from "preact/hooks";
import { scopesOf, takeToken, token } from "./access";
import { meter } from "./meter";
import { href, parse } from "./route";
import { lang } from "./settings";
import { coded, word } from "./words";

export const Refused = () => {
  const link = meter.link.value;
  const [text, setText] = useState("");
  if (link.kind !== "refused") return null;
  const l = lang.value;
  const enter = (e: Event): void => {
    e.preventDefault();
    if (text.trim() === "") return;
    takeToken(text.trim());
    setText("");
    meter.retry();
  };
  return (
    <section class="access" role="alert" aria-labelledby="access-title">
      <h2 id="access-title">{word(l, token() === undefined ? "accessNeeded" : "accessRefused")}</h2>
      <p>
        {coded(l, "access", link.reason)} {word(l, "accessHow")}
      </p>
      <form onSubmit={enter}>
        <label for="access-token">{word(l, "accessToken")}</label>
        <input
          id="access-token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(e) => setText(e.currentTarget.value)}
        />
        <button type="submit">{word(l, "accessUse")}</button>
      </form>
    </section>
  );
};

/** What the token is for, as links: whoever has no list of all shows is to find their own. */
export const Granted = () => {
  const l = lang.value;
  const own = scopesOf(token()).filter((s) => parse(`#/${s}`).page !== "board");
  return (
    <section class="access" aria-labelledby="granted-title">
      <h2 id="granted-title">{word(l, "grantedTitle")}</h2>
      <p>{word(l, own.length > 0 ? "grantedSome" : "grantedNone")}</p>
      <ul>
        {own.map((s) => (
          <li key={s}>
            <a href={href(parse(`#/${s}`))}>{s}</a>
          </li>
        ))}
      </ul>
    </section>
  );
};
