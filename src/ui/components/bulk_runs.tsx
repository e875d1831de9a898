/**
 * What is done to many runs at once: asked for, followed while it is done, and told as it went.
 *
 * @module
 */

import { useRef, useState } from "preact/hooks";
import type { BulkQuery } from "../../domain/flow_run_pages.ts";
import { isFinal } from "../../domain/state_types.ts";
import { api } from "../api.ts";
import { count, plural } from "../format.ts";
import { type BulkAction, handled, NO_OUTCOME, type Outcome, outcomeText, type Row, sumOf } from "../run_list.ts";
import { Button } from "./controls.tsx";
import { ask, toast } from "./overlays.tsx";

/** Runs of one request: so often the bar moves. */
const PART = 200;
/** The most that one press deals with. */
export const MOST_AT_ONCE = 10_000;

/** What is selected: rows, or all that match the filter. */
export type Selected = { ids: ReadonlySet<string> } | { matching: () => BulkQuery; about: string };

const WORDS: Record<BulkAction, { title: string; done: string; one: string; many: string }> = {
  cancel: {
    title: "Cancel",
    done: "Cancelling",
    one: "If it waits it ends at once; if it runs it is told to stop, and killed after 30 seconds.",
    many: "Those that wait end at once; those that run are told to stop, and killed after 30 seconds.",
  },
  delete: {
    title: "Delete",
    done: "Deleting",
    one: "Its task runs go with it, its logs stay. Nothing brings it back.",
    many: "Their task runs go with them, their logs stay. Nothing brings them back.",
  },
};

/** See the module's comment. It stands where it is seen while something is selected. */
export function BulkRuns({ selected, rows, isMore, about, onAll, onClear, onDone }: {
  selected: Selected;
  rows: readonly Row[];
  /** Whether more match than are loaded. */
  isMore: boolean;
  /** How many match, e.g. `10 000+`. */
  about: string;
  onAll: () => void;
  onClear: () => void;
  onDone: (action: BulkAction) => void;
}) {
  const [progress, setProgress] = useState<{ action: BulkAction; outcome: Outcome; of: number } | undefined>();
  const stopped = useRef(false);
  const all = "matching" in selected;
  const size = all ? 0 : selected.ids.size;
  const word = all ? `all ${selected.about} runs that match` : plural(size, "run");

  const press = (action: BulkAction) => async () => {
    const { title, one, many } = WORDS[action];
    const open = all ? 0 : rows.filter(({ id, state_type }) => selected.ids.has(id) && !isFinal(state_type)).length;
    const yes = await ask({
      title: `${title} ${word}?`,
      text: [
        size === 1 ? one : many,
        all ? `At most ${count(MOST_AT_ONCE)} at once.` : "",
        action === "delete" && open > 0
          ? size === 1 ? "It is not over." : `${count(open)} of them ${open === 1 ? "is" : "are"} not over.`
          : "",
      ].filter(Boolean).join(" "),
      action: `${title} ${all ? "all" : plural(size, "run")}`,
      danger: true,
    });
    if (yes) await go(action);
  };

  const go = async (action: BulkAction) => {
    stopped.current = false;
    const send = (query: BulkQuery) =>
      action === "cancel" ? api.flowRuns.bulkCancel(query) : api.flowRuns.bulkDelete(query);
    let outcome = NO_OUTCOME;
    const note = (more: Outcome) => setProgress({ action, outcome: outcome = sumOf(outcome, more), of: size });
    let failed: Error | undefined;
    note(NO_OUTCOME);
    try {
      if (all) {
        let after: string | undefined;
        do {
          const { next, ...more } = await send({ ...selected.matching(), limit: PART, after });
          note(more);
          after = next ?? undefined;
        } while (after !== undefined && !stopped.current && handled(outcome) < MOST_AT_ONCE);
      } else {
        const ids = [...selected.ids];
        for (let first = 0; first < ids.length && !stopped.current; first += PART) {
          const { next: _, ...more } = await send({ ids: ids.slice(first, first + PART) });
          note(more);
        }
      }
    } catch (error) {
      failed = error as Error;
    }
    setProgress(undefined);
    const told = outcomeText(action, outcome);
    if (failed === undefined) toast(stopped.current ? `${told}. You stopped it there.` : `${told}.`);
    else toast(`${told}, then it failed: ${failed.message}`, "error");
    onDone(action);
  };

  return (
    <div class="bulk" role="region" aria-label="Selected runs">
      {progress === undefined
        ? (
          <>
            <span aria-live="polite">
              {all ? `All ${selected.about} runs that match` : plural(size, "run")} selected
            </span>
            <Button icon="stop" onClick={press("cancel")}>Cancel</Button>
            <Button icon="trash" kind="danger" onClick={press("delete")}>Delete</Button>
            {!all && isMore ? <Button kind="quiet" onClick={onAll}>Select all {about} that match</Button> : null}
            <Button kind="quiet" onClick={onClear}>Clear selection</Button>
          </>
        )
        : (
          <>
            <span>
              {WORDS[progress.action].done}: <span class="number">{count(handled(progress.outcome))}</span>
              {progress.of > 0
                ? (
                  <>
                    of <span class="number">{count(progress.of)}</span>
                  </>
                )
                : null}
            </span>
            <progress
              aria-label={WORDS[progress.action].done}
              value={progress.of > 0 ? handled(progress.outcome) : undefined}
              max={progress.of > 0 ? progress.of : undefined}
            />
            <Button onClick={() => void (stopped.current = true)}>Stop</Button>
          </>
        )}
    </div>
  );
}
