/**
 * The states of a run, oldest first, with what they said.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { isFinal } from "../../../domain/state_types.ts";
import type { State } from "../../../domain/states.ts";
import { duration, exact } from "../../format.ts";
import { messageParts, stateLengths } from "../../run_words.ts";
import { Button } from "../controls.tsx";
import { toast } from "../overlays.tsx";
import { Duration, StateBadge } from "../text.tsx";

/** So many states fit into a strip. */
const MOST = 10;

/** A message: its first line, the rest in a fold, all of it to be copied. */
export function Message({ text, bad }: { text: string; bad?: boolean }) {
  const { first, rest } = messageParts(text);
  const copy = (
    <Button
      kind="quiet"
      icon="copy"
      title="Copy the message"
      onClick={async () => {
        await navigator.clipboard.writeText(text);
        toast("Copied");
      }}
    />
  );
  return (
    <div class={bad ? "message message-bad" : "message"}>
      {rest === "" ? <p>{first}</p> : (
        <details>
          <summary>{first}</summary>
          <pre tabIndex={0} role="region" aria-label="The whole message">{rest}</pre>
        </details>
      )}
      {copy}
    </div>
  );
}

/** See the module's comment. @param all Where all states are, when there are more than fit. */
export function StateHistory({ states, all }: { states: readonly State[]; all?: string }) {
  const [chosen, choose] = useState<string | undefined>(undefined);
  if (states.length === 0) return null;
  const last = states.at(-1)!;
  const lengths = stateLengths(states.map(({ timestamp }) => timestamp), isFinal(last.type));
  const from = Math.max(0, states.length - MOST);
  const shown = states.find(({ id }) => id === chosen) ?? last;
  return (
    <section class="history" aria-label="States">
      <ol>
        {from === 0
          ? null
          : <li class="quiet">{all === undefined ? `${from} before` : <a href={all}>{from} before</a>}</li>}
        {states.slice(from).map((state, i) => {
          const length = lengths[from + i];
          const ms = Date.parse(state.timestamp);
          return (
            <li key={state.id}>
              <button
                type="button"
                disabled={state.message === null}
                aria-pressed={state.message === null ? undefined : state.id === shown.id}
                title={exact(ms)}
                onClick={() => choose(state.id)}
              >
                <StateBadge type={state.type} name={state.name} />
                <span class="history-time">
                  <time dateTime={state.timestamp}>{exact(ms).slice(11, 19)}</time>
                  {length === undefined
                    ? (
                      <>
                        , for <Duration since={state.timestamp} />
                      </>
                    )
                    : isFinal(state.type)
                    ? null
                    : `, ${duration(length)}`}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      {shown.message === null || shown.message === ""
        ? null
        : <Message key={shown.id} text={shown.message} bad={shown.type === "FAILED" || shown.type === "CRASHED"} />}
    </section>
  );
}
