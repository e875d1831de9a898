/**
 * Why a run waits, and what to do about it; gone as soon as it does not wait.
 *
 * @module
 */

import { isFinal, type StateType } from "../../../domain/state_types.ts";
import type { Waiting } from "../../../domain/waiting_reasons.ts";
import { api } from "../../api.ts";
import { isAboutRun } from "../../live/use_deleted.ts";
import { type Live, useLive } from "../../live/use_live.ts";
import { Copy } from "../controls.tsx";
import { Icon, Time } from "../text.tsx";

/** Reasons that other runs' ends may change. */
const OF_OTHERS = ["limit", "late", "start"];
/** Somebody has to do something. */
const BAD = ["late", "no_agent", "labels", "runner", "engine_away", "agent_lost"];

/** See the module's comment. */
export function WaitingNote({ flowRunId: id, state }: { flowRunId: string; state: StateType | null }) {
  const { data }: Live<{ waiting: Waiting | null }> = useLive<{ waiting: Waiting | null }>(
    isFinal(state) ? undefined : `waiting ${id}`,
    async (signal) => ({ waiting: await api.flowRuns.waiting(id, signal) }),
    (change): boolean =>
      change.kind === "agent" ||
      isAboutRun(change, id) ||
      (change.kind === "flow_run" && change.id !== id && OF_OTHERS.includes(data?.waiting?.reason ?? "")) ||
      // How far a pull is.
      (change.kind === "logs" && change.flow_run_id === id && state === "PENDING"),
  );
  const waiting = isFinal(state) ? null : data?.waiting ?? null;
  return (
    <div aria-live="polite">
      {waiting === null
        ? null
        : (
          <div class={`waiting${BAD.includes(waiting.reason) ? " waiting-bad" : ""}`} data-reason={waiting.reason}>
            <Icon name={BAD.includes(waiting.reason) ? "warning" : "clock"} size={18} />
            <div>
              <p class="waiting-message">
                {waiting.message}
                {waiting.at === null ? null : (
                  <span class="quiet">
                    · <Time at={waiting.at} />
                  </span>
                )}
              </p>
              {waiting.hint === null ? null : <p class="quiet">{waiting.hint}</p>}
              {waiting.command === null ? null : <Copy text={waiting.command} />}
            </div>
          </div>
        )}
    </div>
  );
}
