// Where would the next of a campaign's budget go? Asked when someone asks it, and not kept up to date: it is advice on what
// was known then, and says as of when. The brand decides.
import { useEffect, useRef, useState } from "preact/hooks";
import { headers } from "./access";
import { minorOf } from "./amount";
import type { Advice, AdviceShare, Money } from "./contract";
import { clock, count, money, signedPercent, unknown, wholePercent } from "./format";
import { meter } from "./meter";
import { href } from "./route";
import { lang } from "./settings";
import { coded, word, type Word } from "./words";

/** What the feed said: an answer, or the word for why there is none. */
type Said = Advice | Word;

/** of: any amount of the campaign's own currency. */
export const AdviceView = ({ id, of }: { id: string; of: Money }) => {
  const l = lang.value;
  const [text, setText] = useState("");
  const [said, setSaid] = useState<Said | null>(null);
  const asking = useRef<AbortController | null>(null);
  useEffect(() => () => asking.current?.abort(), []);
  const submit = (e: Event): void => {
    e.preventDefault();
    asking.current?.abort(); // the last question is the one that is answered
    const minor = minorOf(text, of.exponent);
    if (minor === null) {
      setSaid("adviceAmount");
      return;
    }
    const mine = (asking.current = new AbortController());
    void ask(id, minor, mine.signal).then((s) => mine.signal.aborted || setSaid(s));
  };
  return (
    <section class="advice" aria-labelledby="advice-title">
      <h2 id="advice-title">{word(l, "advice")}</h2>
      <form onSubmit={submit}>
        <label for="advice-budget">{word(l, "adviceBudget", { currency: of.currency })}</label>
        <input
          id="advice-budget"
          inputMode="decimal"
          autocomplete="off"
          value={text}
          aria-invalid={said === "adviceAmount"}
          aria-describedby="advice-said"
          onInput={(e) => setText(e.currentTarget.value)}
        />
        <button type="submit" class="quiet">
          {word(l, "adviceAsk")}
        </button>
      </form>
      <div id="advice-said" role="status">
        {typeof said === "string" ? <p>{word(l, said)}</p> : said && <Answer advice={said} />}
      </div>
    </section>
  );
};

const ask = async (id: string, minor: string, signal: AbortSignal): Promise<Said> => {
  try {
    const answer = await fetch(`/v1/campaigns/${encodeURIComponent(id)}/advice?budget=${minor}`, { signal, headers: headers() });
    if (answer.ok) return (await answer.json()) as Advice;
    return answer.status === 404 ? "adviceUnknown" : answer.status === 400 ? "adviceAmount" : "adviceFailed";
  } catch {
    return "adviceFailed"; // or aborted, and then nobody listens
  }
};

const Answer = ({ advice }: { advice: Advice }) => {
  const l = lang.value;
  return (
    <>
      {advice.left_reason !== null && (
        <p>
          {word(l, "adviceLeft", { left: money(advice.left, l), why: coded(l, "adviceLeft", advice.left_reason) })}
        </p>
      )}
      {advice.shares.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="advice-title">
          <table class="deals">
            <thead>
              <tr>
                <th scope="col">{word(l, "dealSeller")}</th>
                <th scope="col">{word(l, "adviceShare")}</th>
                <th scope="col">{word(l, "adviceMarginal")}</th>
                <th scope="col">{word(l, "adviceBest")}</th>
                <th scope="col">{word(l, "adviceOrders")}</th>
              </tr>
            </thead>
            <tbody>{advice.shares.map((s) => <ShareRow key={s.esol_id} share={s} />)}</tbody>
          </table>
        </div>
      )}
      <p class="note">
        {word(l, "adviceClaim")}{" "}
        {advice.unit && word(l, "adviceUnit", { unit: money(advice.unit, l), rule: advice.rule })}{" "}
        {advice.as_of && word(l, "insightAge", { time: clock(advice.as_of, meter.now.peek(), l) })}
      </p>
    </>
  );
};

const ShareRow = ({ share }: { share: AdviceShare }) => {
  const l = lang.value;
  const { lo, hi } = share;
  return (
    <tr>
      <th scope="row">
        <a href={href({ page: "esol", id: share.esol_id })}>{share.esol_id}</a>
      </th>
      <td>
        {money(share.amount, l)}
        <small>{coded(l, "advice", share.reason)}</small>
      </td>
      <td>
        {share.marginal === null ? unknown : signedPercent(share.marginal, l)}
        {lo !== null && hi !== null && (
          <small>{word(l, "adviceInterval", { lo: signedPercent(lo, l), hi: signedPercent(hi, l) })}</small>
        )}
      </td>
      <td>{share.best === null ? unknown : wholePercent(share.best, l)}</td>
      <td>{count(share.orders, l)}</td>
    </tr>
  );
};
